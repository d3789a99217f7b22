"""A sheet that somebody saves between reading and writing is planned again, within the same run."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from command_kit import Shell, make_one_key_result
from connectors.local_sheet.okr_sheet import XlsxWriter
from connectors.okr_sheet import SheetBatch, SheetImage


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell(tmp_path, capsys, monkeypatch)
    make_one_key_result(made)
    return made


def saved_meanwhile(monkeypatch: pytest.MonkeyPatch, place: Path, times: int) -> list[str]:
    """Let somebody type an owner into the workbook right before each of the first `times` writes."""
    write, written = XlsxWriter.write, list[str]()

    def after_somebody(self: XlsxWriter, batch: SheetBatch) -> SheetImage:
        if len(written) < times:
            book = load_workbook(place)
            column = next(cell.column for cell in book.worksheets[0][1] if cell.value == "Owner")
            book.worksheets[0].cell(3, column, f"Ada {len(written)}")
            book.save(place)
        written.append(batch.version)
        return write(self, batch)

    monkeypatch.setattr(XlsxWriter, "write", after_somebody)
    return written


def test_what_people_save_meanwhile_stays_and_the_values_are_written(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = shell.folder / "okrs.xlsx"
    written = saved_meanwhile(monkeypatch, place, 2)
    assert shell.run("sync").code == 0
    assert len(set(written)) == len(written) == 3
    rows = list(load_workbook(place).worksheets[0].values)
    shown = dict(zip(rows[0], rows[2], strict=True))
    assert (shown["Owner"], shown["Current value"]) == ("Ada 1", 2)
    assert shell.run("dry-run", "--detailed-exitcode").code == 0


def test_a_sheet_that_changes_each_time_is_left_alone(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    written = saved_meanwhile(monkeypatch, shell.folder / "okrs.xlsx", 3)
    done = shell.run("sync")
    assert done.code == 1
    assert "Nothing was written." in done.err
    assert len(written) == 3


def test_a_reviewed_plan_is_applied_or_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell.run("dry-run", "--out", "plan.json").code == 0
    written = saved_meanwhile(monkeypatch, shell.folder / "okrs.xlsx", 1)
    assert shell.run("sync", "--plan", "plan.json").code == 1
    assert len(written) == 1
