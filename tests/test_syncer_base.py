from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.okr_sheet import MEMORY_TAB, CellValue, SheetBatch
from memory_sheet import MemorySheet
from syncer.sheet.view import LastWritten, last_written_cells, read_last_written

VALUES: dict[tuple[str, str], CellValue] = {
    ("KR1", "current"): Decimal("0.75"),
    ("KR1", "status"): "on track",
    ("KR2", "current"): None,
    ("KR2", "updated"): date(2026, 10, 2),
}


def apply(
    sheet: MemorySheet, base: LastWritten, updates: dict[tuple[str, str], CellValue], forget: tuple[str, ...] = ()
) -> LastWritten:
    gone = frozenset(key for key in base.values if key[0] in forget)
    tabs, cells = last_written_cells(base, updates, gone, "run-1")
    after = sheet.write(SheetBatch(cells, new_tabs=tabs, version=str(sheet.version)))
    return read_last_written(after.tabs.get(MEMORY_TAB))


def test_the_memory_tab_reads_back_what_was_written() -> None:
    sheet = MemorySheet({"OKRs": []})
    first = apply(sheet, read_last_written(None), VALUES)
    assert dict(first.values) == VALUES
    assert sheet.hidden == {MEMORY_TAB}
    second = apply(sheet, first, {("KR1", "current"): Decimal(1), ("KR3", "note"): "1"})
    assert dict(second.values) == {**VALUES, ("KR1", "current"): Decimal(1), ("KR3", "note"): "1"}
    assert len(sheet.tabs[MEMORY_TAB]) == 1 + 5


def test_what_is_forgotten_is_gone() -> None:
    sheet = MemorySheet({"OKRs": []})
    after = apply(sheet, apply(sheet, read_last_written(None), VALUES), {("KR9", "current"): Decimal(2)}, ("KR1",))
    assert after.ids() == {"KR2", "KR9"}


def test_a_damaged_row_is_as_if_it_were_missing() -> None:
    sheet = MemorySheet({"OKRs": []})
    apply(sheet, read_last_written(None), VALUES)
    sheet.set(MEMORY_TAB, 1, 2, "rubbish")
    damaged = read_last_written(sheet.read().tabs[MEMORY_TAB])
    assert ("KR1", "current") not in damaged.values
    assert dict(apply(sheet, damaged, VALUES).values) == VALUES


@given(st.text(max_size=30))
def test_a_text_stays_a_text(text: str) -> None:
    sheet = MemorySheet({"OKRs": []})
    after = apply(sheet, read_last_written(None), {("KR1", "title"): text})
    assert after.values["KR1", "title"] == text
