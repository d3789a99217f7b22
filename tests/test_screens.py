"""`explain`, `history` and `status` in a terminal: they fit each width, break no word, and say all without colour."""

import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from command_kit import Shell
from golden_files import check_golden

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: LANGUAGE
okr_sheet: {file: okrs.csv}
numbers: {large: 萬}
retention: {rows: 30}
objectives:
  O1:
    title: 讓企業客戶願意和我們長期合作，並樂於把我們推薦給他們的合作夥伴
    key_results:
      KR1:
        title: 九成民眾在 20 分鐘內完成掛號，涵蓋所有縣市與兩種語言的介面
        baseline: 0
        target: 9
        unit: 家
        measure: {from: files.rows, path: rows.csv, value: count(*) filter (state = 'done')}
      KR2:
        title: Customers and revenue from companies that have never bought from us before
        parts:
          - {measure: {from: files.rows, path: rows.csv, value: count(*)}, target: 10, unit: 家}
          - {measure: {from: files.rows, path: rows.csv, value: sum(amount)}, target: 1000000, unit: 元}
      KR3:
        title: A file that is not there
        target: 5
        measure: {from: files.rows, path: none.csv, value: count(*)}
"""
WIDTHS = (60, 80, 100, 160)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(params=["en", "zh-TW"])
def language(request: pytest.FixtureRequest, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace with two days of values, and a terminal."""
    Path("okrsync.yaml").write_text(CONFIG.replace("LANGUAGE", request.param), "utf-8")
    Path("okrs.csv").write_text("KR id,Key result,Current value,Progress,Note\nKR1,,,,設備下週到\nKR2\nKR3\n", "utf-8")
    for day, done in ((9, 3), (16, 5)):
        states = ["done"] * done + ["open"] * (8 - done)
        rows = [
            f"{town},{state},{n}50000"
            for n, (town, state) in enumerate(zip("台中彰化雲林嘉義", states, strict=True), 1)
        ]
        Path("rows.csv").write_text("\n".join(["town,state,amount", *rows, ""]), "utf-8")
        shell.at(f"2026-11-{day:02}T09:30:00+08:00")
        shell.run("sync", "--adopt")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: stream is sys.stdout)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return str(request.param)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explain", ("explain", "KR1")),
        ("explain_parts", ("explain", "KR2")),
        ("explain_objective", ("explain", "O1")),
        ("explain_past", ("explain", "KR1", "--at", "2026-11-09")),
        ("history", ("history", "KR1")),
        ("status", ("status",)),
    ],
)
def test_each_screen_at_each_width(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, language: str, name: str, arguments: tuple[str, ...]
) -> None:
    pages = []
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(width))
        coloured = shell.run(*arguments).out
        page = ESCAPE.sub("", coloured)
        assert page != coloured
        assert max(map(cell_len, page.splitlines())) <= width
        pages.append(f"== {width}\n{re.sub(r'[0-9]{8}T[0-9]{6}-[0-9a-f]{6}', 'RUN', page)}")
    check_golden(f"screen_{name}.{language}.txt", "\n".join(pages))
    monkeypatch.setenv("NO_COLOR", "1")
    assert shell.run(*arguments).out == page


def test_plain_is_what_a_pipe_gets(shell: Shell, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    every = (("explain", "KR1"), ("explain", "O1"), ("history", "KR1"), ("history",), ("status",))
    plain = [shell.run(*arguments, "--plain").out for arguments in every]
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _stream: False)
    assert [shell.run(*arguments).out for arguments in every] == plain
    assert language
