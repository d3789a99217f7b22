"""People sort, insert, delete, rename and type between the read and the write, in their tab and in okrsync's own."""

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sheet_people as people
from book_kit import delete_tab, protect, rename_tab
from command_kit import NOTHING_TO_WRITE, Shell
from connectors.google_sheets import okr_sheet
from connectors.google_sheets.image import make_image
from connectors.okr_sheet import Cell, SheetImage
from connectors.sandbox.google_sheets.book import Book, GridTab, enter
from connectors.sandbox.google_sheets.moves import (
    delete_dimension,
    insert_dimension,
    move_dimension,
    sort_rows,
)
from lean_kit import NUMBERS, OWN, lean_workspace, numbers
from sandbox_kit import Fault, Sandbox
from sheet_people import Act, between, entered_by_id, shown_by_id, tab_of

CURRENT = 6
"""The column of people's current values."""


def sort_by_filter(_book: Book, tab: GridTab) -> None:
    """Somebody sorts by the arrow in a filter's header: the rows below it move, with one more column."""
    tab.merges = [box for box in tab.merges if box[0] == 0]
    sort_rows(tab, (2, 0, 9, 15), [(0, True)])


def cut_an_id(_book: Book, tab: GridTab) -> None:
    """Somebody cuts KR1's id and pastes it over KR2's, then KR2's into the first row."""
    tab.cells[2, 0], tab.cells[3, 0] = tab.cells[3, 0], tab.cells[2, 0]


def copy_a_row(_book: Book, tab: GridTab) -> None:
    for (row, column), cell in list(tab.cells.items()):
        if row == 4:
            tab.cells[14, column] = copy.deepcopy(cell)


MOVES = {
    "sort": people.sort,
    "insert_above": people.insert_above,
    "insert_at_top": people.insert_at_top,
    "insert_column": people.insert_column,
    "insert_first_column": people.insert_first_column,
    "delete_column": people.delete_column,
    "rename_header": people.rename_header,
    "edit_a_note": people.edit_a_note,
    "sort_by_filter": sort_by_filter,
    "cut_an_id": cut_an_id,
    "copy_a_row": copy_a_row,
    "delete": people.delete,
    "merge": people.merge,
    "protect": people.protect,
    "formula": people.formula,
    "rename_tab": people.rename_tab,
    "delete_tab": people.delete_tab,
}
HIDING = {"delete": "KR2", "merge": "KR2", "formula": "KR1"}
"""Whose current value does not show any more, since people took its cell away."""
NAMES_COLUMN = {"rename_header": "How far we are"}


def writes(sandbox: Sandbox) -> int:
    return sum(":batchUpdate" in entry.target and entry.status == 200 for entry in sandbox.requests("sheets"))


_WRITTEN: list[dict[str, Any]] = []
"""The spreadsheets after a first sync."""


@contextmanager
def at_work(shell: Shell) -> Iterator[Sandbox]:
    """A workspace that has been written once, and whose numbers moved since."""
    with lean_workspace(shell.folder) as sandbox:
        service = sandbox.services["sheets"]
        if not _WRITTEN:
            done = shell.run("sync")
            assert done.code == 0, done.out + done.err
            _WRITTEN.append(service.dump())
        sandbox.log.clear()
        service.load({**copy.deepcopy(_WRITTEN[0]), "key": service.dump()["key"]})
        numbers(sandbox, 2)
        yield sandbox


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with at_work(shell) as running:
        yield running


def currents(sandbox: Sandbox, title: str = "OKRs", header: str = "Current value") -> dict[str, Any]:
    """The current values that people see, by id."""
    found = shown_by_id(sandbox, title)
    return {key: row.get(header) for key, row in found.items() if key.startswith("KR")}


def right(step: int = 2, without: str = "") -> dict[str, int]:
    return {f"KR{n}": n * (10 + step) for n in NUMBERS if f"KR{n}" != without}


def cells_of(tab: GridTab) -> dict[tuple[int, int], Any]:
    return {place: cell.entered for place, cell in tab.cells.items() if cell.entered}


def own_tab(sandbox: Sandbox) -> GridTab:
    return tab_of(sandbox, OWN)


def test_the_first_run_makes_rows_for_new_key_results_alone_and_people_see_every_number(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        before = entered_by_id(sandbox)
        assert shell.run("sync").code == 0
        after = entered_by_id(sandbox)
        assert {key for key in after.keys() - before.keys() if key.startswith("KR")} == {"KR6"}
        assert {key: after[key] for key in before if key.startswith("KR")} == {
            key: row for key, row in before.items() if key.startswith("KR")
        }
        assert currents(sandbox) == right(1)
        assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.parametrize("name", MOVES)
def test_what_people_do_to_their_tab_meanwhile_stays_and_each_id_shows_its_number(
    shell: Shell, sandbox: Sandbox, name: str
) -> None:
    left: list[Any] = []

    def act(book: Book, tab: GridTab) -> None:
        MOVES[name](book, tab)
        left.extend([tab, cells_of(tab)])

    between(sandbox, act)
    done = shell.run("sync")
    if name in ("delete_tab", "rename_tab"):
        assert done.code == 1
        assert "Nothing was written." in done.err
        assert "it has no tab 'OKRs'" in shell.run("sync").err
        return
    assert done.code == 0, done.out + done.err
    assert writes(sandbox) == 1
    tab, cells = left
    assert cells_of(tab) == cells
    found = currents(sandbox, tab.title, NAMES_COLUMN.get(name, "Current value"))
    hidden = HIDING.get(name, "")
    assert {key: value for key, value in found.items() if key != hidden} == right(without=hidden)


@pytest.mark.parametrize("name", ["sort", "insert_above", "insert_at_top", "insert_column", "delete_column"])
def test_rows_are_made_for_new_key_results_where_people_move_rows_meanwhile(shell: Shell, name: str) -> None:
    with lean_workspace(shell.folder) as sandbox:
        kept: dict[str, Any] = {}

        def act(book: Book, tab: GridTab) -> None:
            MOVES[name](book, tab)
            kept.update(entered_by_id(sandbox))

        between(sandbox, act)
        shell.run("sync")
        found = entered_by_id(sandbox)
        assert {key: found[key] for key in kept if key.startswith("KR")} == {
            key: row for key, row in kept.items() if key.startswith("KR")
        }
        assert {key: value for key, value in currents(sandbox).items() if key != "KR6"} == right(1, without="KR6")


def reverse_columns(book: Book, own: GridTab) -> None:
    """Somebody drags the columns of okrsync's own tab into another order: lookups follow."""
    width = 1 + max(column for _, column in own.cells)
    move_dimension(book, own, "COLUMNS", lambda column: width - 1 - column)


def edit_own(_book: Book, own: GridTab) -> None:
    """Somebody types over everything that okrsync wrote, but for headers and ids."""
    for (row, column), cell in own.cells.items():
        if row and column and cell.entered:
            enter(own, row, column, "mine")


HARMS: dict[str, Act] = {
    "sort": lambda _book, own: people.shuffle(own, (8, 7, 6, 5, 4, 3, 2, 1, 0), top=1),
    "edit": edit_own,
    "empty": lambda _book, own: own.cells.clear(),
    "headers": lambda book, own: delete_dimension(book, own, "ROWS", (0, 1)),
    "delete_a_row": lambda book, own: delete_dimension(book, own, "ROWS", (4, 5)),
    "insert_a_row": lambda book, own: insert_dimension(book, own, "ROWS", (3, 4)),
    "insert_a_column": lambda book, own: insert_dimension(book, own, "COLUMNS", (3, 4)),
    "insert_the_first_column": lambda book, own: insert_dimension(book, own, "COLUMNS", (0, 1)),
    "reverse_columns": reverse_columns,
    "rename": lambda book, own: rename_tab(book, own, "Do not touch"),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("meanwhile", [False, True], ids=["before", "meanwhile"])
def test_whatever_people_do_to_okrsyncs_own_tab_each_id_shows_its_number(
    shell: Shell, sandbox: Sandbox, harm: str, meanwhile: bool
) -> None:
    theirs = shown_by_id(sandbox).keys()

    def act(book: Book, _tab: GridTab) -> None:
        HARMS[harm](book, next(tab for tab in book.tabs if tab.title == OWN))

    if meanwhile:
        between(sandbox, act)
    else:
        act(people.book_of(sandbox), tab_of(sandbox))
    done = shell.run("sync")
    assert done.code in (0, 4), done.out + done.err
    assert currents(sandbox) == right(), done.out
    numbers(sandbox, 3)
    again = shell.run("sync")
    assert again.code == 0, again.out + again.err
    assert currents(sandbox) == right(3)
    assert shown_by_id(sandbox).keys() == theirs
    assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.parametrize("meanwhile", [False, True], ids=["before", "meanwhile"])
def test_a_deleted_own_tab_is_made_again_and_lookups_come_back_by_init(
    shell: Shell, sandbox: Sandbox, meanwhile: bool
) -> None:
    def act(book: Book, _tab: GridTab) -> None:
        delete_tab(book, next(tab for tab in book.tabs if tab.title == OWN))

    if meanwhile:
        between(sandbox, act)
        assert shell.run("sync").code == 1
    else:
        act(people.book_of(sandbox), tab_of(sandbox))
    output = shell.run("sync")
    assert output.code == 0, output.err
    assert "'OKRs' holds broken lookups in rows 3-10: run `okrsync init --sheet`" in output.out
    assert all(value["type"] == "REF" for value in currents(sandbox).values())
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert currents(sandbox) == right()
    assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.parametrize("step", [2, 3])
def test_a_tab_that_took_the_renamed_ones_title_is_left_alone(shell: Shell, sandbox: Sandbox, step: int) -> None:
    if step == 3:  # not the first sync that this ledger knows
        assert shell.run("sync").code == 0
        numbers(sandbox, step)
    book = people.book_of(sandbox)
    rename_tab(book, own_tab(sandbox), "Do not touch")
    other = GridTab(4321, OWN)
    enter(other, 0, 0, "my notes")
    book.tabs.append(other)
    assert shell.run("sync").code == 0
    assert cells_of(other) == {(0, 0): {"stringValue": "my notes"}}
    assert currents(sandbox) == right(step)


def test_an_own_tab_of_another_workspace_stops_the_run(shell: Shell, sandbox: Sandbox) -> None:
    config = Path("okrsync.yaml")
    tab = tab_of(sandbox)
    people.book_of(sandbox).tabs.append(GridTab(99, "Ours", cells=copy.deepcopy(tab.cells)))
    config.write_text(config.read_text("utf-8").replace("tabs: [OKRs]", "tabs: [Ours]"), "utf-8")
    before = cells_of(own_tab(sandbox))
    done = shell.run("sync")
    assert done.code == 1
    assert "another workspace wrote it" in done.err
    assert "Nothing was written." in done.err
    assert cells_of(own_tab(sandbox)) == before
    config.write_text(config.read_text("utf-8").replace("tabs: [Ours]", "tabs: [Ours]\n  own_tab: ours"), "utf-8")
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert shell.run("sync").code == 0
    assert currents(sandbox, "Ours") == currents(sandbox) | right()


def test_a_range_of_its_own_tab_protected_against_it_is_named_and_the_rest_is_written(
    shell: Shell, sandbox: Sandbox
) -> None:
    own = own_tab(sandbox)
    row, column = next(place for place, cell in own.cells.items() if cell.entered.get("numberValue") == 11)
    protect(own, row, column, row + 1, column + 1)
    done = shell.run("sync")
    assert "kept Current value '11' (wanted 12): protected; it keeps this value until you unprotect it" in done.out
    assert currents(sandbox) == right() | {"KR1": 11}


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_protected_after_the_read_is_named_and_the_rest_is_written(
    shell: Shell, sandbox: Sandbox, whole: bool
) -> None:
    own = own_tab(sandbox)
    row, column = next(place for place, cell in own.cells.items() if cell.entered.get("numberValue") == 11)
    span = (None, None, None, None) if whole else (row, column, row + 1, column + 1)

    def protect_own(_book: Book, tab: GridTab) -> None:
        protect(tab, *span)

    between(sandbox, protect_own, title=OWN)
    done = shell.run("sync")
    assert done.code == 0, done.err
    kept = "protected; it keeps this value until you unprotect it"
    assert ("account edit it" if whole else f"kept Current value '11' (wanted 12): {kept}") in done.out
    assert currents(sandbox) == ({f"KR{n}": n * 11 for n in NUMBERS} if whole else right() | {"KR1": 11})


def test_rows_that_a_protected_tab_does_not_take_are_named_and_the_rest_is_written(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        tab = tab_of(sandbox)
        protect(tab, None, None, None, None)
        before = cells_of(tab)
        done = shell.run("sync")
        assert done.code == 0, done.err
        named = "The tab 'OKRs' is protected, so it gets no rows for KR6. Copy a row of it and type the id over;"
        assert named in done.out
        assert re.search(r"let okrsync@\S+ edit the tab", done.out)
        assert cells_of(tab_of(sandbox)) == before
        assert currents(sandbox, OWN) == {f"KR{n}": n * 11 for n in NUMBERS}
        assert "Nothing to write" in (again := shell.run("sync")).out
        assert named in again.out
        tab = tab_of(sandbox)
        row = 1 + max(row for row, _ in tab.cells)
        for column in range(12):
            tab.cells[row, column] = copy.deepcopy(tab.cell(2, column))
        enter(tab, row, 0, "KR6")
        assert currents(sandbox)["KR6"] == 66
        assert "is protected" not in shell.run("sync").out


def test_rows_go_into_the_tabs_that_take_them(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        tab = tab_of(sandbox)
        protect(tab, None, None, None, None)
        tab.protected[0]["unprotectedRanges"] = [[1, 0, None, None]]
        done = shell.run("sync")
        assert (done.code, "is protected" in done.out) == (0, False)
        assert currents(sandbox)["KR6"] == 66


def test_a_tab_that_is_protected_after_the_read_is_an_error_that_names_it(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        between(sandbox, lambda _book, tab: protect(tab, None, None, None, None))
        done = shell.run("sync")
        assert done.code == 1
        assert "okrsync's account may not edit the tab OKRs: HTTP 400 (Invalid requests" in done.err
        assert "Nothing was written." in done.err
        assert writes(sandbox) == 0
        assert shell.run("sync").code == 0


@pytest.mark.parametrize(
    "lost",
    [Fault("sheets", ":batchUpdate", 200, b"{", cut=1, after=True), Fault("sheets", ":batchUpdate", 503, b"")],
    ids=["arrived", "lost"],
)
def test_a_write_without_an_answer_is_looked_for_and_the_next_run_goes_on(
    shell: Shell, sandbox: Sandbox, lost: Fault
) -> None:
    lost.times = 1
    sandbox.faults.append(lost)
    between(sandbox, people.sort)
    done = shell.run("sync")
    assert done.code == (0 if lost.after else 1), done.out + done.err
    assert writes(sandbox) == lost.after
    assert shell.run("sync").code == 0
    assert currents(sandbox) == right()


def test_columns_that_moved_before_a_write_without_an_answer_show_their_own_numbers(
    shell: Shell, sandbox: Sandbox
) -> None:
    sandbox.faults.append(Fault("sheets", ":batchUpdate", 200, b"{", cut=1, after=True, times=1))
    between(sandbox, lambda book, _tab: reverse_columns(book, own_tab(sandbox)))
    done = shell.run("sync")
    assert done.code == 0, done.out + done.err
    assert currents(sandbox) == right()
    assert writes(sandbox) == 2


def test_what_people_type_over_a_lookup_is_kept_and_given_back_when_they_say_so(shell: Shell, sandbox: Sandbox) -> None:
    enter(tab_of(sandbox), 2, CURRENT, 77)
    kept = shell.run("sync")
    assert kept.code == 4
    assert "kept Current value '77' (wanted 12): was typed by hand" in kept.out
    assert currents(sandbox) == right() | {"KR1": 77}
    assert currents(sandbox, OWN)["KR1"] == 12
    back = shell.run("sync", "--overwrite", "KR1")
    assert back.code == 0, back.out + back.err
    assert currents(sandbox) == right()
    undone = shell.run("undo")
    assert undone.code == 0, undone.out
    assert currents(sandbox) == right() | {"KR1": 77}
    assert shell.run("undo").code == 0
    assert currents(sandbox) == right()


def test_an_overwrite_over_rows_that_moved_names_what_it_hit(shell: Shell, sandbox: Sandbox) -> None:
    enter(tab_of(sandbox), 2, CURRENT, 77)
    enter(tab_of(sandbox), 8, CURRENT, 88)
    between(sandbox, people.sort)
    done = shell.run("sync", "--overwrite", "KR1")
    assert done.code == 4, done.out
    assert "'77'" in done.out
    assert "'88'" in done.out


def test_the_lookups_stay_right_in_any_order_of_rows(sandbox: Sandbox, shell: Shell) -> None:
    assert shell.run("sync").code == 0
    dice = Random(7)  # noqa: S311 - the same orders each time
    for _ in range(20):
        order = list(range(8))
        dice.shuffle(order)
        people.shuffle(tab_of(sandbox), order)
        assert currents(sandbox) == right()


def swap_columns_without_their_lookups(own: GridTab) -> None:
    """Current values and scores change places, the lookups stay: what a move during a write may leave."""
    headers = {cell.entered["stringValue"]: column for (row, column), cell in own.cells.items() if not row}
    one, other = headers["Current value"], headers["Computed score"]
    places = {one: other, other: one}
    own.cells = {(row, places.get(column, column)): cell for (row, column), cell in own.cells.items()}


def test_init_puts_the_lookup_of_the_rows_around_into_a_row_that_lacks_it(shell: Shell, sandbox: Sandbox) -> None:
    tab = tab_of(sandbox)
    before = cells_of(tab)
    swap_columns_without_their_lookups(own_tab(sandbox))
    del tab.cells[2, CURRENT]
    assert shell.run("init", "--sheet", "--yes").code == 0
    after = cells_of(tab_of(sandbox))
    assert {place: after[place] for place in before} == before
    assert shell.run("sync").code == 0
    assert currents(sandbox) == right()


def test_scores_never_land_in_a_column_that_lookups_show(shell: Shell, sandbox: Sandbox) -> None:
    shell.at("2026-12-30T09:30:00+08:00")
    assert shell.run("sync").code == 0
    swap_columns_without_their_lookups(own_tab(sandbox))
    shell.at("2027-01-05T09:30:00+08:00")
    done = shell.run("close", "--write-scores", "--yes")
    assert done.code == 0, done.err
    found = entered_by_id(sandbox, OWN)
    assert {row["Computed score"] for key, row in found.items() if key.startswith("KR")} == {0.1}
    assert currents(sandbox) == right()


def two_of_a_name(_book: Book, tab: GridTab) -> None:
    """Somebody gives a second column the name of the current values."""
    enter(tab, 1, CURRENT + 1, "Current value")


def test_a_sheet_that_cannot_be_verified_was_written_and_is_named(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        between(sandbox, two_of_a_name)
        done = shell.run("sync")
        assert (done.code, done.err) == (4, "")
        output = "reading the headers of tab 'OKRs': two columns of row 2 both mean Current value / 目前值"
        assert f"Reads back differently than written: {output}" in done.out
        assert entered_by_id(sandbox, OWN)["KR1"]["Current value"] == 11


def test_an_own_cell_that_reads_back_otherwise_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd_image(*given: Any) -> SheetImage:
        image = make_image(*given)
        own = image.tabs.get(OWN)
        if own is None:
            return image
        rows = tuple(tuple(Cell("eleven") if cell.value == 11 else cell for cell in row) for row in own.rows)
        return replace(image, tabs={**image.tabs, OWN: replace(own, rows=rows)})

    monkeypatch.setattr(okr_sheet, "make_image", odd_image)
    with lean_workspace(shell.folder):
        done = shell.run("sync")
        assert (done.code, done.err) == (4, "")
        assert "Reads back differently than written: KR1 current: wanted '11', found 'eleven' in row " in done.out
        config = Path("okrsync.yaml")
        config.write_text(config.read_text("utf-8") + "language: zh-TW\n", "utf-8")
        output = shell.run("sync").out
        assert "寫入後讀回的內容不同：KR1 current：應為「11」，讀到「eleven」" in output
