"""Bases that went astray: none leads to overwriting a person's words."""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import sheet_people as people
from command_kit import Shell
from connectors.okr_sheet import MEMORY_TAB
from connectors.sandbox.google_sheets.book import GridTab, enter
from connectors.sandbox.server import Sandbox
from demo_kit import sheets_of
from lean_kit import lean_workspace, numbers
from sheet_people import entered_by_id, tab_of

TYPED = 77


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """Everything written once; then a person typed KR1's value, and the numbers moved."""
    with lean_workspace(shell.folder) as running:
        assert shell.run("sync").code == 0
        enter(tab_of(running), 2, 6, TYPED)
        numbers(running, 2)
        yield running


def current(sandbox: Sandbox, key: str = "KR1") -> object:
    return entered_by_id(sandbox)[key]["Current value"]


def test_a_sheet_whose_base_is_gone_waits_for_adoption(shell: Shell, sandbox: Sandbox) -> None:
    book = people.book_of(sandbox)
    book.tabs.remove(tab_of(sandbox, MEMORY_TAB))
    assert shell.run("sync").code == 4
    assert (current(sandbox), current(sandbox, "KR2")) == (TYPED, 22)
    assert shell.run("sync", "--adopt").code == 0
    assert (current(sandbox), current(sandbox, "KR2")) == (12, 24)


def test_a_base_without_its_sheet_takes_nothing_over(shell: Shell, sandbox: Sandbox) -> None:
    tab = tab_of(sandbox)
    for (row, column), cell in list(tab.cells.items()):
        if row > 1 and column == 6 and cell.entered and "formulaValue" not in cell.entered:
            enter(tab, row, column, 500 + row)
    assert shell.run("sync").code == 4
    assert current(sandbox) == 502


def test_a_lost_ledger_loses_no_words(shell: Shell, sandbox: Sandbox) -> None:
    shutil.rmtree(".okrsync")
    assert shell.run("sync").code == 4
    assert (current(sandbox), current(sandbox, "KR2")) == (TYPED, 24)


def test_two_machines_take_turns(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(shell.folder, other, ignore=shutil.ignore_patterns(".okrsync", "other"))
    for step in (3, 4, 5, 6):
        numbers(sandbox, step)
        done = shell.run("sync", "-c", str((other if step % 2 else shell.folder) / "okrsync.yaml"))
        assert done.code == 4, done.err
        assert (current(sandbox), current(sandbox, "KR2")) == (TYPED, 2 * (10 + step))


def test_a_copied_spreadsheet_keeps_its_people_s_words(shell: Shell, sandbox: Sandbox) -> None:
    twin = copy.deepcopy(people.book_of(sandbox))
    twin.id = "copied-okrs"
    sheets_of(sandbox).books[twin.id] = twin
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace("demo-okrs", twin.id), "utf-8")
    assert shell.run("sync").code == 4
    values = {next(iter(twin_tab.cell(row, 6).entered.values())) for row in (2, 3) for twin_tab in [_okrs(sandbox)]}
    assert values == {TYPED, 24}
    assert (current(sandbox), current(sandbox, "KR2")) == (TYPED, 22)


def _okrs(sandbox: Sandbox) -> GridTab:
    return next(tab for tab in sheets_of(sandbox).books["copied-okrs"].tabs if tab.title == "OKRs")


@pytest.mark.parametrize("which", [["OKRs", MEMORY_TAB], ["OKRs"], [MEMORY_TAB]])
def test_a_restored_old_version_keeps_the_words_in_it(shell: Shell, sandbox: Sandbox, which: list[str]) -> None:
    old = copy.deepcopy(people.book_of(sandbox))
    assert shell.run("sync").code == 4
    book = people.book_of(sandbox)
    book.tabs = [
        next(copy.deepcopy(tab) for tab in old.tabs if tab.title == title) if title in which else kept
        for kept in book.tabs
        for title in [kept.title]
    ]
    numbers(sandbox, 3)
    assert shell.run("sync").code == 4
    assert current(sandbox) == TYPED
