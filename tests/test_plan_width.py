"""The plan in a terminal: it fits the width, breaks no word, and says all without colour; a pipe depends on nothing."""

import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

from command_kit import Shell
from connectors.okr_sheet import CellValue
from golden_files import check_golden
from memory_sheet import MemorySheet
from syncer.model.plan import Plan
from syncer.present.plan_screen import plan_screen
from syncer.present.text_width import wrapped
from workspace_kit import HEAD, load, plan_of

CONFIG = """\
language: LANGUAGE
numbers: {large: 萬}
measures:
  demos: {from: files.rows, path: demos.csv, value: count(*)}
  revenue: {from: files.rows, path: demos.csv, value: sum(amount)}
  gone: {from: files.rows, path: gone.csv, value: count(*)}
objectives:
  O1:
    title: 讓企業客戶願意和我們長期合作，並樂於把我們推薦給他們的合作夥伴
    key_results:
      KR1:
        title: 完成 3 場產品展示會，並吸引 200 名潛在客戶留下聯絡資料
        target: 10
        unit: 場
        measure: demos
      KR2:
        title: Revenue of 500,000 from customers who have never bought from us before
        parts:
          - {measure: demos, target: 10, unit: 場}
          - {measure: revenue, target: 500000, unit: 元}
  O2:
    title: Nothing is lost
    key_results:
      KR3:
        title: A file that is not there
        target: 5
        measure: gone
      KR4:
        title: Done by hand
        baseline: 0
        target: 4
"""
ROWS: list[list[CellValue]] = [
    ["KR id", "Key result", "Current value", "Progress", "Status"],
    ["KR1", "完成 5 場產品展示會", Decimal(1), Decimal("0.1"), "off track"],
    ["KR2", None, "1; 150000", Decimal("0.2"), "off track"],
    ["KR3"],
    ["KR4", None, Decimal(4)],
]
WIDTHS = (60, 80, 100, 160)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(params=["en", "zh-TW"])
def plan(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Plan, str]:
    data = {"demos.csv": "amount\n150000\n250000\n12345\n"}
    config = load(tmp_path, HEAD + CONFIG.replace("LANGUAGE", request.param), data)
    return plan_of(config, MemorySheet({"OKRs": ROWS})), request.param


@pytest.mark.parametrize("width", WIDTHS)
def test_the_plan_at_each_width(plan: tuple[Plan, str], width: int) -> None:
    made, language = plan
    shown = plan_screen(made, language, "end", width, colour=False, following=[("okrsync sync", "writes this")])
    check_golden(f"plan_screen_{width}.{language}.txt", shown)
    assert max(map(cell_len, shown.splitlines())) <= width


def test_colour_adds_nothing_to_the_words(plan: tuple[Plan, str]) -> None:
    made, language = plan
    coloured = plan_screen(made, language, "end", 80, colour=True)
    bare = plan_screen(made, language, "end", 80, colour=False)
    assert ESCAPE.sub("", coloured) == bare
    assert "\x1b[" in coloured


def test_a_pipe_and_plain_get_the_same_text(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("okrsync.yaml").write_text(HEAD.replace("xlsx", "csv") + CONFIG.replace("LANGUAGE", "en"), "utf-8")
    Path("okrs.csv").write_text("KR id,Key result,Current value\nKR1,,\nKR2,,\nKR3,,\nKR4,,\n", "utf-8")
    Path("demos.csv").write_text("amount\n150000\n", "utf-8")
    piped = shell.run("dry-run").out
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: stream is sys.stdout)
    monkeypatch.setenv("COLUMNS", "70")
    assert shell.run("dry-run", "--plain").out == piped
    monkeypatch.setenv("NO_COLOR", "1")
    done = shell.run("dry-run")
    screen = done.out
    assert screen, done.err
    assert "\x1b" not in screen
    assert max(map(cell_len, screen.splitlines())) <= 70 < max(map(cell_len, piped.splitlines()))


@pytest.mark.parametrize(
    ("line", "width", "parts"),
    [
        ("    one  two three", 12, ["    one  two", "    three"]),
        ("  字字字字字字", 8, ["  字字字", "  字字字"]),
        ("  abcdefgh i", 5, ["  abcdefgh", "  i"]),
        ("short", 0, ["short"]),
        ("", 5, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("設備下週到", 4, ["設備", "下週", "到"]),
        ("a 設備下週到 b", 5, ["a 設", "備下", "週到", "b"]),
        ("設備（下週）到。", 6, ["設備", "（下", "週）", "到。"]),
    ],
)
def test_lines_break_at_spaces_and_keep_their_indent(line: str, width: int, parts: list[str]) -> None:
    assert wrapped([line], width) == parts
