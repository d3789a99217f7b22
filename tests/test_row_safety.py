"""People move rows and columns between the read and the write, and between the write and its repair."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import sheet_people as people
from command_kit import Shell
from connectors.sandbox.google_sheets.book import enter
from connectors.sandbox.google_sheets.rows import delete_rows
from connectors.sandbox.server import Fault, Sandbox
from lean_kit import lean_workspace, numbers
from sheet_people import Act, between, entered_by_id, tab_of

Rows = dict[str, dict[str, Any]]

MOVES = {
    "sort": people.sort,
    "insert_above": people.insert_above,
    "insert_at_top": people.insert_at_top,
    "insert_column": people.insert_column,
    "insert_first_column": people.insert_first_column,
    "delete_column": people.delete_column,
    "rename_header": people.rename_header,
    "edit_a_note": people.edit_a_note,
}


def writes(sandbox: Sandbox) -> int:
    return sum(":batchUpdate" in entry.target and entry.status == 200 for entry in sandbox.requests("sheets"))


@contextmanager
def at_work(shell: Shell, *, warm: bool, layout: str = "in_place") -> Iterator[Sandbox]:
    """A workspace before the run under test: nothing written yet, or everything, and then the numbers moved."""
    with lean_workspace(shell.folder, layout) as sandbox:
        if warm:
            done = shell.run("sync")
            assert done.code == 0, done.out + done.err
            numbers(sandbox, 2)
        yield sandbox


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
        (people.rename_tab, 1, "it has no tab 'OKRs'"),
    ],
    ids=["protect", "delete_tab", "rename_tab"],
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
            assert writes(sandbox) == 1
            return
        found = entered_by_id(sandbox)
        assert found["KR1"]["Current value"] == before["KR1"]["Current value"]
        assert found["KR2"]["Current value"] == 24
        assert done.code == 4
        assert "KR1 current: wanted '12', found '11' in row 3" in done.out
        assert says in shell.run("dry-run").out


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


@pytest.mark.parametrize("name", MOVES)
def test_in_a_tab_of_its_own_nothing_that_people_move_can_be_hit(shell: Shell, name: str) -> None:
    with at_work(shell, warm=True, layout="data_tab") as sandbox:
        between(sandbox, MOVES[name])
        before = {title: entered_by_id(sandbox, title) for title in ("OKRs", "okrsync")}
        done = shell.run("sync")
        assert done.code in (0, 4), done.err
        assert "Somebody moved" not in done.out
        okrs, own = entered_by_id(sandbox), entered_by_id(sandbox, "okrsync")
        assert {row["Current value"] for key, row in own.items() if key.startswith("KR")} == {
            n * 12 for n in range(1, 9)
        }
        assert own.keys() == before["okrsync"].keys()
        assert not any("Progress" in row for row in okrs.values())
        assert writes(sandbox) == 2


@pytest.mark.parametrize("harm", ["delete", "headers", "empty", "sort"])
def test_a_tab_of_its_own_that_somebody_destroyed_is_made_anew(shell: Shell, harm: str) -> None:
    with at_work(shell, warm=True, layout="data_tab") as sandbox:
        book, own = people.book_of(sandbox), tab_of(sandbox, "okrsync")
        if harm == "delete":
            book.tabs.remove(own)
        elif harm == "headers":
            delete_rows(book, own, 0, 1)
        elif harm == "empty":
            own.cells.clear()
        else:
            people.shuffle(own, (5, 4, 3, 2, 1, 0), top=1)
        assert shell.run("sync").code == 0
        found = entered_by_id(sandbox, "okrsync")
        assert {key: row["Current value"] for key, row in found.items() if key.startswith("KR")} == {
            f"KR{n}": n * 12 for n in range(1, 9)
        }
        assert "Nothing to write." in shell.run("sync").out
