"""Lost ledgers, copied and restored spreadsheets, two machines: none loses a person's word or shows a wrong number."""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

import sheet_people as people
from command_kit import Shell
from connectors.okr_sheet import MEMORY_TAB
from connectors.sandbox.google_sheets.book import enter
from demo_kit import sheets_of
from lean_kit import OWN, lean_workspace, numbers
from sandbox_kit import Sandbox
from sheet_people import entered_by_id, shown_by_id, tab_of
from workspace_kit import HEAD

TYPED = 77


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """Everything written once; then a person typed KR1's value, and the numbers moved."""
    with lean_workspace(shell.folder) as running:
        assert shell.run("sync").code == 0
        enter(tab_of(running), 2, 6, TYPED)
        numbers(running, 2)
        yield running


def current(sandbox: Sandbox) -> tuple[object, object]:
    """What the first two key results show."""
    found = shown_by_id(sandbox)
    return found["KR1"]["Current value"], found["KR2"]["Current value"]


def test_a_lost_ledger_loses_no_words(shell: Shell, sandbox: Sandbox) -> None:
    shutil.rmtree(".okrsync")
    assert shell.run("sync").code == 4
    assert current(sandbox) == (TYPED, 24)


def test_two_machines_take_turns(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(shell.folder, other, ignore=shutil.ignore_patterns(".okrsync", "other"))
    for step in (3, 4, 5, 6):
        numbers(sandbox, step)
        done = shell.run("sync", "-c", str((other if step % 2 else shell.folder) / "okrsync.yaml"))
        assert done.code == 4, done.err
        assert current(sandbox) == (TYPED, 2 * (10 + step))


def test_a_copied_spreadsheet_is_not_written_until_somebody_says_whose_it_is(shell: Shell, sandbox: Sandbox) -> None:
    twin = copy.deepcopy(people.book_of(sandbox))
    twin.id = "copied-okrs"
    sheets_of(sandbox).books[twin.id] = twin
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace("demo-okrs", twin.id), "utf-8")
    refused = shell.run("sync")
    assert refused.code == 1
    assert "the ledger knows it with the sheet demo-okrs, but this config names copied-okrs" in refused.err
    moved = shell.run("sync", "--moved")
    assert moved.code == 1
    assert "another workspace wrote it: without an id, spreadsheet demo-okrs" in moved.err
    assert sheets_of(sandbox).books[twin.id] is twin


@pytest.mark.parametrize("which", [["OKRs", OWN], ["OKRs"], [OWN]])
def test_a_restored_old_version_keeps_the_words_in_it_and_gets_the_numbers_of_today(
    shell: Shell, sandbox: Sandbox, which: list[str]
) -> None:
    old = copy.deepcopy(people.book_of(sandbox))
    assert shell.run("sync").code == 4
    book = people.book_of(sandbox)
    book.tabs = [
        next(copy.deepcopy(tab) for tab in old.tabs if tab.title == kept.title) if kept.title in which else kept
        for kept in book.tabs
    ]
    numbers(sandbox, 3)
    assert shell.run("sync").code == 4
    assert current(sandbox) == (TYPED, 26)
    assert entered_by_id(sandbox, OWN)["KR1"]["Current value"] == 13


def test_a_workbook_whose_memory_is_gone_waits_for_adoption(shell: Shell) -> None:
    book = Workbook()
    book.active.title = "OKRs"  # type: ignore[union-attr]
    for row in (("KR id", "Key result", "Target", "Current value", "Progress"), ("KR1", "Visit", 10)):
        book.active.append(row)  # type: ignore[union-attr]
    book.save("okrs.xlsx")
    Path("visits.csv").write_text("customer\nA\nB\n", "utf-8")
    Path("okrsync.yaml").write_text(
        HEAD
        + "objectives:\n  O1:\n    title: One\n    key_results:\n      KR1:\n        title: Visit\n        target: 10\n"
        "        measure:\n          from: files.rows\n          path: visits.csv\n          value: count(*)\n",
        "utf-8",
    )
    assert shell.run("sync").code == 0
    book = load_workbook("okrs.xlsx")
    del book[MEMORY_TAB]
    book.save("okrs.xlsx")
    Path("visits.csv").write_text("customer\nA\nB\nC\n", "utf-8")
    assert shell.run("sync").code == 4
    assert load_workbook("okrs.xlsx")["OKRs"]["D2"].value == 2
    assert shell.run("sync", "--adopt").code == 0
    assert load_workbook("okrs.xlsx")["OKRs"]["D2"].value == 3
