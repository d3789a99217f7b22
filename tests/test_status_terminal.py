"""`okrsync status` in a terminal: as wide as it is, in colour where wanted, and never by colour alone."""

import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from command_kit import Shell

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: LANGUAGE
okr_sheet:
  file: okrs.csv
cycles:
  '2026':
    start: 2026-01-01
    end: 2026-12-31
kpis:
  health:
    title: 病患滿意度
    measure: {from: files.rows, path: rows.csv, value: count(*)}
    hold: at_least 90
objectives:
  C1:
    title: Everybody is near a doctor
    cycle: '2026'
    key_results:
      KR0:
        title: See 60 towns
        baseline: 0
        target: 60
        measure: {from: files.rows, path: rows.csv, value: count(*)}
  O1:
    title: 讓看診不用等
    key_results:
      KR1:
        title: 九成民眾在 20 分鐘內完成掛號，涵蓋所有縣市與兩種語言的介面
        baseline: 0
        target: 6
        unit: 家
      KR2:
        title: Win 3 reference clinics
        baseline: 0
        target: 3
      KR3:
        title: No broken export
        measure: {from: files.rows, path: none.csv, value: count(*)}
        target: 5
"""
SHEET = (
    "KR id,Current value,Status override,Override by,Override reason\nKR0\nKR1,2,on track,安,設備下週到\nKR2,2\nKR3\n"
)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(params=["en", "zh-TW"])
def terminal(request: pytest.FixtureRequest, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A workspace, and a terminal of 80 cells with colours."""
    override = "on track" if request.param == "en" else "如期進行"
    Path("okrsync.yaml").write_text(CONFIG.replace("LANGUAGE", request.param), "utf-8")
    Path("okrs.csv").write_text(SHEET.replace("on track", override), "utf-8")
    Path("rows.csv").write_text("a\n1\n2\n", "utf-8")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: stream is sys.stdout)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return shell


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(terminal: Shell, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = ESCAPE.sub("", terminal.run("status").out).splitlines()
    assert max(map(cell_len, lines)) <= width
    rows = lines[lines.index("") :]
    places = [cell_len(line[: found.start()]) for line in rows if (found := re.search("[█░·]{12}", line))]
    assert len(places) == (0 if width == 60 else 6)
    assert len(set(places)) <= 1


def test_figures_go_on_one_line_where_there_is_room(terminal: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = ESCAPE.sub("", terminal.run("status").out)
    monkeypatch.setenv("COLUMNS", "140")
    wide = ESCAPE.sub("", terminal.run("status").out)
    assert re.search(r"^       2 / 60( \(|（)", narrow, re.MULTILINE)
    assert re.search(r"^  KR0 .* 2 / 60( \(|（)", wide, re.MULTILINE)


def test_every_colour_has_a_sign_and_a_word(terminal: Shell) -> None:
    out = terminal.run("status").out
    coloured = [ESCAPE.sub("", line) for line in out.splitlines() if re.search(r"\x1b\[3[123]m", line)]
    assert len(coloured) >= 5
    words = "on track|off track|at risk|not met|如期進行|進度落後|有風險|未達標"
    assert all(re.search(rf"[●■▲] (\d )?({words})", text) for text in coloured), coloured


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_none_is_wanted(
    terminal: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    coloured = terminal.run("status").out
    monkeypatch.setenv(name, value)
    assert terminal.run("status").out == ESCAPE.sub("", coloured) != coloured


def test_plain_is_what_a_pipe_gets(terminal: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = terminal.run("status", "--plain").out
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _stream: False)
    assert terminal.run("status").out == plain
    assert "\x1b" not in plain


def test_the_sentences_stay(terminal: Shell) -> None:
    plain = terminal.run("status", "--plain").out
    screen = "".join(ESCAPE.sub("", terminal.run("status").out).split())
    for sentence in re.findall(r"^ {7}(.*)$", plain, re.MULTILINE):
        assert "".join(sentence.split()) in screen
    assert any(start in screen for start in ("files:readingnone.csv", "files：讀取none.csv"))
