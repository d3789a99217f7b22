"""A local workspace whose past can be played: an OKR sheet in a CSV, a source of one CSV a day."""

import csv
from collections.abc import Mapping
from pathlib import Path

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.csv
check_in:
  every: week
teams:
  core:
    title: Core
  web:
    title: Web
    parent: core
measures:
  done:
    from: files.rows
    path: days/{as_of}.csv
    value: count(*) filter (state = 'done')
  total:
    from: files.rows
    path: now.csv
    value: count(*)
objectives:
  O1:
    title: Things get done
    team: core
    key_results:
      KR1:
        title: Finish 20 things
        owner: Kim
        target: 20
        measure: done
      KR2:
        title: Have 40 things
        owner: Lee
        team: web
        target: 40
        measure: total
      KR3:
        title: Visit 6 partners
        owner: Kim
        baseline: 0
        target: 6
"""

HEADERS = ("KR id", "Key result", "Current value", "Progress", "Expected", "Status", "Forecast", "Value updated",
           "Confidence", "Note", "Blocker", "Help needed", "Helper", "Check-in date")  # fmt: skip


def make_workspace(folder: Path) -> None:
    """The config, an OKR sheet with three rows, and sources of 30 days: one more thing is done each day."""
    (folder / "okrsync.yaml").write_text(CONFIG, "utf-8")
    write_sheet(folder, [{"KR id": key} for key in ("KR1", "KR2", "KR3")])
    (folder / "days").mkdir()
    for day in range(1, 31):
        states = "".join(f"T{number},{'done' if number <= day else 'open'}\n" for number in range(1, 31))
        (folder / f"days/2026-11-{day:02}.csv").write_text(f"key,state\n{states}", "utf-8")
    (folder / "now.csv").write_text("key\nT1\nT2\n", "utf-8")


def write_sheet(folder: Path, rows: list[dict[str, str]]) -> None:
    """The whole OKR sheet."""
    with (folder / "okrs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADERS)
        writer.writeheader()
        writer.writerows(rows)


def sheet(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of the OKR sheet by id."""
    with (folder / "okrs.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["KR id"]: row for row in csv.DictReader(file)}


def type_in(folder: Path, key: str, cells: Mapping[str, str]) -> None:
    """A person fills cells of one row."""
    rows = sheet(folder)
    rows[key].update(cells)
    write_sheet(folder, list(rows.values()))
