"""Values that okrsync last wrote, stored in the hidden tab `_okrsync` of the sheet, the memory tab. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.okr_sheet import MEMORY_TAB, CellValue, CellWrite, NewTab, Tab
from syncer.model.cells import as_text, decode_cell, encode_cell
from syncer.model.plan import Key

HEADERS = ("id", "column", "value", "run")
WORKSPACE = "*"
"""Id of the entries about the whole workspace; not a valid key result id."""

EMPTY_CELL = "-"
"""Stands for a cell that okrsync left empty."""


@dataclass(frozen=True, slots=True)
class LastWritten:
    """Last-written values by key. `rows` are their rows in the memory tab; `next_row` is the first free one.

    `runs` are the ids of the runs that wrote them.
    """

    values: Mapping[Key, CellValue] = field(default_factory=dict)
    rows: Mapping[Key, int] = field(default_factory=dict)
    next_row: int = 1
    exists: bool = False
    runs: Mapping[Key, str] = field(default_factory=dict)

    def ids(self) -> frozenset[str]:
        """Return the ids of the key results with last-written values."""
        return frozenset(key for key, _ in self.values if key != WORKSPACE)


def read_last_written(tab: Tab | None) -> LastWritten:
    """Read the memory tab. Rows that cannot be parsed are ignored, so that their cells require `--adopt`."""
    if tab is None:
        return LastWritten()
    values: dict[Key, CellValue] = {}
    rows: dict[Key, int] = {}
    runs: dict[Key, str] = {}
    for row in range(1, len(tab.rows)):
        key = (as_text(tab.cell(row, 0).value), as_text(tab.cell(row, 1).value))
        if not all(key):
            continue
        try:
            text = as_text(tab.cell(row, 2).value)
            values[key] = decode_cell(None if text == EMPTY_CELL else text)
        except ValueError:
            continue
        rows[key], runs[key] = row, as_text(tab.cell(row, 3).value)
    return LastWritten(values, rows, max(len(tab.rows), 1), exists=True, runs=runs)


def last_written_cells(
    base: LastWritten, updates: Mapping[Key, CellValue], forget: frozenset[Key], run: str
) -> tuple[tuple[NewTab, ...], tuple[CellWrite, ...]]:
    """Return the writes that add `updates` to the memory tab and remove `forget` from it."""
    cells: list[CellWrite] = []
    if not base.exists:
        cells += [CellWrite(MEMORY_TAB, 0, index, header) for index, header in enumerate(HEADERS)]
    free = base.next_row
    for key in sorted(updates):
        row = base.rows.get(key)
        texts: tuple[CellValue, ...] = (*key, encode_cell(updates[key]) or EMPTY_CELL, run)
        if row is None:
            row, free, first = free, free + 1, 0
        else:
            first = 2
        cells += [CellWrite(MEMORY_TAB, row, index, texts[index]) for index in range(first, 4)]
    for key in sorted(forget & set(base.rows) - set(updates)):
        cells += [CellWrite(MEMORY_TAB, base.rows[key], index, None) for index in range(4)]
    return (() if base.exists else (NewTab(MEMORY_TAB, hidden=True, protected=True),)), tuple(cells)
