"""`check --online` before the OKR sheet is made: it says what `init --sheet` makes, and is no failure."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from command_kit import Shell
from connectors.sandbox.google_sheets.book import Book
from demo_kit import sheets_of
from golden_files import check_golden
from lean_kit import OWN, lean_workspace
from sandbox_kit import Sandbox
from syncer.sheet.columns import COLUMNS, header_of

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet: {{file: {file}}}
measures:
  deals: {{from: files.rows, path: deals.csv, value: {value}}}
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1: {{title: Sign more, baseline: 0, target: 100, measure: deals}}
      KR2: {{title: Visits, baseline: 0, target: 500}}
"""
HEADS = ["KR id", "Key result", "Target", "Current value"]


def state(language: str = "en", file: str = "okrs.xlsx", value: str = "sum(amount)") -> None:
    Path("okrsync.yaml").write_text(CONFIG.format(language=language, file=file, value=value), "utf-8")
    Path("deals.csv").write_text("amount\n10\n", "utf-8")


def init_sheet(shell: Shell) -> Any:
    """What `init --sheet` would do."""
    done = shell.run("check", "--online", "--format", "json")
    assert done.code == 0, done.err
    return json.loads(done.out)["online"]["init_sheet"]


@pytest.fixture
def google(shell: Shell) -> Iterator[Sandbox]:
    """Key results whose measures read one spreadsheet, and another one for the OKR sheet."""
    with lean_workspace(shell.folder) as sandbox:
        yield sandbox


def tabs(sandbox: Sandbox, content: dict[str, list[list[Any]]], named: str = "[OKRs]") -> None:
    """Give the OKR sheet these tabs, and let the config name tabs."""
    sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "OKR", content)
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace("tabs: [OKRs]", f"tabs: {named}"), "utf-8")


def entered(sandbox: Sandbox) -> dict[str, list[list[Any]]]:
    """What was entered in each tab."""
    book = sheets_of(sandbox).books["demo-okrs"]
    found: dict[str, list[list[Any]]] = {}
    for tab in book.tabs:
        rows = 1 + max((row for row, _ in tab.cells), default=-1)
        width = 1 + max((column for _, column in tab.cells), default=-1)
        found[tab.title] = [
            [next(iter(tab.cell(row, column).entered.values()), None) for column in range(width)] for row in range(rows)
        ]
    return found


@pytest.mark.parametrize(("language", "file"), [("en", "okrs.xlsx"), ("zh-TW", "okrs.csv")])
def test_output_before_the_file_is_made(shell: Shell, language: str, file: str) -> None:
    state(language, file)
    check_golden(f"check_online.{language}.txt", shell.output_of(["check", "--online"]))
    assert not Path(file).exists()


def test_the_workbook_is_made_as_it_was_described(shell: Shell) -> None:
    state()
    printed = init_sheet(shell)
    assert (printed["file"], printed["added"]) == ("okrs.xlsx", [])
    assert shell.run("init", "--sheet").code == 0
    book = load_workbook("okrs.xlsx")
    assert book.sheetnames == [*(tab["title"] for tab in printed["new_tabs"]), *printed["further_tabs"]]
    rows = list(book["OKRs"].values)
    assert list(rows[0]) == [header_of(name, "en") for name in printed["new_columns"]]
    assert [row[0] for row in rows[1:]] == printed["new_tabs"][0]["ids"] == ["O1", "KR1", "KR2"]
    assert init_sheet(shell) is None


def test_an_unknown_measure_is_not_fine_before_the_sheet_is_made(shell: Shell) -> None:
    state(value="sum(amout)")
    done = shell.run("check", "--online")
    assert "did you mean 'amount'?" in done.out
    assert "okrs.xlsx does not exist yet" in done.out
    assert done.code == 4


@pytest.mark.parametrize("content", [{"Sheet1": []}, {"OKRs": []}])
def test_the_tabs_are_made_as_they_were_described(
    shell: Shell, google: Sandbox, content: dict[str, list[list[Any]]]
) -> None:
    tabs(google, content)
    printed = init_sheet(shell)
    assert (printed["file"], printed["added"]) == (None, [])
    assert shell.run("init", "--sheet").code == 0
    made = entered(google)
    assert list(made) == list(dict.fromkeys([*content, "OKRs", *printed["further_tabs"]]))
    assert printed["further_tabs"] == ["Summary", OWN]
    heads = [COLUMNS[name].en if name in COLUMNS else "Progress bar" for name in printed["new_columns"]]
    assert made["OKRs"][0] == heads
    assert [row[0] for row in made["OKRs"][1:] if row[0]] == printed["new_tabs"][0]["ids"]
    assert init_sheet(shell) is None


def test_a_missing_tab_next_to_one_that_is_there_is_made_without_rows(shell: Shell, google: Sandbox) -> None:
    tabs(google, {"Sales": [HEADS, ["KR1", "Reach 100", 100, None]], "Notes": [["hello"]]}, "[Sales, Support]")
    printed = init_sheet(shell)
    assert printed["new_tabs"] == [{"title": "Support", "ids": []}]
    assert [(tab["tab"], tab["lookups"] > 0) for tab in printed["added"]] == [("Sales", True)]
    asked = shell.run("init", "--sheet")
    assert asked.code == 5
    assert "Tabs that would be made:\n  tab 'Support', 30 columns, 0 rows" in asked.out
    assert "Support" not in entered(google)
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert entered(google)["Support"][0][:3] == ["KR id", "Objective", "Key result"]
    assert init_sheet(shell) is None
    assert shell.run("sync").code in (0, 4)
    assert entered(google)["Notes"] == [["hello"]]


def test_a_missing_tab_is_made_where_the_others_lack_nothing(shell: Shell, google: Sandbox) -> None:
    tabs(google, {"OKRs": []})
    assert shell.run("init", "--sheet").code == 0
    before = entered(google)["OKRs"]
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace("tabs: [OKRs]", "tabs: [OKRs, Support]"), "utf-8")
    assert init_sheet(shell)["new_tabs"] == [{"title": "Support", "ids": []}]
    assert shell.run("init", "--sheet").out.startswith("Support\n")
    assert entered(google)["OKRs"] == before


def test_a_tab_with_a_similar_title_is_named(shell: Shell, google: Sandbox) -> None:
    tabs(google, {"OKRs": [HEADS, ["KR1", "Reach 100", 100, None]]}, "[OKR]")
    done = shell.run("check", "--online")
    assert "tab 'OKR', 30 columns, 9 rows; did you mean 'OKRs'?" in done.out
    assert done.code == 0


def test_a_tab_without_headers_that_are_known_is_a_failure(shell: Shell, google: Sandbox) -> None:
    tabs(google, {"OKRs": [["What", "Who"], ["Reach 100", "Kim"]]}, "[OKRs, Support]")
    done = shell.run("check", "--online")
    assert "reading the headers of tab 'OKRs'" in done.err
    assert done.code == 1


def test_what_a_sheet_without_ids_would_be_given_is_listed(shell: Shell, google: Sandbox) -> None:
    tabs(google, {"OKRs": [HEADS[1:], ["Reach 100", 100, None], ["Ours alone", 5, 2]]})
    printed = init_sheet(shell)
    assert [(one["row"], one["id"], one["title"]) for one in printed["added"][0]["ids"]] == [
        (2, "KR1", "Reach 100"),
        (3, "KR9", "Ours alone"),
    ]
    done = shell.run("check", "--online")
    assert "  new   `okrsync init --sheet` would add what the sheet lacks, after showing it:\n" in done.out
    assert done.code == 0
    assert entered(google) == {"OKRs": [HEADS[1:], ["Reach 100", 100, None], ["Ours alone", 5, 2]]}


def test_a_spreadsheet_that_cannot_be_opened_is_a_failure(shell: Shell, google: Sandbox) -> None:
    del sheets_of(google).books["demo-okrs"]
    done = shell.run("check", "--online")
    assert "  ok    m1" in done.out
    assert "demo-okrs" in done.err
    assert done.code == 1
