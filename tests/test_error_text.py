"""Errors in the workspace's language: what it comes to, the facts, what it means for the data, what to do."""

import pytest

from command_kit import Shell
from config.errors import AuthError, ConfigError, LedgerError, OkrsyncError, Problem, SheetError, SourceError
from config.message import Message
from syncer.present.error_text import error_text
from syncer.run.run_records import unrecorded

NO_TAB = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet: {{file: missing.csv}}
objectives:
  O1:
    title: 讓客戶信賴我們的服務
    key_results:
      KR1: {{title: Bug 少於 5 個, target: 5, baseline: 20}}
"""


@pytest.mark.parametrize(
    ("error", "summary"),
    [
        (OkrsyncError("doing", "seen"), "無法完成。"),
        (AuthError("doing", "seen"), "服務拒絕了認證資訊。"),
        (SourceError("doing", "seen"), "來源系統讀取失敗。"),
        (SheetError("doing", "seen"), "OKR 試算表無法依變更計畫讀取或寫入。"),
        (LedgerError("doing", "seen"), "同步紀錄無法讀取或寫入。"),
    ],
)
def test_the_summary_says_what_kind_of_fault_it_is(error: OkrsyncError, summary: str) -> None:
    assert error_text(error, "zh-TW").splitlines() == [summary, "  doing：seen"]
    assert error_text(error, "en") == str(error) == "doing: seen."


def test_a_ledger_that_fails_after_the_write_says_so_in_chinese_too() -> None:
    error = unrecorded(LedgerError("recording", "no space"), "RUN", 3)
    assert error_text(error, "zh-TW").splitlines()[2] == (
        "在那之前試算表已寫入並驗證（3 格）；只是紀錄缺少執行 RUN，期末預測與 `history` 不會包含它。下次執行照常進行。"
    )


def test_a_list_of_problems_keeps_where_they_stand() -> None:
    error = ConfigError([Problem("okrsync.yaml", 3, "cycle", Message("is empty")), Problem("b.yaml", 0, "", "odd")])
    assert error_text(error, "en") == str(error)
    assert error_text(error, "zh-TW").splitlines() == [
        "b.yaml：1 個問題",
        "  檔案      odd",
        "okrsync.yaml：1 個問題",
        "  第 3 行   cycle  是空的",
        "未讀取也未寫入任何資料。",
    ]


def test_a_command_fails_in_the_language_of_its_workspace(shell: Shell) -> None:
    output = {}
    for language in ("zh-TW", "en"):
        (shell.folder / "okrsync.yaml").write_text(NO_TAB.format(language=language), "utf-8")
        done = shell.run("status")
        assert done.code == 1
        output[language] = done.err.splitlines()
    assert output["zh-TW"][0] == "OKR 試算表無法依變更計畫讀取或寫入。"
    assert output["zh-TW"][-1] not in output["en"]
    assert shell.run("check", "-c", "nowhere.yaml").err.isascii()  # a config that was never read has no language
