"""Days in an expression begin where those of the workspace do, for every kind of column that holds a date."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.jira.values import instant
from memory_sheet import MemorySheet
from workspace_kit import HEAD, load, look

GOALS = HEAD + "objectives: {O1: {title: A, key_results: {KR1: {title: B, target: 6, measure: m}}}}\n"
SHEET = MemorySheet({"OKRs": [["KR id", "Key result", "Current value"]]})
ROWS = "deal,signed\na,2026-09-30\nb,2026-10-01\nc,2026-10-01T00:30:00+08:00\nd,2026-09-30T23:30:00+08:00\n"


@pytest.mark.parametrize("zone", ["Asia/Taipei", "UTC", "America/New_York"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("count(*) filter (signed >= '2026-10-01')", 1),
        ("count(*) filter (signed = '2026-10-01')", 1),
        ("count(*) filter (signed < date '2026-10-01')", 1),
        ("count(distinct date_trunc('month', signed))", 2),
    ],
)
def test_a_day_of_a_file_is_that_day_in_every_zone(tmp_path: Path, zone: str, value: str, expected: int) -> None:
    text = (
        HEAD.replace("Asia/Taipei", zone)
        + f"measures:\n  m:\n    from: files.rows\n    path: d.csv\n    value: {value}\n"
    )
    config = load(tmp_path, text, {"d.csv": "deal,signed\na,2026-09-30\nb,2026-10-01\n"})
    assert look(config, SHEET).figures["m"].value == expected


def test_an_instant_counts_on_the_day_that_the_workspace_has_then(tmp_path: Path) -> None:
    value = "count(*) filter (signed >= '2026-10-01')"
    text = GOALS + f"measures:\n  m:\n    from: files.rows\n    path: d.csv\n    value: {value}\n"
    config = load(tmp_path, text, {"d.csv": ROWS})
    assert look(config, SHEET).figures["m"].value == 2


def test_a_date_of_jira_begins_where_days_of_the_workspace_do() -> None:
    assert instant("duedate", "2026-10-01", ZoneInfo("Asia/Taipei")) == datetime(2026, 9, 30, 16, tzinfo=UTC)
