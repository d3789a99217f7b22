"""Past days computed again: backfill, and a dry run as of a day."""

from pathlib import Path

import pytest

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from past_kit import make_workspace, sheet


@pytest.fixture
def workspace(shell: Shell, tmp_path: Path) -> Shell:
    make_workspace(tmp_path)
    return shell


def test_days_are_filled_around_what_runs_recorded(workspace: Shell) -> None:
    for day in ("2026-11-03", "2026-11-10"):
        workspace.at(f"{day}T09:30:00+08:00")
        assert VERIFIED in workspace.run("sync").out
    before = sheet(workspace.folder)
    done = workspace.run("backfill", "KR1", "--from", "2026-11-01")
    assert done.code == 0, done.err
    assert "2026-11-01       5%" in done.out
    assert "2026-11-03" not in done.out
    assert "8 days computed again and recorded as backfilled; 1 kept as runs recorded them." in done.out
    assert sheet(workspace.folder) == before
    history = workspace.run("history", "KR1").out
    assert history.count("(backfilled)") == 8
    assert "2026-11-03               3      15%  off track\n" in history
    assert "through 10 days" in history
    past = workspace.run("explain", "KR1", "--at", "2026-11-05").out
    assert "computed later, by a query about the past" in past
    assert "progress  25%" in past
    assert "1 issue" not in workspace.run("dry-run").out
    assert "backfill" in workspace.run("history").out


def test_the_last_run_and_its_check_ins_are_not_hidden_by_a_backfill(workspace: Shell) -> None:
    workspace.at("2026-11-10T09:30:00+08:00")
    workspace.run("sync")
    workspace.run("backfill", "KR1", "--from", "2026-11-08", "--to", "2026-11-09")
    assert "current value  2\n" in workspace.run("explain", "KR2", "--at", "2026-11-10").out
    assert f"{VERIFIED}: 1 cell," in workspace.run("sync").out
    assert sheet(workspace.folder)["KR1"]["Forecast"] == "61"
    assert NOTHING_TO_WRITE in workspace.run("sync").out


def test_a_backfilled_day_has_its_rows_and_says_what_changed(workspace: Shell) -> None:
    config = workspace.folder / "okrsync.yaml"
    config.write_text(config.read_text("utf-8") + "retention: {rows: 10}\n", "utf-8")
    workspace.run("backfill", "KR1", "--from", "2026-11-03", "--to", "2026-11-10")
    for day in (4, 10):
        (workspace.folder / f"days/2026-11-{day:02}.csv").unlink()
    past = workspace.run("explain", "KR1", "--at", "2026-11-10", "--rows", "all").out
    assert "computed later, by a query about the past" in past
    assert "measure  done (files.rows, okrsync.yaml:" in past
    assert ")\n  query  days/2026-11-10" in past
    assert (past.count("state=done"), past.count("state=open")) == (10, 20)
    assert "  = 10\n" in past
    older = workspace.run("explain", "KR1", "--at", "2026-11-04").out
    assert "  = 4\n" in older
    assert "state=" not in older  # ten days old
    history = workspace.run("history").out
    assert (history.count("\n"), history.count("backfill ")) == (1, 1)


def test_a_threshold_over_weeks_sees_the_days_filled_before(workspace: Shell) -> None:
    config = workspace.folder / "okrsync.yaml"
    over = "kind: at_least\n        over: {each: week}\n        target: 9"
    config.write_text(config.read_text("utf-8").replace("target: 20", over), "utf-8")
    out = workspace.run("backfill", "KR1", "--from", "2026-11-05", "--to", "2026-11-15").out
    assert "2026-11-08       0%" in out
    assert "2026-11-09      50%" in out  # the week to the 8th did not hold, this one does


def test_a_day_that_cannot_be_read_is_unknown_and_makes_exit_4(workspace: Shell) -> None:
    (workspace.folder / "days/2026-11-02.csv").unlink()
    workspace.at("2026-11-04T09:30:00+08:00")
    done = workspace.run("backfill", "KR1", "--from", "2026-11-01", "--to", "2026-11-02")
    assert done.code == 4
    assert "2026-11-02        –" in done.out
    assert "2026-11-01       5%" in done.out


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("KR2", "--from", "2026-11-01"), "the query of total (okrsync.yaml:18) does not contain {as_of}"),
        (("KR3", "--from", "2026-11-01"), "its value is typed in the sheet"),
        (("KR9", "--from", "2026-11-01"), "the config has no key result with that id; did you mean 'KR"),
        (("KR1", "--from", "2026-11-20"), "it is in the future: today is 2026-11-16"),
        (("KR1", "--from", "2026-11-10", "--to", "2026-11-09"), "2026-11-10 is after 2026-11-09"),
    ],
)
def test_what_cannot_be_put_in_the_past_is_refused(workspace: Shell, arguments: tuple[str, ...], printed: str) -> None:
    done = workspace.run("backfill", *arguments)
    assert done.code == 1
    assert printed in done.err
    assert workspace.run("history").out == "No run is recorded yet.\n"


def from_the_start(workspace: Shell, states: str) -> None:
    config = workspace.folder / "okrsync.yaml"
    text = config.read_text("utf-8").replace("target: 20", "baseline: {at: cycle.start}\n        target: 20")
    config.write_text(text, "utf-8")
    (workspace.folder / "days/2026-10-01.csv").write_text(f"key,state\n{states}", "utf-8")


def test_where_a_cycle_began_is_asked_for_as_of_then_and_kept(workspace: Shell) -> None:
    from_the_start(workspace, "T1,done\nT2,done\nT3,done\nT4,done\n")
    for command in ("status", "sync", "explain"):
        output = workspace.run(command, *(["KR1"] if command == "explain" else [])).out
        assert "75%" in output  # (16 - 4) / (20 - 4)
    assert "its baseline was asked for later, as of 2026-10-01" in output
    (workspace.folder / "days/2026-10-01.csv").unlink()
    workspace.at("2026-11-17T09:30:00+08:00")
    workspace.run("sync")
    assert "(17 - 4) / (20 - 4)" in workspace.run("explain", "KR1").out
    assert workspace.run("history").out.count("\n") == 2
    assert "2026-10-01               4        –  (backfilled)" in workspace.run("history", "KR1").out


def test_a_start_that_cannot_be_had_is_the_first_value_a_run_records(workspace: Shell) -> None:
    from_the_start(workspace, "")
    (workspace.folder / "days/2026-10-01.csv").unlink()
    workspace.run("sync")
    workspace.at("2026-11-17T09:30:00+08:00")
    explained = workspace.run("explain", "KR1").out
    assert "(17 - 16) / (20 - 16)" in explained
    assert "asked for later" not in explained


def test_a_dry_run_as_of_a_day_reads_that_day_and_leaves_the_rest_unknown(workspace: Shell) -> None:
    workspace.run("sync")
    before = sheet(workspace.folder)
    done = workspace.run("dry-run", "--as-of", "2026-11-02")
    assert done.code == 4
    assert "day 33 of 92" in done.out
    assert "16 -> 2" in done.out
    assert "its query does not contain {as_of}" in done.out
    assert "typed by hand: past values are not known" in done.out
    assert "Nothing was written (dry run)." in done.out
    assert sheet(workspace.folder) == before
    assert workspace.run("history").out.count("\n") == 1


def test_a_plan_of_the_past_cannot_be_kept_for_sync(workspace: Shell) -> None:
    assert workspace.run("dry-run", "--as-of", "2026-11-02", "--out", "plan.json").code == 2
    assert workspace.run("dry-run", "--as-of", "2026-12-02").code == 1
    assert not (workspace.folder / "plan.json").exists()
