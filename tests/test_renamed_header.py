"""A known header that is gone, next to a new one: named as the cause before anything is written."""

from pathlib import Path

import pytest

from command_kit import Shell
from golden_files import check_golden

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.csv
"""
SHEET = "KR id,Key result,Owner,Target,Current,Progress\nKR1,Win deals,Ann,10,4,\n"


@pytest.fixture
def synced(shell: Shell) -> Shell:
    Path("okrsync.yaml").write_text(CONFIG, "utf-8")
    Path("okrs.csv").write_text(SHEET, "utf-8")
    assert shell.run("sync").code == 0
    return shell


def rename(header: str, now: str) -> bytes:
    path = Path("okrs.csv")
    path.write_text(path.read_text("utf-8-sig").replace(f",{header},", f",{now},"), "utf-8")
    return path.read_bytes()


@pytest.mark.parametrize(("header", "now"), [("Target", "Goal"), ("Current", "Where we are"), ("Owner", "Hero")])
def test_a_renamed_header_stops_the_sync_before_anything_is_written(synced: Shell, header: str, now: str) -> None:
    renamed = rename(header, now)
    refused = synced.run("sync")
    assert refused.code == 1
    assert Path("okrs.csv").read_bytes() == renamed
    cell = {"Target": "D1", "Current": "E1", "Owner": "C1"}[header]
    assert (
        f"the header '{header}' of the last run is gone, and '{now}' in {cell} is new. Did you rename it?"
        in refused.err
    )
    assert synced.run("sync").code == 1, "the refused run is not the last one to compare with"


def test_the_plan_shows_it_and_the_stated_header_ends_it(synced: Shell) -> None:
    rename("Target", "Goal")
    check_golden("renamed_header.txt", synced.output_of(["dry-run"]))
    Path("okrsync.yaml").write_text(CONFIG + "  columns:\n    target: Goal\n", "utf-8")
    done = synced.run("sync")
    assert done.code == 0, done.err
    assert "40%" in done.out


def test_a_new_header_alone_or_a_column_taken_away_is_no_rename(synced: Shell) -> None:
    rename("Progress\n", "Progress,Mood\n")
    path = Path("okrs.csv")
    path.write_text(path.read_text("utf-8").replace("Progress\n", "Progress,Mood\n"), "utf-8")
    assert synced.run("sync").code == 0
    path.write_text(path.read_text("utf-8-sig").replace("Owner,", "").replace("Ann,", ""), "utf-8")
    assert synced.run("sync").code == 0


def test_force_lifts_it(synced: Shell) -> None:
    rename("Owner", "Hero")
    assert synced.run("sync", "--force").code == 0
    assert synced.run("sync").code == 0
