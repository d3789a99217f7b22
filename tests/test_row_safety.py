"""People move rows and columns between the read and the write, and between the write and its repair."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import sheet_people as people
from command_kit import Shell
from connectors.sandbox.google_sheets.admin import OWNER
from connectors.sandbox.google_sheets.book import Book, GridTab, enter
from connectors.sandbox.google_sheets.filters import add_filter_view, set_basic_filter
from connectors.sandbox.google_sheets.rows import delete_rows
from connectors.sandbox.server import Fault, Sandbox
from lean_kit import lean_workspace, numbers
from sheet_people import Act, between, entered_by_id, tab_of

Rows = dict[str, dict[str, Any]]


def hide_by_filter(book: Book, tab: GridTab) -> None:
    """Somebody filters rows away, and somebody else looks at them in another order: nothing moves."""
    shown = {"sheetId": tab.sheet_id, "startRowIndex": 1, "endRowIndex": 9, "endColumnIndex": 14}
    tab.merges = [box for box in tab.merges if box[0] == 0]
    set_basic_filter(book, {"filter": {"range": shown, "criteria": {"0": {"hiddenValues": ["KR2", "KR5"]}}}}, OWNER)
    backwards = [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]
    add_filter_view(book, {"filter": {"title": "Mine", "range": shown, "sortSpecs": backwards}}, OWNER)


def sort_by_filter(book: Book, tab: GridTab) -> None:
    """Somebody sorts by the arrow in a filter's header."""
    column = next(c for (r, c), cell in tab.cells.items() if cell.entered.get("stringValue") == "KR id")
    span = {"sheetId": tab.sheet_id, "startRowIndex": 1, "endRowIndex": 9, "endColumnIndex": 15}
    tab.merges = [box for box in tab.merges if box[0] == 0]
    backwards = [{"dimensionIndex": column, "sortOrder": "DESCENDING"}]
    set_basic_filter(book, {"filter": {"range": span, "sortSpecs": backwards}}, OWNER)


MOVES = {
    "sort": people.sort,
    "insert_above": people.insert_above,
    "insert_at_top": people.insert_at_top,
    "insert_column": people.insert_column,
    "insert_first_column": people.insert_first_column,
    "delete_column": people.delete_column,
    "rename_header": people.rename_header,
    "edit_a_note": people.edit_a_note,
    "hide_by_filter": hide_by_filter,
    "sort_by_filter": sort_by_filter,
}
OTHERS = {
    "delete": people.delete,
    "merge": people.merge,
    "protect": people.protect,
    "formula": people.formula,
    "rename_tab": people.rename_tab,
    "delete_tab": people.delete_tab,
}
"""What leaves a cell that cannot be written as planned."""


def writes(sandbox: Sandbox) -> int:
    return sum(":batchUpdate" in entry.target and entry.status == 200 for entry in sandbox.requests("sheets"))


_WRITTEN: dict[str, dict[str, Any]] = {}
"""By layout: the spreadsheets after a first sync."""


@contextmanager
def at_work(shell: Shell, *, warm: bool, layout: str = "in_place") -> Iterator[Sandbox]:
    """A workspace before the run under test: nothing written yet, or everything, and then the numbers moved."""
    with lean_workspace(shell.folder, layout) as sandbox:
        if warm:
            written(shell, sandbox, layout)
            numbers(sandbox, 2)
        yield sandbox


def written(shell: Shell, sandbox: Sandbox, layout: str) -> None:
    """Everything written once: by a run, or as an earlier test's run wrote it, without its ledger."""
    service = sandbox.services["sheets"]
    if layout not in _WRITTEN:
        done = shell.run("sync")
        assert done.code == 0, done.out + done.err
        _WRITTEN[layout] = service.dump()
    sandbox.log.clear()
    kept = copy.deepcopy(_WRITTEN[layout])
    service.load({**kept, "key": service.dump()["key"]})


def currents(found: Rows) -> dict[str, Any]:
    return {key: row.get("Current value") for key, row in found.items() if key.startswith("KR")}


def other(shell: Shell, folder: Path) -> Shell:
    folder.mkdir()
    return Shell(folder, shell._capsys, shell._monkeypatch)


def quiet(shell: Shell, folder: Path, act: Act, *, warm: bool) -> dict[str, dict[str, Any]]:
    """What the sheet should hold: the same act, with nobody in the way."""
    twin = other(shell, folder)
    with at_work(twin, warm=warm) as sandbox:
        twin.run("sync")
        act(people.book_of(sandbox), tab_of(sandbox))
        return entered_by_id(sandbox)


def same_rows(found: Rows, wanted: Rows) -> bool:
    """Whether both hold the same by id. A row that was made anew stands elsewhere: sums reach further, merges too."""

    def comparable(rows: Rows) -> list[tuple[str, dict[str, Any]]]:
        told = []
        for key, row in rows.items():
            cells = {header: value for header, value in row.items() if (key, header) != ("KR6", "Objective")}
            if "All of them" in row.values():
                cells = {header: str(value).partition("(")[0] for header, value in cells.items()}
            told.append(("" if key.startswith("row ") else key, cells))
        return sorted(told, key=str)

    assert comparable(found) == comparable(wanted)
    return True


@pytest.mark.parametrize("warm", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("name", MOVES)
def test_a_move_between_read_and_write_ends_as_if_it_had_come_after(
    shell: Shell, tmp_path: Path, name: str, warm: bool
) -> None:
    wanted = quiet(shell, tmp_path / "twin", MOVES[name], warm=warm)
    with at_work(other(shell, tmp_path / "here"), warm=warm) as sandbox:
        between(sandbox, MOVES[name])
        done = shell.run("sync")
        assert same_rows(entered_by_id(sandbox), wanted), done.out + done.err
        in_a_merge = not warm and name in ("insert_above", "insert_at_top")
        assert done.code == (4 if name == "rename_header" or in_a_merge else 0), done.out + done.err
        assert "Nothing to write." in shell.run("sync").out


@pytest.mark.parametrize("second", MOVES)
@pytest.mark.parametrize("first", ["sort", "insert_column"])
def test_a_move_between_write_and_repair_is_put_right_too(
    shell: Shell, tmp_path: Path, first: str, second: str
) -> None:
    def both(book: Any, tab: Any) -> None:
        MOVES[first](book, tab)
        MOVES[second](book, tab)

    wanted = quiet(shell, tmp_path / "twin", both, warm=True)
    with at_work(other(shell, tmp_path / "here"), warm=True) as sandbox:
        between(sandbox, MOVES[first], MOVES[second])
        done = shell.run("sync")
        assert same_rows(entered_by_id(sandbox), wanted), done.out + done.err
        assert "Somebody moved rows or columns meanwhile" in done.out


def test_a_row_deleted_meanwhile_is_not_made_anew_and_its_numbers_are_nowhere(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        kept = entered_by_id(sandbox)
        between(sandbox, people.delete)
        done = shell.run("sync")
        assert done.code == 4, done.err
        assert "KR2 current: wanted '24', found no row with that id" in done.out
        found = entered_by_id(sandbox)
        assert "KR2" not in found
        assert {key: row["Current value"] for key, row in found.items() if key.startswith("KR")} == {
            f"KR{n}": n * 12 for n in (1, 3, 4, 5, 6, 7, 8)
        }
        for key, row in found.items():
            if key.startswith("KR"):
                assert row["Confidence"] == kept[key]["Confidence"] if "Confidence" in kept[key] else True
        refused = shell.run("sync")
        assert refused.code == 1
        assert "KR2: okrsync wrote its row before, and it is gone" in refused.err


@pytest.mark.parametrize("warm", [False, True], ids=["first", "later"])
def test_a_merge_made_meanwhile_hides_no_number(shell: Shell, warm: bool) -> None:
    with at_work(shell, warm=warm) as sandbox:
        between(sandbox, people.merge)
        done = shell.run("sync")
        assert done.code == 4, done.out + done.err
        found = entered_by_id(sandbox)
        assert found["KR1"]["Current value"] == (12 if warm else 11)
        assert "Current value" not in found["KR2"]
        assert found["KR3"]["Current value"] == (36 if warm else 33)


@pytest.mark.parametrize(
    ("act", "code", "says"),
    [
        (people.protect, 0, "kept Current value '11' (wanted 12): protected"),
        (people.delete_tab, 1, "it has no tab 'OKRs'"),
    ],
    ids=["protect", "delete_tab"],
)
def test_what_google_refuses_is_planned_anew_or_told(shell: Shell, act: Act, code: int, says: str) -> None:
    with at_work(shell, warm=True) as sandbox:
        before = entered_by_id(sandbox)
        between(sandbox, act)
        done = shell.run("sync")
        if act is not people.protect:
            assert done.code == code
            assert says in done.err
            assert "Nothing was written." in done.err
            assert writes(sandbox) == 0
            return
        found = entered_by_id(sandbox)
        assert found["KR1"]["Current value"] == before["KR1"]["Current value"]
        assert found["KR2"]["Current value"] == 24
        assert done.code == 4
        assert "KR1 current: wanted '12', found '11' in row 3" in done.out
        assert says in shell.run("dry-run").out


@pytest.mark.parametrize("first", [None, people.sort], ids=["before_the_write", "before_the_repair"])
def test_a_tab_renamed_meanwhile_is_written_to_the_end_and_missed_by_the_next_run(
    shell: Shell, first: Act | None
) -> None:
    with at_work(shell, warm=True) as sandbox:
        between(sandbox, *([first] if first else []), people.rename_tab)
        done = shell.run("sync")
        assert done.code == 0, done.err
        assert currents(entered_by_id(sandbox, "Our OKRs")) == {f"KR{n}": n * 12 for n in range(1, 9)}
        again = shell.run("sync")
        assert again.code == 1
        assert "it has no tab 'OKRs' (it has Our OKRs" in again.err


@pytest.mark.parametrize("name", ["delete", "merge", "protect", "formula"])
def test_what_cannot_be_written_before_the_repair_costs_its_own_cell_only(shell: Shell, name: str) -> None:
    with at_work(shell, warm=True) as sandbox:
        before = entered_by_id(sandbox)
        between(sandbox, people.sort, OTHERS[name])
        done = shell.run("sync")
        found = entered_by_id(sandbox)
        wrong = {key for key, value in currents(found).items() if value != int(key[2:]) * 12}
        words = {key: row.get("Note") for key, row in found.items() if key.startswith("KR")}
        assert words == {key: before[key].get("Note") for key in words}
        if name == "delete":
            assert len(currents(before).keys() - currents(found).keys()) == 1
            assert wrong == set()
        else:
            assert len(wrong) <= 1, found
            assert all(f"{key} current" in done.out + done.err or "held" in done.err for key in wrong), done.out
        assert done.code == {"delete": 4, "merge": 4, "protect": 1, "formula": done.code}[name], done.out + done.err


def test_a_cell_that_was_hit_and_then_protected_is_named_and_put_back_once_it_may_be(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        between(sandbox, people.sort, people.protect)
        stopped = shell.run("sync")
        assert stopped.code == 1
        assert "1 cells hold a value of okrsync's that belongs elsewhere" in stopped.err
        assert "OKRs!G3 held '88'" in stopped.err
        assert shell.run("sync").code == 1
        tab_of(sandbox).protected.clear()
        assert shell.run("sync").code == 0
        assert currents(entered_by_id(sandbox)) == {f"KR{n}": n * 12 for n in range(1, 9)}


def test_a_tab_deleted_before_the_repair_is_repaired_once_people_bring_it_back(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        kept = []

        def delete(book: Book, tab: GridTab) -> None:
            kept.append(tab)
            book.tabs.remove(tab)

        between(sandbox, people.sort, delete)
        gone = shell.run("sync")
        assert gone.code == 1, gone.out
        again = shell.run("sync")
        assert again.code == 1
        assert "it has no tab 'OKRs'" in again.err
        people.book_of(sandbox).tabs.insert(0, kept[0])
        assert shell.run("sync").code == 0
        assert currents(entered_by_id(sandbox)) == {f"KR{n}": n * 12 for n in range(1, 9)}


def test_a_formula_put_into_an_owned_cell_before_the_write_moves_no_other(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        between(sandbox, people.formula)
        assert shell.run("sync").code == 0
        assert currents(entered_by_id(sandbox)) == {f"KR{n}": n * 12 for n in range(1, 9)}


def test_a_formula_put_in_after_the_write_is_kept(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        between(sandbox, people.sort, people.formula)
        done = shell.run("sync")
        found = entered_by_id(sandbox)
        assert done.code in (0, 4)
        assert {key: row["Current value"] for key, row in found.items() if key.startswith("KR") and key != "KR8"} == {
            f"KR{n}": n * 12 for n in (1, 2, 3, 4, 5, 6, 7)
        }


def test_a_formula_that_a_move_brought_under_the_write_is_put_back_as_a_formula(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        tab = tab_of(sandbox)
        enter(tab, 10, 7, "=G11*2")
        enter(tab, 10, 1, "Twice")
        between(sandbox, lambda book, tab: delete_rows(book, tab, 2, 1))
        shell.run("sync")
        assert entered_by_id(sandbox)["row 9"] == {"Objective": "Twice", "Progress": "=G10*2"}


def test_a_number_goes_back_to_its_last_digit(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        enter(tab_of(sandbox), 10, 6, 1 / 3)
        between(sandbox, lambda book, tab: delete_rows(book, tab, 2, 1))
        shell.run("sync")
        assert entered_by_id(sandbox)["row 9"] == {"Current value": 1 / 3}


def test_after_three_rounds_it_stops_with_the_sheet_as_it_was(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        before = entered_by_id(sandbox)
        between(sandbox, people.insert_above, people.sort, people.insert_above)
        stopped = shell.run("sync")
        assert stopped.code == 1
        assert "somebody kept moving rows or columns while it was written; stopped after 3 rounds" in stopped.err
        assert "hold again what they held before" in stopped.err
        found = entered_by_id(sandbox)
        assert {key: row for key, row in found.items() if key.startswith("KR")}.keys() == {
            f"KR{n}" for n in range(1, 9)
        }
        for key, row in found.items():
            for header, value in row.items():
                if key.startswith("KR") and header in ("Current value", "Progress"):
                    n = int(key[2:])
                    assert value in (before[key][header], n * 12 if header == "Current value" else 0.12), (key, header)
                elif not key.startswith("row"):
                    assert value == before[key][header]
        assert shell.run("sync").code == 0
        assert entered_by_id(sandbox)["KR1"]["Current value"] == 12


def test_who_never_stops_moving_is_told_what_each_cell_held_and_the_next_run_puts_it_back(shell: Shell) -> None:
    with at_work(shell, warm=True) as sandbox:
        before = entered_by_id(sandbox)
        between(sandbox, *[people.insert_above] * 6)
        stopped = shell.run("sync")
        assert stopped.code == 1
        assert "putting back what the write had hit" in stopped.err
        assert "it begins by putting them back" in stopped.err
        assert shell.run("sync").code == 0
        found = entered_by_id(sandbox)
        assert {key: row["Current value"] for key, row in found.items() if key.startswith("KR")} == {
            f"KR{n}": n * 12 for n in range(1, 9)
        }
        assert {key: row.get("Note") for key, row in found.items() if key.startswith("KR")} == {
            key: row.get("Note") for key, row in before.items() if key.startswith("KR")
        }


@pytest.mark.parametrize(
    "lost",
    [Fault("sheets", ":batchUpdate", 200, b"{", cut=1, after=True), Fault("sheets", ":batchUpdate", 503, b"")],
    ids=["arrived", "lost"],
)
def test_a_write_without_an_answer_is_read_again_rows_that_moved_included(shell: Shell, lost: Fault) -> None:
    with at_work(shell, warm=True) as sandbox:
        lost.times = 1
        sandbox.faults.append(lost)
        between(sandbox, people.sort)
        done = shell.run("sync")
        assert done.code == 0, done.err
        found = entered_by_id(sandbox)
        assert {key: row["Current value"] for key, row in found.items() if key.startswith("KR")} == {
            f"KR{n}": n * 12 for n in range(1, 9)
        }


def cells_of(tab: GridTab) -> dict[tuple[int, int], Any]:
    return {place: cell.entered for place, cell in tab.cells.items() if cell.entered}


def sort_own_tab(sandbox: Sandbox) -> Act:
    return lambda _book, _tab: people.shuffle(tab_of(sandbox, "okrsync"), (5, 4, 3, 2, 1, 0), top=1)


@pytest.mark.parametrize(
    ("name", "before_the_repair"),
    [*((name, False) for name in (*MOVES, *OTHERS)), *((name, True) for name in OTHERS)],
)
def test_beside_a_tab_of_its_own_nothing_that_people_do_can_be_hit(
    shell: Shell, name: str, before_the_repair: bool
) -> None:
    with at_work(shell, warm=True, layout="data_tab") as sandbox:
        left: dict[str, Any] = {}

        def act(book: Book, tab: GridTab) -> None:
            {**MOVES, **OTHERS}[name](book, tab)
            left.update({one.title: cells_of(one) for one in book.tabs if one is tab})

        between(sandbox, *([sort_own_tab(sandbox)] if before_the_repair else []), act)
        done = shell.run("sync")
        assert {title: cells_of(tab_of(sandbox, title)) for title in left} == left
        if name == "delete_tab":
            assert done.code == 1
            assert "it has no tab 'OKRs'" in done.err
            return
        assert done.code in (0, 4), done.err
        assert currents(entered_by_id(sandbox, "okrsync")) == {f"KR{n}": n * 12 for n in range(1, 9)}
        assert ("Somebody moved" in done.out) is before_the_repair
        assert writes(sandbox) == 1 + before_the_repair


def harm_own_tab(sandbox: Sandbox, harm: str) -> Act:
    def act(book: Book, _tab: GridTab) -> None:
        own = tab_of(sandbox, "okrsync")
        match harm:
            case "delete":
                book.tabs.remove(own)
            case "headers":
                delete_rows(book, own, 0, 1)
            case "empty":
                own.cells.clear()
            case "columns":
                width = 1 + max(column for _, column in own.cells)
                own.cells = {(row, width - 1 - column): cell for (row, column), cell in own.cells.items()}
            case _:
                people.shuffle(own, (5, 4, 3, 2, 1, 0), top=1)

    return act


@pytest.mark.parametrize("harm", ["delete", "headers", "empty", "sort", "columns"])
def test_a_tab_of_its_own_that_somebody_destroyed_is_made_anew(shell: Shell, harm: str) -> None:
    with at_work(shell, warm=True, layout="data_tab") as sandbox:
        harm_own_tab(sandbox, harm)(people.book_of(sandbox), tab_of(sandbox))
        assert shell.run("sync").code == 0
        assert currents(entered_by_id(sandbox, "okrsync")) == {f"KR{n}": n * 12 for n in range(1, 9)}
        assert "Nothing to write." in shell.run("sync").out


@pytest.mark.parametrize("harm", ["delete", "headers", "empty", "sort", "columns"])
def test_a_tab_of_its_own_destroyed_while_it_is_written_is_whole_after_the_next_run(shell: Shell, harm: str) -> None:
    with at_work(shell, warm=True, layout="data_tab") as sandbox:
        theirs = cells_of(tab_of(sandbox))
        between(sandbox, harm_own_tab(sandbox, harm))
        assert shell.run("sync").code in (0, 1, 4)
        assert shell.run("sync").code == 0
        assert currents(entered_by_id(sandbox, "okrsync")) == {f"KR{n}": n * 12 for n in range(1, 9)}
        assert cells_of(tab_of(sandbox)) == theirs


def test_a_range_of_its_own_tab_protected_against_it_is_told_and_the_rest_is_written(shell: Shell) -> None:
    with at_work(shell, warm=True, layout="data_tab") as sandbox:
        own = tab_of(sandbox, "okrsync")
        row, column = next(place for place, cell in own.cells.items() if cell.entered.get("numberValue") == 11)
        span = [row, column, row + 1, column + 1]
        own.protected.append({"protectedRangeId": 78, "range": span, "editors": {"users": [OWNER]}})
        done = shell.run("sync")
        assert "kept Current value '11' (wanted 12): protected" in done.out
        assert currents(entered_by_id(sandbox, "okrsync")) == {f"KR{n}": n * 12 for n in range(2, 9)} | {"KR1": 11}
