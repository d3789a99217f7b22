"""People move rows and columns while `close --write-scores` writes, or it is killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import sheet_people as people
from command_kit import Shell
from connectors.sandbox.google_sheets.book import enter
from connectors.sandbox.server import Sandbox
from demo_kit import sheets_of
from lean_kit import NUMBERS, lean_workspace
from sheet_people import Act, between, entered_by_id, places_of, tab_of
from syncer.run import repair

SCORE = "Computed score"
ACTS = {"sort": people.sort, "insert_above": people.insert_above, "insert_column": people.insert_column}


class Killed(BaseException):
    """The end of the process."""


@contextmanager
def after_the_cycle(shell: Shell) -> Iterator[Sandbox]:
    """The cycle is over, its last numbers are in the sheet, and people made a column for the scores."""
    with lean_workspace(shell.folder) as sandbox:
        sales = next(tab for tab in sheets_of(sandbox).books["demo-sales"].tabs if tab.title == "Numbers")
        for n in NUMBERS:
            enter(sales, n, 1, n * n * 10)  # n tenths of the way
        shell.at("2026-12-30T09:30:00+08:00")
        assert shell.run("sync", "--adopt").code == 0
        places = places_of(tab_of(sandbox))
        enter(tab_of(sandbox), places.head, max(places.columns.values()) + 1, SCORE)
        shell.at("2027-01-05T09:30:00+08:00")
        yield sandbox


def written(shell: Shell, *acts: Act) -> dict[str, dict[str, Any]]:
    """The sheet by id, after scores were written and these acts came between."""
    with after_the_cycle(shell) as sandbox:
        between(sandbox, *acts)
        done = shell.run("close", "--write-scores", "--yes")
        assert done.code == 0, done.err
        assert "Nothing to write." in shell.run("close", "--write-scores", "--yes").out
        return entered_by_id(sandbox)


def by_id(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: row for key, row in found.items() if key.startswith("KR")}


def other(shell: Shell, folder: Path) -> Shell:
    folder.mkdir()
    return Shell(folder, shell._capsys, shell._monkeypatch)


def in_quiet(shell: Shell, folder: Path) -> dict[str, dict[str, Any]]:
    """What stands in each row where nobody gets in the way."""
    quiet = by_id(written(other(shell, folder)))
    assert {key: row[SCORE] for key, row in quiet.items()} == {f"KR{n}": n / 10 for n in NUMBERS}
    return quiet


@pytest.mark.parametrize("acts", [("sort",), ("insert_above",), ("insert_column",), ("sort", "insert_column")])
def test_scores_stand_in_their_rows_whatever_moved_while_they_were_written(
    shell: Shell, tmp_path: Path, acts: tuple[str, ...]
) -> None:
    quiet = in_quiet(shell, tmp_path / "twin")
    moved = written(other(shell, tmp_path / "here"), *(ACTS[name] for name in acts))
    assert by_id(moved) == quiet


def test_a_killed_write_of_scores_is_put_right_by_the_next(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    quiet = in_quiet(shell, tmp_path / "twin")
    here = other(shell, tmp_path / "here")
    with after_the_cycle(here) as sandbox:
        between(sandbox, people.insert_column)
        with monkeypatch.context() as patch:
            patch.setattr(repair, "settle", die)
            with pytest.raises(Killed):
                here.run("close", "--write-scores", "--yes")
        assert by_id(entered_by_id(sandbox)) != quiet
        assert here.run("close", "--write-scores", "--yes").code == 0
        assert by_id(entered_by_id(sandbox)) == quiet
