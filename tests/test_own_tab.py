"""okrsync's own tab beside people's: new rows, former ids, what left the config, what people typed, locales, `init`."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sheet_people as people
from book_kit import renamed, without_tab
from command_kit import NOTHING_TO_WRITE, Shell
from connectors.sandbox.google_sheets.book import Book, GridTab, enter
from connectors.sandbox.google_sheets.formula_text import following
from connectors.sandbox.google_sheets.formulas import Shown
from demo_kit import sheets_of
from lean_kit import OWN, lean_workspace
from sandbox_kit import Sandbox
from sheet_people import entered_by_id, places_of, shown_by_id, tab_of
from syncer.sheet.columns import COLUMNS
from syncer.sheet.own_tab import OWN_COLUMNS


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with lean_workspace(shell.folder) as running:
        yield running


def test_the_own_tab_holds_known_columns_once_each() -> None:
    assert set(OWN_COLUMNS) <= set(COLUMNS)
    assert len(set(OWN_COLUMNS)) == len(OWN_COLUMNS)


def config(old: str, new: str) -> None:
    text = Path("okrsync.yaml").read_text("utf-8")
    assert old in text
    Path("okrsync.yaml").write_text(text.replace(old, new), "utf-8")


def current(sandbox: Sandbox, title: str = "OKRs") -> dict[str, Any]:
    return {key: row.get("Current value") for key, row in shown_by_id(sandbox, title).items()}


def test_a_former_id_shows_its_numbers_until_people_write_the_new_one(shell: Shell, sandbox: Sandbox) -> None:
    assert shell.run("sync").code == 0
    config("      KR1:\n", "      KR10:\n        was: KR1\n")
    assert shell.run("sync").code == 0
    assert current(sandbox)["KR1"] == 11
    own = current(sandbox, OWN)
    assert (own["KR1"], own["KR10"]) == (11, 11)
    enter(tab_of(sandbox), 2, 0, "KR10")
    assert current(sandbox)["KR10"] == 11
    assert shell.run("sync").code == 0
    assert entered_by_id(sandbox, OWN)["KR1"]["Status"] == "Not in the config"


def test_a_key_result_that_left_the_config_keeps_its_row_marked(shell: Shell, sandbox: Sandbox) -> None:
    assert shell.run("sync").code == 0
    text = Path("okrsync.yaml").read_text("utf-8")
    start, end = text.index("      KR8:\n"), text.index("safety:")
    Path("okrsync.yaml").write_text(text[:start] + text[end:], "utf-8")
    assert shell.run("sync").code == 0
    assert shown_by_id(sandbox)["KR8"]["Status"] == "Not in the config"
    assert shown_by_id(sandbox)["KR8"]["Current value"] == 88
    assert NOTHING_TO_WRITE in shell.run("sync").out


def test_a_definition_typed_otherwise_is_named_and_the_config_counts(shell: Shell, sandbox: Sandbox) -> None:
    tab = tab_of(sandbox)
    enter(tab, 2, places_of(tab).columns["Target"], 50)
    done = shell.run("sync")
    assert "KR1: Target reads 50 in the sheet; the config has 100, which wins" in done.out
    assert entered_by_id(sandbox, OWN)["KR1"]["Target"] == 100


def test_a_definition_that_the_config_no_longer_states_is_cleared(shell: Shell, sandbox: Sandbox) -> None:
    config("        title: Reach 100\n", "        title: Reach 100\n        owner: Ann\n")
    assert shell.run("sync").code == 0
    assert entered_by_id(sandbox, OWN)["KR1"]["Owner"] == "Ann"
    config("        owner: Ann\n", "")
    assert shell.run("sync").code == 0
    assert "Owner" not in entered_by_id(sandbox, OWN)["KR1"]


def test_a_value_that_people_type_is_theirs_and_no_conflict(shell: Shell, sandbox: Sandbox) -> None:
    config("        target: 100\n        measure: m1\n", "        target: 100\n")
    enter(tab_of(sandbox), 2, 6, "=20+5")
    tab_of(sandbox).cells[2, 6].stored = {"numberValue": 25}
    done = shell.run("sync")
    assert done.code == 0, done.out
    found = shown_by_id(sandbox)["KR1"]
    assert (found["Current value"], found["Progress"]) == (25, 0.25)
    assert "Current value" not in entered_by_id(sandbox, OWN)["KR1"]


@pytest.mark.parametrize("header", ["Progress", "Expected", "Status", "Value updated"])
def test_every_computed_cell_that_people_type_into_is_a_conflict(shell: Shell, sandbox: Sandbox, header: str) -> None:
    assert shell.run("sync").code == 0
    tab = tab_of(sandbox)
    row, column = 2, places_of(tab).columns[header]
    enter(tab, row, column, "mine")
    kept = shell.run("sync")
    assert kept.code == 4
    assert f"kept {header} 'mine'" in kept.out
    tab.cells[row, column] = tab.cells[row + 1, column]
    assert shell.run("sync").code == 0


def test_rows_without_lookups_are_named_once_and_get_them_from_init(shell: Shell, sandbox: Sandbox) -> None:
    assert shell.run("sync").code == 0
    tab = tab_of(sandbox)
    for column in (6, 7):
        del tab.cells[2, column]
        del tab.cells[3, column]
    output = shell.run("sync").out
    assert "'OKRs' has no lookups of okrsync's numbers in rows 3-4: run `okrsync init --sheet`" in output
    assert current(sandbox)["KR1"] is None
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert current(sandbox)["KR1"] == 11
    assert "has no lookups" not in shell.run("sync").out


def test_typed_values_stay_unless_asked_for_and_are_saved_before(shell: Shell, sandbox: Sandbox) -> None:
    assert shell.run("sync").code == 0
    enter(tab_of(sandbox), 2, 6, 77)
    enter(tab_of(sandbox), 3, 6, "=1+76")
    del tab_of(sandbox).cells[4, 6]
    shown = shell.run("init", "--sheet", "--replace-typed")
    assert shown.code == 5
    assert "G3  Current value: a lookup over '77', which was typed by hand" in shown.out
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert (current(sandbox)["KR1"], current(sandbox)["KR3"]) == (77, 33)
    assert shell.run("init", "--sheet", "--yes", "--replace-typed").code == 0
    assert (current(sandbox)["KR1"], current(sandbox)["KR2"]) == (11, 22)
    (saved,) = Path().glob("okrsync-replaced-*.csv")
    with saved.open(encoding="utf-8") as lines:
        assert list(csv.reader(lines)) == [["tab", "cell", "value"], ["OKRs", "G3", "77"], ["OKRs", "G4", "=1+76"]]


def test_adoption_is_for_local_files(shell: Shell, sandbox: Sandbox) -> None:
    refused = shell.run("sync", "--adopt")
    assert refused.code == 1
    assert "--adopt is for local files" in refused.err
    assert sandbox.requests("sheets") == []


@pytest.mark.parametrize("locale", ["en_US", "zh_TW", "de_DE"])
def test_a_new_sheet_shows_its_numbers_in_every_locale(shell: Shell, sandbox: Sandbox, locale: str) -> None:
    book = Book.of_values("demo-okrs", "New", {"OKRs": []})
    book.locale = locale
    sheets_of(sandbox).books["demo-okrs"] = book
    done = shell.run("init", "--sheet")
    assert done.code == 0, done.err
    assert shell.run("sync").code == 0
    found = {key: value for key, value in current(sandbox).items() if key.startswith("KR")}
    assert found == {f"KR{n}": n * 11 for n in range(1, 9)}
    formula = tab_of(sandbox).cells[2, places_of(tab_of(sandbox)).columns["Status"]].entered["formulaValue"]
    assert (";" in formula) is (locale == "de_DE")
    assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=A1", {"stringValue": "KR1"}),
        ("=SUM(B1:B2,4)", {"numberValue": 16}),
        ('=IF(B1="";"none";B1)', {"numberValue": 5}),
        ('=IF(C1="";"none";C1)', {"stringValue": "none"}),
        ('=IFNA(MATCH("kr2";$A:$A;0);"")', {"numberValue": 2}),
        ('=IFNA(MATCH("KR9";$A:$A;0);"no")', {"stringValue": "no"}),
        (
            '=MATCH("KR9";$A:$A;0)',
            {"errorValue": {"type": "N_A", "message": "Did not find value in MATCH evaluation."}},
        ),
        ('=INDEX($B:$B;MATCH(TRIM("  kr2 ");$A:$A;0))', {"numberValue": 7}),
        ("=INDEX('no such tab'!$B:$B;1)", {"errorValue": {"type": "REF", "message": "Reference does not exist."}}),
        ('=IFERROR(INDEX(#REF!;1);"gone")', {"stringValue": "gone"}),
        ('=HYPERLINK("https://x";A2)', {"stringValue": "KR2"}),
        ("=INDEX($A:$A;ROW())", {"stringValue": "KR1"}),
        ("=ISNUMBER(B1)", {"boolValue": True}),
    ],
)
def test_the_sandbox_evaluates_what_an_okr_sheet_holds(formula: str, value: dict[str, Any]) -> None:
    book = Book("b", "B", [GridTab(1, "A")])
    for row, values in enumerate([("KR1", 5, None, formula), ("KR2", 7)]):
        for column, one in enumerate(values):
            enter(book.tabs[0], row, column, one)
    assert Shown(book).value(book.tabs[0], 0, 3) == value


def test_formulas_follow_what_they_name() -> None:
    formula = "=INDEX('My Q4'!$F:$F;1)&\"'My Q4'!$F:$F\"+B7+'Q4'!B7"
    assert following(formula, "My Q4", "COLUMNS", lambda at: at + (at >= 2), same_tab=False) == formula.replace(
        "$F:$F;", "$G:$G;"
    )
    assert following(formula, "Mine", "ROWS", lambda at: at + (at >= 2), same_tab=True) == formula.replace(
        "+B7+", "+B8+"
    )
    assert following("=B7+B$8", "Mine", "ROWS", lambda at: None if at == 6 else at - (at > 6), same_tab=True) == (
        "=#REF!+B$7"
    )
    assert renamed(formula, "My Q4", "It's") == formula.replace("INDEX('My Q4'", "INDEX('It''s'")
    assert without_tab("='Gone'!A1+A1", "Gone") == "=#REF!A1+A1"


def test_people_s_own_formulas_are_no_lookups(shell: Shell, sandbox: Sandbox) -> None:
    enter(tab_of(sandbox), 2, 7, "=G3/100")
    kept = shell.run("sync")
    assert kept.code == 4
    assert "kept Progress '=G3/100'" in kept.out
    assert people.entered_by_id(sandbox)["KR1"]["Progress"] == "=G3/100"


def test_the_measures_are_listed_and_a_new_one_appears(shell: Shell, sandbox: Sandbox) -> None:
    def listed() -> list[str]:
        own = tab_of(sandbox, OWN)
        column = places_of(own).columns["Measures"]
        return [
            cell.entered["stringValue"]
            for (row, at), cell in sorted(own.cells.items())
            if at == column and row and cell.entered
        ]

    assert shell.run("sync").code == 0
    assert listed() == [f"m{n}" for n in range(1, 9)]
    config(
        "objectives:\n",
        "  extra: {from: google.rows, spreadsheet: demo-sales, range: 'Numbers!A:B', value: count(*)}\nobjectives:\n",
    )
    assert shell.run("sync").code == 0
    assert listed() == [*(f"m{n}" for n in range(1, 9)), "extra"]
    people.shuffle(tab_of(sandbox, OWN), (5, 4, 3, 2, 1, 0), top=1)
    assert NOTHING_TO_WRITE in shell.run("sync").out
