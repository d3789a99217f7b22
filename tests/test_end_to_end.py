"""Whole runs through the command line, the vendor libraries and real sockets."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from config.errors import LedgerError
from connectors.sandbox.google_sheets.book import GridTab, enter
from connectors.sandbox.google_sheets.formulas import Shown
from demo_kit import close_issue, demo_workspace, sheets_of
from golden_files import check_golden
from sandbox_kit import Fault, Sandbox
from syncer.ledger.ledger import Ledger


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with demo_workspace(shell.folder) as running:
        yield running


def okrs(sandbox: Sandbox) -> GridTab:
    return sheets_of(sandbox).books["demo-okrs"].tabs[0]


def cells(sandbox: Sandbox, row: int) -> list[object]:
    """What was entered in a row of the OKR tab, counted from 1."""
    return [next(iter(okrs(sandbox).cell(row - 1, column).entered.values()), None) for column in range(14)]


def shown(sandbox: Sandbox) -> str:
    """The OKR tab as people see it: lookups evaluated."""
    book = sheets_of(sandbox).books["demo-okrs"]
    values, tab = Shown(book), okrs(sandbox)
    rows = [[next(iter(values.value(tab, row, column).values()), "") for column in range(14)] for row in range(1, 10)]
    return "".join(" | ".join(map(str, row)).rstrip(" |") + "\n" for row in rows)


def writes(sandbox: Sandbox) -> int:
    return sum(":batchUpdate" in entry.target for entry in sandbox.requests("sheets"))


def test_the_main_job(shell: Shell, sandbox: Sandbox) -> None:
    assert shell.run("check").code == 0
    assert shell.run("init", "--sheet", "--yes").code == 0
    dry = shell.output_of(["dry-run"])
    assert writes(sandbox) == 1
    check_golden("demo_dry_run.txt", dry)
    first = shell.output_of(["sync"])
    assert f"{VERIFIED}: 125 cells" in first
    second = shell.output_of(["sync"])
    assert NOTHING_TO_WRITE in second
    assert writes(sandbox) == 2
    check_golden("demo_sheet.txt", shown(sandbox))
    check_golden("demo_status.txt", shell.output_of(["status"]))
    check_golden("demo_status.md", shell.output_of(["report"]))
    check_golden("demo_explain.txt", shell.output_of(["explain", "KR1"]))
    check_golden("demo_explain_objective.txt", shell.output_of(["explain", "O2"]))
    check_golden("demo_close.txt", shell.output_of(["close"]))
    check_golden("demo_lint.txt", shell.output_of(["lint"]))


def test_another_machine_the_same_afternoon_finds_nothing_to_do(shell: Shell, sandbox: Sandbox) -> None:
    assert VERIFIED in shell.run("sync").out
    shutil.rmtree(".okrsync")
    shell.at("2026-11-16T17:45:00+08:00")
    done = shell.run("sync")
    assert NOTHING_TO_WRITE in done.out
    assert writes(sandbox) == 1


def test_one_read_and_one_write_for_the_okr_sheet(shell: Shell, sandbox: Sandbox) -> None:
    shell.run("sync")
    for key in ("CORE-42", "CORE-44", "CORE-46"):
        close_issue(sandbox, key)
    done = shell.run("sync", "--format", "json")
    data = json.loads(done.out)
    counts = {(entry["connection"], entry["kind"]): entry["requests"] for entry in data["requests"]}
    assert counts["google", "read"] == 1
    assert counts["google", "write"] == 1
    assert counts["google", "cells"] == 1
    assert counts["github", "counts"] + counts["github", "rows"] == 2
    assert counts["jira", "rows"] == 2
    assert data["written"] == 5


def test_a_dry_run_asks_for_the_read_only_scope_and_never_writes(shell: Shell, sandbox: Sandbox) -> None:
    shell.run("dry-run")
    tokens = [entry for entry in sandbox.requests("sheets") if entry.target == "/token"]
    assert tokens
    assert writes(sandbox) == 0
    assert not Path(".okrsync").exists()


def test_a_reviewed_plan_is_applied_exactly_or_refused(shell: Shell, sandbox: Sandbox) -> None:
    shell.run("dry-run", "--out", "plan.json")
    close_issue(sandbox, "CORE-42")
    refused = shell.run("sync", "--plan", "plan.json")
    assert refused.code == 1
    assert "the data changed" in refused.err
    shell.run("dry-run", "--out", "plan.json")
    enter(okrs(sandbox), 2, 0, "KR1x")
    assert "the data changed" in shell.run("sync", "--plan", "plan.json").err
    enter(okrs(sandbox), 2, 0, "KR1")
    config = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(config + "retention:\n  rows: 5\n", "utf-8")
    assert "the data changed" in shell.run("sync", "--plan", "plan.json").err
    Path("okrsync.yaml").write_text(config, "utf-8")
    assert writes(sandbox) == 0
    shell.at("2026-11-17T08:00:00+08:00")
    assert f"{VERIFIED}: 152 cells" in shell.run("sync", "--plan", "plan.json").out


def test_undo_puts_back_what_nobody_edited(shell: Shell, sandbox: Sandbox) -> None:
    shell.run("init", "--sheet", "--yes")
    shell.run("sync")
    before = shown(sandbox)
    close_issue(sandbox, "CORE-42")
    shell.run("sync")
    assert shown(sandbox) != before
    undone = shell.run("undo")
    assert undone.code == 0, undone.out
    assert shown(sandbox) == before


def test_a_guard_refuses_and_force_lifts_it(shell: Shell, sandbox: Sandbox) -> None:
    shell.run("sync")
    text = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(text.replace("type = Bug", "type = Bug AND status = Done"), "utf-8")
    close_issue(sandbox, "CORE-42")
    Path("okrsync.yaml").write_text(text.replace("type = Bug", "type = Bug AND status != Done"), "utf-8")
    refused = shell.run("sync")
    assert refused.code == 1
    assert "KR1 would go 70% -> 0% (limit 25% at once: safety.max_drop)" in refused.err
    assert "okrsync sync --force" in refused.err
    english = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(english.replace("language: en", "language: zh-TW"), "utf-8")
    output = shell.run("sync").err
    assert output.startswith("拒絕寫入這份變更計畫：\n  - KR1 將從 70% 變為 0%（單次上限 25%：safety.max_drop）\n")
    assert "\n未寫入任何資料。若變動無誤，請執行 `okrsync sync --force`，" in output
    refusals = json.loads(shell.run("dry-run", "--format", "json").out)["refusals"]
    assert "KR1 would go 70% -> 0% (limit 25% at once: safety.max_drop)" in [refusal["text"] for refusal in refusals]
    Path("okrsync.yaml").write_text(english, "utf-8")
    assert writes(sandbox) == 1
    forced = shell.run("sync", "--force")
    assert "Guards were lifted (--force)." in forced.out
    assert writes(sandbox) == 2


def test_a_write_whose_answer_is_lost_is_read_again_and_not_sent_twice(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault("sheets", match=":batchUpdate", status=200, body=b"{", cut=1, after=True))
    done = shell.run("sync")
    assert done.code in (0, 4), done.err
    assert writes(sandbox) == 1
    assert NOTHING_TO_WRITE in shell.run("sync").out


def test_hand_edits_survive(shell: Shell, sandbox: Sandbox) -> None:
    shell.run("sync")
    enter(okrs(sandbox), 2, 6, 0.99)
    close_issue(sandbox, "CORE-42")
    done = shell.run("sync")
    assert done.code == 4
    assert "kept Current value '99%'" in done.out
    assert cells(sandbox, 3)[6] == 0.99
    taken = shell.run("sync", "--overwrite", "KR1")
    assert "kept Current value" not in taken.out
    assert shown(sandbox).splitlines()[1].split(" | ")[6] == "0.8"


def test_the_ledger_answers_for_the_past(shell: Shell, sandbox: Sandbox) -> None:
    shell.run("sync")
    shell.at("2026-11-20T08:00:00+08:00")
    close_issue(sandbox, "CORE-42")
    shell.run("sync")
    history = shell.run("history", "KR1").out
    assert re.search(r"2026-11-16 +75% +70%", history)
    assert re.search(r"2026-11-20 +80% +80%", history)
    assert "1 issue done (CORE-42)" in history
    past = shell.run("explain", "KR1", "--at", "2026-11-16").out
    assert "progress  70%" in past
    assert "rows   20, 15 of them count" in past
    runs = shell.run("history").out
    assert runs.count("sync") == 2
    assert "2026-11-20 08:00" in runs
    missing = shell.run("explain", "KR1", "--at", "2026-10-01")
    assert missing.code == 1
    assert "no value of that day" in missing.err


@pytest.mark.parametrize("step", ["record_values", "finish"])
def test_a_ledger_that_fails_after_the_write_says_that_the_sheet_was_written(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, step, full_disk)
        failed = shell.run("sync")
    assert failed.code == 1
    assert (
        "recording in the ledger: the disk is full. The sheet was written before that (152 cells, verified); "
        in failed.err
    )
    assert "is not affected" not in failed.err
    assert writes(sandbox) == 1
    assert NOTHING_TO_WRITE in shell.run("sync").out
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, step, full_disk)
        idle = shell.run("sync")
    assert "The sheet is not affected." in idle.err


def test_a_ledger_that_fails_does_not_hide_what_happened_to_the_sheet(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.faults.append(Fault("sheets", match=":batchUpdate", status=403, body=b"{}"))
    monkeypatch.setattr(Ledger, "finish", full_disk)
    failed = shell.run("sync")
    assert failed.code == 1
    assert "HTTP 403" in failed.err
    assert "disk is full" not in failed.err


def test_an_undo_that_cannot_be_recorded_says_that_the_sheet_was_written(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("sync")
    monkeypatch.setattr(Ledger, "finish", full_disk)
    failed = shell.run("undo")
    assert failed.code == 1
    assert "The sheet was written before that (102 cells, verified)" in failed.err
    assert writes(sandbox) == 2


def full_disk(*_arguments: object) -> None:
    raise LedgerError("recording in the ledger", "the disk is full", effect="The sheet is not affected.")


def test_only_what_opens_a_connection_needs_its_secret(shell: Shell, sandbox: Sandbox) -> None:
    text = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(text.replace("file:secrets/jira-token", "$NO_SUCH_TOKEN"), "utf-8")
    for command in ("schedule print cron", "history", "history KR1", "lint --offline", "sources -c okrsync.yaml"):
        done = shell.run(*command.split())
        assert done.code == 0, (command, done.err)
    assert "NO_SUCH_TOKEN" in shell.run("schedule", "print", "cron").out
    for command in ("check", "dry-run", "sync", "status", "explain KR1", "lint", "undo", "schedule run"):
        done = shell.run(*command.split())
        assert done.code == 1, command
        assert "the environment variable NO_SUCH_TOKEN is not set" in done.err
    assert not sandbox.requests("sheets")


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_demo_runs_in_both_languages(shell: Shell, language: str) -> None:
    done = shell.run("demo", "--language", language, "--port", "0")
    assert done.code == 0, done.err
    assert Path("okrsync-demo/sandbox.json").exists()
    assert oct(Path("okrsync-demo/secrets/jira-token").stat().st_mode)[-3:] == "600"
    again = shell.run("demo", "--language", language, "--port", "0")
    assert again.code == 1
    assert "the folder already holds a workspace" in again.err
