"""An id that people write into a title is shown once."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from command_kit import Shell
from syncer.compute.own_titles import own_title


@pytest.mark.parametrize(
    ("key", "title", "shown"),
    [
        ("KR1", "KR1 Raise NPS", "Raise NPS"),
        ("KR1", "KR1: Raise NPS", "Raise NPS"),
        ("KR1", "kr1 - Raise NPS", "Raise NPS"),
        ("KR1", "KR1. Raise NPS", "Raise NPS"),
        ("KR1", "[KR1] Raise NPS", "Raise NPS"),
        ("KR1", "KR1：提高滿意度", "提高滿意度"),
        ("KR1", "【KR1】 提高滿意度", "提高滿意度"),
        ("1.1", "1.1 Raise NPS", "Raise NPS"),
        ("KR1", "KR10 Raise NPS", "KR10 Raise NPS"),
        ("KR1", "KR1.1 Raise NPS", "KR1.1 Raise NPS"),
        ("KR1", "KR1-2 Raise NPS", "KR1-2 Raise NPS"),
        ("KR1", "KR1", "KR1"),
        ("KR1", "KR1:", "KR1:"),
        ("1.1", "1x1 Raise NPS", "1x1 Raise NPS"),
        ("KR1", "Raise KR1 NPS", "Raise KR1 NPS"),
        ("KR1", "", ""),
    ],
)
def test_a_title_without_its_id(key: str, title: str, shown: str) -> None:
    assert own_title(key, title) == shown


@given(st.from_regex(r"[A-Za-z0-9][\w.-]{0,10}", fullmatch=True), st.text())
def test_nothing_but_the_begin_is_left_out(key: str, title: str) -> None:
    shown = own_title(key, title)
    assert title.endswith(shown)
    assert bool(shown) == bool(title)


def test_the_plan_shows_it_once_and_the_sheet_keeps_what_people_wrote(shell: Shell) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows: list[list[Any]] = [
        ["KR id", "Objective", "Key result", "Target", "Current value"],
        ["O1", "O1 Customers trust us", None, None, None],
        ["KR1", None, "KR1 Raise NPS to 40", 40, 20],
        ["KR2", None, "KR2: Answer 90% within a day", 0.9, 0.45],
    ]
    for row in rows:
        sheet.append(row)
    sheet.title = "OKRs"
    book.save("okrs.xlsx")
    assert shell.run("init", "--from-sheet", "okrs.xlsx", "--cycle", "2026-Q4", "--yes").code == 0
    drafted = Path("okrsync.yaml").read_text("utf-8")
    assert "title: KR1 Raise NPS to 40" in drafted, "the config says what the sheet says"
    plan = shell.run("dry-run").out
    assert "KR1  Raise NPS to 40" in plan
    assert "KR2  Answer 90% within a day" in plan
    assert "O1   Customers trust us" in plan
    assert "in conflict" not in plan.replace("0 in conflict", "")
    assert shell.run("sync").code == 0
    said = shell.run("status").out + shell.run("explain", "KR1").out
    assert "KR1  Raise NPS to 40" in said
    assert "KR1 Raise" not in said
    after = load_workbook("okrs.xlsx")["OKRs"]
    assert [after.cell(row, 3).value for row in (3, 4)] == ["KR1 Raise NPS to 40", "KR2: Answer 90% within a day"]
    assert after.cell(2, 2).value == "O1 Customers trust us"


CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet: {file: new.xlsx}
objectives:
  O1:
    title: "O1: Customers trust us"
    key_results:
      KR1: {title: "KR1: Raise NPS", baseline: 20, target: 40}
      KR2: {title: Answer within a day, baseline: 50%, target: 90%}
"""


def test_a_new_sheet_has_the_titles_of_the_config(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(CONFIG, "utf-8")
    assert shell.run("init", ".", "--sheet", "--yes").code == 0
    book = load_workbook("new.xlsx")
    sheet = book["OKRs"]
    headers = [cell.value for cell in sheet[1]]
    title, objective = headers.index("Key result") + 1, headers.index("Objective") + 1
    assert [sheet.cell(row, title).value for row in (2, 3, 4)] == [None, "KR1: Raise NPS", "Answer within a day"]
    assert {sheet.cell(row, objective).value for row in (2, 3, 4)} == {"O1: Customers trust us"}
    sheet.cell(3, headers.index("Current value") + 1, 30)
    book.save("new.xlsx")
    plan = shell.run("sync").out
    assert "0 in conflict" in plan
    assert "KR1  Raise NPS" in plan
    assert "0 to write, 0 new" in shell.run("dry-run").out
