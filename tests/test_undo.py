"""`undo` puts back what nobody edited since, is itself undoable, and forgets what was never okrsync's."""

import re
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

import sheet_people as people
from command_kit import NOTHING_TO_WRITE, Shell
from connectors.sandbox.google_sheets.book import enter
from demo_kit import demo_workspace
from lean_kit import OWN, lean_workspace, numbers
from sandbox_kit import Sandbox
from sheet_people import between, shown_by_id, tab_of


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """Everything written twice, with other numbers."""
    with lean_workspace(shell.folder) as running:
        assert shell.run("sync").code == 0
        numbers(running, 2)
        assert shell.run("sync").code == 0
        yield running


def current(sandbox: Sandbox) -> dict[str, object]:
    return {key: row.get("Current value") for key, row in shown_by_id(sandbox).items() if key.startswith("KR")}


def test_an_undo_of_an_undo_writes_it_again(shell: Shell, sandbox: Sandbox) -> None:
    written = current(sandbox)
    assert shell.run("undo").code == 0
    assert current(sandbox) == {f"KR{n}": n * 11 for n in range(1, 9)}
    assert shell.run("undo").code == 0
    assert current(sandbox) == written
    assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_an_undo_of_an_undo_says_whose_numbers_are_back(shell: Shell, sandbox: Sandbox, language: str) -> None:
    config = shell.folder / "okrsync.yaml"
    text = re.sub(r"^language: .*\n", "", config.read_text("utf-8"), flags=re.MULTILINE)
    config.write_text(f"{text}language: {language}\n", "utf-8")
    second, first = re.findall(r"\d{8}T\d{6}-[0-9a-f]{6}", shell.run("history").out)[:2]
    undid, back = {
        "en": ("Undid the undo ", "The numbers of run {} are in the sheet again.\n"),
        "zh-TW": ("已復原先前的復原", "試算表上現在是執行編號 {} 的數值。\n"),
    }[language]
    once = shell.run("undo").out
    assert undid not in once
    for run in (second, first, second):
        again = shell.run("undo").out
        assert undid in again
        assert back.format(run) in again
    assert current(sandbox)["KR1"] == 12


@pytest.mark.usefixtures("sandbox")
def test_a_run_is_undone_by_the_beginning_of_its_id(shell: Shell) -> None:
    last = re.findall(r"\d{8}T\d{6}-[0-9a-f]{6}", shell.run("history").out)[0]
    assert f"Undid run {last}" in shell.run("undo", last[:-2]).out
    assert "no such run" in shell.run("undo", "19990101").err


def own_cell(sandbox: Sandbox, value: int) -> tuple[int, int]:
    """Where a number stands in okrsync's own tab."""
    cells = tab_of(sandbox, OWN).cells
    return next(place for place, cell in cells.items() if cell.entered == {"numberValue": value})


def test_after_a_partial_edit_the_rest_is_put_back(shell: Shell, sandbox: Sandbox) -> None:
    enter(tab_of(sandbox, OWN), *own_cell(sandbox, 12), 77)
    undone = shell.run("undo")
    assert undone.code == 4
    assert "KR1 Current value: was edited since" in undone.out
    assert current(sandbox) == {"KR1": 77, **{f"KR{n}": n * 11 for n in range(2, 9)}}


def test_what_a_person_had_typed_is_kept_again_after_an_undo(shell: Shell, sandbox: Sandbox) -> None:
    enter(tab_of(sandbox), 2, 6, 77)
    assert shell.run("sync", "--overwrite", "KR1").code == 0
    assert current(sandbox)["KR1"] == 12
    assert shell.run("undo").code == 0
    assert current(sandbox)["KR1"] == 77
    assert shell.run("sync").code == 4
    assert current(sandbox)["KR1"] == 77


def test_rows_that_move_during_an_undo_are_put_right(shell: Shell, sandbox: Sandbox) -> None:
    between(sandbox, people.sort)
    assert shell.run("undo").code == 0
    assert current(sandbox) == {f"KR{n}": n * 11 for n in range(1, 9)}


def test_what_is_kept_is_in_the_language_of_the_workspace(shell: Shell, sandbox: Sandbox) -> None:
    config = shell.folder / "okrsync.yaml"
    text = config.read_text("utf-8")
    enter(tab_of(sandbox, OWN), *own_cell(sandbox, 12), 77)
    config.write_text(re.sub(r"^language: .*\n", "", text, flags=re.MULTILINE) + "language: zh-TW\n", "utf-8")
    assert "KR1 目前值：執行後有人修改過\n" in shell.run("undo").out


def test_in_a_workbook_sources_lose_their_links_and_get_them_back(shell: Shell) -> None:
    with demo_workspace(shell.folder):
        config = shell.folder / "okrsync.yaml"
        text = re.sub(r"okr_sheet:\n(?: .*\n)+", "okr_sheet:\n  file: okrs.xlsx\n", config.read_text("utf-8"))
        config.write_text(text, "utf-8")
        assert shell.run("init", "--sheet").code == 0
        assert shell.run("sync").code == 4
        linked = sources(shell)
        assert all(linked["KR1"]), linked
        undone = shell.run("undo")
        assert (undone.code, undone.err) == (0, ""), undone.out
        assert set(sources(shell).values()) == {(None, None)}
        assert shell.run("undo").code == 0
        assert shell.run("sync").code == 4
        assert sources(shell) == linked


def sources(shell: Shell) -> dict[str, tuple[object, object]]:
    """The text and the link of each key result's source."""
    tab = load_workbook(shell.folder / "okrs.xlsx")["OKRs"]
    head = [cell.value for cell in tab[1]]
    cells = {str(row[0].value): row[head.index("Source")] for row in tab.iter_rows(min_row=2) if row[0].value}
    return {key: (cell.value, cell.hyperlink and cell.hyperlink.target) for key, cell in cells.items()}
