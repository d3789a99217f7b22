"""A key result over time, its forecast, and the explanation of past days."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from command_kit import NOTHING_TO_WRITE, Shell
from past_kit import make_workspace, sheet
from syncer.ledger.tables import REVISIONS


@pytest.fixture
def workspace(shell: Shell, tmp_path: Path) -> Shell:
    make_workspace(tmp_path)
    return shell


def sync_on(workspace: Shell, *days: int) -> None:
    for day in days:
        workspace.at(f"2026-11-{day:02}T09:30:00+08:00")
        workspace.run("sync")


def test_a_forecast_needs_three_days_and_is_written_once_a_day(workspace: Shell) -> None:
    sync_on(workspace, 3, 3, 3, 4)
    assert sheet(workspace.folder)["KR1"]["Forecast"] == ""
    assert "none: it needs values on 3 different days of the cycle, there are 2" in workspace.run("history", "KR1").out
    sync_on(workspace, 5)
    assert sheet(workspace.folder)["KR1"]["Forecast"] == "61"
    assert "61 on 2026-12-31; target met 2026-11-20" in workspace.run("explain", "KR1").out
    assert "(expected 38%, forecast 61)" in workspace.run("status").out
    status = json.loads(workspace.run("status", "--format", "json").out)
    assert status["key_results"][0]["forecast"] == {"of": "value", "end_value": 61, "met_on": "2026-11-20", "days": 3}
    (workspace.folder / "days/2026-11-05.csv").write_text("key,state\nT1,done\n", "utf-8")
    workspace.run("sync", "--force")
    assert sheet(workspace.folder)["KR1"]["Current value"] == "1"
    assert sheet(workspace.folder)["KR1"]["Forecast"] == "61"
    sync_on(workspace, 6)
    assert sheet(workspace.folder)["KR1"]["Forecast"] != "61"


def test_a_lost_ledger_leaves_the_forecast_as_it_is(workspace: Shell) -> None:
    sync_on(workspace, 3, 4, 5)
    for file in (workspace.folder / ".okrsync").glob("ledger.db*"):
        file.unlink()
    assert NOTHING_TO_WRITE in workspace.run("sync").out
    assert sheet(workspace.folder)["KR1"]["Forecast"] == "61"


def test_history_tells_what_changed_from_day_to_day(workspace: Shell) -> None:
    sync_on(workspace, 3, 4, 4, 6)
    history = workspace.run("history", "KR1").out
    assert history.startswith("KR1  ▂▂▃\n")
    assert "2026-11-04               4      20%  off track\n            1 row done (T4)\n" in history
    assert "2026-11-06               6      30%  at risk\n            2 rows done (T5, T6)\n" in history


def test_an_id_that_nobody_knows_is_refused_and_one_without_a_value_is_not(workspace: Shell) -> None:
    assert workspace.run("history", "KR1").out == "The ledger has no value of KR1 yet.\n"
    assert workspace.run("history", "O1").code == 0
    stranger = workspace.run("history", "kr11")
    assert (stranger.code, stranger.out) == (1, "")
    assert "neither the config nor the ledger has that id; did you mean 'KR1'?" in stranger.err


def test_an_objective_of_a_past_day_can_be_added_up(workspace: Shell) -> None:
    sync_on(workspace, 3, 6)
    past = workspace.run("explain", "O1", "--at", "2026-11-04").out
    assert past == (
        "O1  2026-11-03  Things get done\n"
        "the key results of that day, with the weights that the config has today\n\n"
        "  KR1  15% × 1  Finish 20 things\n"
        "  KR2  5% × 1  Have 40 things\n"
        "  KR3  – × 1  Visit 6 partners\n\n"
        "weighted mean  10% (2 of 3 have data)\n"
        "status  off track (expected 36%, 2 of 3 off track)\n"
    )
    assert "no value of that day" in workspace.run("explain", "O1", "--at", "2026-11-02").err


def test_rows_are_kept_as_long_as_retention_says(workspace: Shell) -> None:
    config = workspace.folder / "okrsync.yaml"
    config.write_text(config.read_text("utf-8") + "retention:\n  rows: 5\n  ids: 5\n", "utf-8")
    sync_on(workspace, 3)
    (workspace.folder / "days/2026-11-03.csv").unlink()
    past = workspace.run("explain", "KR1", "--at", "2026-11-03").out
    assert re.findall(r"✓ key=(T\d+) state=done", past) == ["T1", "T2", "T3"]
    assert "now, not then" not in past
    sync_on(workspace, 9)
    past = workspace.run("explain", "KR1", "--at", "2026-11-03").out
    assert "the rows of that day are not kept" in past
    assert "✓" not in past


def test_rows_that_are_not_kept_are_asked_for_again_and_labelled(workspace: Shell) -> None:
    config = workspace.folder / "okrsync.yaml"
    config.write_text(config.read_text("utf-8") + "retention:\n  ids: 0\n", "utf-8")
    sync_on(workspace, 3, 5)
    (workspace.folder / "now.csv").write_text("key\nT1\nT2\nT3\n", "utf-8")
    total = workspace.run("explain", "KR2", "--at", "2026-11-04").out
    assert "KR2  2026-11-03" in total
    assert "the last value before the end of 2026-11-04" in total
    assert "rows   2\n" in total
    assert "the rows of that day are not kept\n  now, not then:\n" in total
    assert total.count("✓") == 3
    done = workspace.run("explain", "KR1", "--at", "2026-11-03").out
    assert "asked again as of then:" in done
    assert re.findall(r"✓ key=(T\d+) state=done", done) == ["T1", "T2", "T3"]


def test_an_older_ledger_does_not_keep_a_dry_run_from_its_plan(
    workspace: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_on(workspace, 3)
    monkeypatch.setattr("syncer.ledger.store.REVISIONS", (*REVISIONS, "9999"))
    done = workspace.run("dry-run")
    assert done.code == 4
    assert "KR1" in done.out
    assert "Run `okrsync sync` once." in done.err


def test_values_of_another_cycle_are_no_part_of_the_forecast(workspace: Shell) -> None:
    sync_on(workspace, 3, 4, 5)
    config = workspace.folder / "okrsync.yaml"
    text = config.read_text("utf-8").replace("2026-Q4", "{name: 2026-Q4, start: 2026-11-04, end: 2026-12-31}")
    config.write_text(text, "utf-8")
    assert "there are 2" in workspace.run("explain", "KR1").out
    assert date(2026, 11, 3).isoformat() in workspace.run("history", "KR1").out
