"""What `check --online` finds and a source that fails are told in the language of the workspace."""

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from command_kit import Shell
from golden_files import check_golden
from syncer.commands import run
from syncer.i18n import VARIABLE
from syncer.present.faults import Fault
from syncer.run.workspace import Opened
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
    output = shell.run("check", "--online").out
    assert "visits（okrsync.yaml:7） = 1（files.rows，1 列：visits.csv）" in output
    assert "標題列在第 1 列：KR 編號" in output


def test_a_source_that_fails(shell: Shell) -> None:
    Path("visits.csv").unlink()
    for asked in (("check", "--online"), ("dry-run",), ("explain", "KR1")):
        done = shell.run(*asked)
        assert "來源系統讀取失敗。" in done.out + done.err
        assert "were left as they were" not in done.out + done.err


NO_SOURCE = "來源系統讀取失敗。"
NO_LEDGER = "同步紀錄無法讀取或寫入。"
NO_LOSS = "請把該檔案移開後再執行，會產生新檔。遺失同步紀錄只會失去歷史，不會影響正確性。"


def test_a_broken_ledger(shell: Shell) -> None:
    ledger = Path(".okrsync/ledger.db")
    ledger.parent.mkdir(exist_ok=True)
    ledger.write_text("no database " * 100, "utf-8")
    for asked in (("status",), ("dry-run",), ("lint",), ("history",)):
        done = shell.run(*asked)
        output = done.out + done.err
        assert NO_LEDGER in output, asked
        assert NO_LOSS in output, asked
        assert "A lost ledger" not in output, asked


def test_a_sheet_that_lint_cannot_read(shell: Shell) -> None:
    Path("okrs.csv").unlink()
    assert "OKR 試算表無法依變更計畫讀取或寫入。" in shell.run("lint").out


def test_a_workspace_that_is_missing_from_a_report_of_several(shell: Shell) -> None:
    Path("other.yaml").write_text(CONFIG.replace("okrs.csv", "nowhere.csv"), "utf-8")
    for paths in (("okrsync.yaml", "other.yaml"), ("other.yaml", "okrsync.yaml")):
        done = shell.run("report", *paths)
        assert done.code == 4
        assert "OKR 試算表無法依變更計畫讀取或寫入。" in done.err
        assert "OKR 試算表無法依變更計畫讀取或寫入。" in done.out


def test_rows_of_a_past_day_that_cannot_be_had_again(shell: Shell) -> None:
    assert shell.run("sync").code == 0
    with sqlite3.connect(".okrsync/ledger.db") as ledger:
        ledger.execute("UPDATE measure_values SET key_list = NULL, counted_list = NULL, row_list = NULL")
    Path("visits.csv").unlink()
    output = shell.run("explain", "KR1", "--at", "2026-11-16").out.splitlines()
    after = output.index("  未保留當天的資料列") + 1
    assert output[after + 1] == f"    {NO_SOURCE}"
    assert not output[after + 3].isascii()


def test_the_alert(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    alerts: list[list[str]] = []

    def keep(synced: Sequence[tuple[Opened, Sequence[Fault], bool]]) -> None:
        for _, faults, finished in synced:
            alerts.append([str(finished), *(fault.text for fault in faults)])

    monkeypatch.setattr(run, "send_alerts", keep)
    Path("visits.csv").unlink()
    shell.run("sync")
    Path("okrs.csv").unlink()
    shell.run("sync")
    (first, unread), (second, unwritten) = alerts
    assert (first, second) == ("True", "False")
    assert unread.startswith(NO_SOURCE)
    assert unwritten.startswith("OKR 試算表無法依變更計畫讀取或寫入。")


def test_the_runs(shell: Shell) -> None:
    for command in ("sync", "sync", "undo"):
        shell.run(command)
    output = [line.split(maxsplit=1)[1] for line in shell.run("history").out.splitlines()]
    assert output == [
        "復原  完成        2026-11-16 09:30  10 項變更",
        "同步  完成        2026-11-16 09:30  1 項不變",
        "同步  完成        2026-11-16 09:30  1 項變更",
    ]


def test_a_day_that_the_ledger_does_not_know_is_no_fault_of_the_ledger(shell: Shell) -> None:
    assert shell.run("explain", "KR1", "--at", "2026-10-05").err.startswith("無法完成。")


def test_a_report_of_an_unknown_kind_is_refused(shell: Shell) -> None:
    done = shell.run("report", "--out", "okr.pdf")
    assert done.code == 2
    assert "a report cannot end in .pdf" in done.err.replace("\n", " ")
    assert not Path("okr.pdf").exists()
    assert shell.run("report", "--out", "okr.pdf", "--format", "markdown").code == 0


FAULTY = """\
cycle: 2026-Q5
timezone: Asia/Taipeh
language: zh-TW
okr_sheet: {file: okrs.docx}
connections:
  jira: {type: jira, url: jira.example.com, token: abc}
measures:
  bugs: {from: jira.issues, jqll: project = CORE, value: count(*)}
  visits: {from: files.rows, path: visits.csv, value: sum(amount}
  calls: {from: files.rows, value: avg('a')}
  hours: {from: file.rows, path: hours.csv, value: now()}
objectives:
  O1:
    title: 讓客戶信賴我們的服務
    aligns_to: O2
    key_results:
      KR1: {title: 回訪, target: 5, baseline: 5, measure: visit}
      KR2: {title: 通話, target: 5, min: 3, due: 2027-02-30, measure: calls}
      KR1: {title: 重複}
"""


FORM = {
    "Q5": "Q4",
    "Taipeh": "Taipei",
    "jira.example.com": "https://jira.example.com",
    "token: abc": "token: $JIRA_TOKEN",
    "jqll": "jql",
    "2027-02-30": "2026-12-20",
}
"""What is wrong in the form of `FAULTY`, and right: only then is the rest looked at."""


def test_a_config_with_many_faults(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(FAULTY, "utf-8")
    first = shell.output_of(["check"])
    well_formed = FAULTY.replace("      KR1: {title: 重複}\n", "")
    for wrong, right in FORM.items():
        well_formed = well_formed.replace(wrong, right)
    Path("okrsync.yaml").write_text(well_formed, "utf-8")
    check_golden("errors_config.zh-TW.txt", first + shell.output_of(["check"]))


def test_everything_about_a_source_that_fails(shell: Shell) -> None:
    Path("visits.csv").rename("visit.csv")
    asked = (["check", "--online"], ["dry-run"], ["explain", "KR1"], ["status", "--plain"])
    check_golden("errors_source.zh-TW.txt", "".join(shell.output_of(arguments) for arguments in asked))


def test_messages_before_a_workspace_is_read(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = ("check", "-c", "nowhere.yaml")
    assert "there is no such file" in shell.run(*missing).err
    monkeypatch.delenv(VARIABLE)
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "zh_TW.UTF-8")
    assert "沒有這個檔案" in shell.run(*missing).err
    monkeypatch.setenv(VARIABLE, "en")
    assert "there is no such file" in shell.run(*missing).err


def test_init_speaks_the_language_it_is_asked_for(shell: Shell) -> None:
    output = shell.run("init", "new", "--language", "zh-TW", "--template", "sale").err
    assert "選擇範本「sale」：沒有這個名稱的範本；是不是要寫「sales」？" in output


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (("status", "--nope"), "錯誤：沒有 --nope 這個選項"),
        (("status", "--format", "yaml"), "錯誤：--format 不正確：「yaml」不是 text、json、markdown 其中之一"),
        (("nope",), "錯誤：沒有 nope 這個指令"),
        (("explain",), "錯誤：少了 ID"),
        (("backfill", "KR1"), "錯誤：少了 --from"),
        (("explain", "KR1", "--at", "2026"), "錯誤：--at 不正確：「2026」不是日期；請寫成 2026-11-16"),
        (("status", "x"), "錯誤：多餘的參數：x"),
        (("status", "--format"), "錯誤：--format 需要值"),
        (("schedule", "print"), "錯誤：少了 kind，可用的是 cron、systemd、github-actions、kubernetes"),
        (("close", "--decide", "KR1"), "錯誤：「KR1」不是決定；請寫 KR1=continue、KR1=abandon 或 KR1=complete"),
        (("check", "-c", "a", "-c", "b"), "錯誤：--config / -c 不正確：只能有一份設定檔；"),
    ],
)
def test_a_wrong_command_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], output: str
) -> None:
    monkeypatch.setenv(VARIABLE, "zh-TW")
    done = shell.run(*arguments)
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith(output)


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (("status", "--format", "yaml"), "Error: --format is not valid: 'yaml' is not one of text, json, markdown"),
        (("explain", "KR1", "--at", "2026"), "Error: --at is not valid: '2026' is not a date; write it as 2026-11-16"),
        (("status", "x"), "Error: unexpected: x"),
    ],
)
def test_a_wrong_command_line_in_english(shell: Shell, arguments: tuple[str, ...], output: str) -> None:
    done = shell.run(*arguments)
    assert (done.code, done.err.splitlines()[-1]) == (2, output)


def test_a_plan_file_that_does_not_exist(shell: Shell) -> None:
    done = shell.run("sync", "--plan", "none.json")
    assert done.code == 1
    assert done.err.startswith("無法完成。\n  讀取變更計畫 none.json：沒有這個檔案\n未寫入任何資料。\n")


def test_help_names_types_for_people(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = [("report",), ("fleet", "pause"), ("backfill",), ("sandbox",), ("schedule", "print"), ("history",)]
    english = "".join(shell.run(*command, "-h").out for command in commands)
    assert not re.search(r"<(str|int|float|list)|%Y|\[\[|\{[A-Z]", english)
    assert "Usage: okrsync report [OPTIONS] [CONFIG]...\n" in english
    assert "Usage: okrsync fleet pause [OPTIONS] WORKSPACE...\n" in english
    monkeypatch.setenv(VARIABLE, "zh-TW")
    chinese = [shell.run(*command, "-h").out for command in commands]
    assert all(text.startswith("用法：okrsync ") for text in chinese)
    assert not re.search(r"<(text|path|number)>|OPTIONS|Example", "".join(chinese))


def test_help(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    english = {command: shell.run(*command, "-h").out for command in ((), ("close",), ("schedule",))}
    assert all(text.isascii() for text in english.values())
    monkeypatch.setenv(VARIABLE, "zh-TW")
    output = "".join(shell.output_of([*command, "-h"]) for command in english)
    check_golden("help.zh-TW.txt", output)
