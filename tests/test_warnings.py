"""What a run warns of: a workbook that a sync would not write, and a clock that went back."""

from pathlib import Path

import pytest

from command_kit import Shell

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: LANGUAGE
okr_sheet: {file: okrs.xlsx}
objectives:
  O1:
    title: A
    key_results:
      KR1: {title: B, baseline: 0, target: 4, measure: {from: files.rows, path: rows.csv, value: count(*)}}
"""
READ_ONLY = {"en": ("it is read-only", "chmod u+w okrs.xlsx"), "zh-TW": ("檔案為唯讀", "chmod u+w okrs.xlsx")}
OPEN = {"en": ("it is open in another program", "delete"), "zh-TW": ("其他程式", "請刪除")}


@pytest.fixture(params=["en", "zh-TW"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def workspace(shell: Shell, language: str) -> Shell:
    """A workbook with a sync behind it, and something new to write."""
    Path("okrsync.yaml").write_text(CONFIG.replace("LANGUAGE", language), "utf-8")
    Path("rows.csv").write_text("a\n1\n", "utf-8")
    assert shell.run("init", "--sheet", ".").code == 0
    assert shell.run("sync", "--adopt").code == 0
    Path("rows.csv").write_text("a\n1\n2\n", "utf-8")
    return shell


@pytest.mark.parametrize("marker", ["~$okrs.xlsx", ".~lock.okrs.xlsx#"])
def test_a_workbook_open_elsewhere_is_reported_before_a_sync_refuses_it(
    workspace: Shell, language: str, marker: str
) -> None:
    before = Path("okrs.xlsx").read_bytes()
    Path(marker).touch()
    look = workspace.run("dry-run")
    assert look.code == 0
    for done in (look, workspace.run("sync")):
        assert all(words in done.err for words in (*OPEN[language], marker))
    assert done.code == 1
    assert Path("okrs.xlsx").read_bytes() == before
    Path(marker).unlink()
    assert workspace.run("dry-run").err == ""
    assert workspace.run("sync").code == 0


def test_a_read_only_workbook_is_not_replaced(workspace: Shell, language: str) -> None:
    before = Path("okrs.xlsx").read_bytes()
    Path("okrs.xlsx").chmod(0o444)
    look = workspace.run("dry-run")
    assert look.code == 0
    for done in (look, workspace.run("sync")):
        assert all(words in done.err for words in READ_ONLY[language])
    assert done.code == 1
    assert Path("okrs.xlsx").read_bytes() == before
    assert Path("okrs.xlsx").stat().st_mode & 0o777 == 0o444
    Path("okrs.xlsx").chmod(0o644)
    assert workspace.run("sync").code == 0


def test_a_clock_that_went_back_is_reported_once_a_run(workspace: Shell, language: str) -> None:
    words = {"en": "but the last run was at 2026-11-16 09:30", "zh-TW": "早於上次執行的 2026-11-16 09:30"}[language]
    workspace.at("2026-11-16T09:29:30+08:00")  # the clocks of two machines may be that far apart
    assert words not in workspace.run("dry-run").err
    workspace.at("2026-10-20T08:00:00+08:00")
    for command in ("dry-run", "status", "sync"):
        done = workspace.run(command)
        assert done.code == 0
        assert done.err.count(words) == 1
        assert "2026-10-20 08:00" in done.err
    assert workspace.run("dry-run").err == ""


def test_the_day_of_a_look_back_is_no_clock_that_went_back(workspace: Shell) -> None:
    assert "2026-11-16 09:30" not in workspace.run("dry-run", "--as-of", "2026-11-02", "--fail-on", "error").err
