"""What `check --online` finds and a source that fails are told in the language of the workspace."""

from pathlib import Path

import pytest

from command_kit import Shell
from workspace_kit import HEAD

CONFIG = (
    HEAD.replace("okrs.xlsx", "okrs.csv")
    + """\
language: zh-TW
measures:
  visits:
    from: files.rows
    path: visits.csv
    value: count(*)
objectives: {O1: {title: A, key_results: {KR1: {title: B, target: 6, measure: visits}}}}
"""
)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    (tmp_path / "okrsync.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "visits.csv").write_text("partner\nDahe\n", "utf-8")
    shell = Shell(tmp_path, capsys, monkeypatch)
    assert shell.run("init", ".", "--sheet").code == 0
    return shell


def test_check_online(shell: Shell) -> None:
    told = shell.run("check", "--online").out
    assert "visits = 1  (files.rows, 1 列: visits.csv)" in told
    assert "標題列在第 1 列：KR 編號" in told


def test_a_source_that_fails(shell: Shell) -> None:
    Path("visits.csv").unlink()
    for asked in (("check", "--online"), ("dry-run",), ("explain", "KR1")):
        done = shell.run(*asked)
        assert "資料來源讀取失敗。" in done.out + done.err
        assert "were left as they were" not in done.out + done.err


def test_a_day_that_the_ledger_does_not_know_is_no_fault_of_the_ledger(shell: Shell) -> None:
    assert shell.run("explain", "KR1", "--at", "2026-10-05").err.startswith("無法完成。")


def test_a_report_of_an_unknown_kind_is_refused(shell: Shell) -> None:
    done = shell.run("report", "--out", "okr.pdf")
    assert done.code == 2
    assert "no report ends in .pdf" in done.err.replace("\n", " ")
    assert not Path("okr.pdf").exists()
    assert shell.run("report", "--out", "okr.pdf", "--format", "markdown").code == 0
