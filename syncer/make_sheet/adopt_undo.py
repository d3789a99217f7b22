"""What stood where ids and headers landed that people moved rows or columns under. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from connectors.okr_sheet import EMPTY, Cell, CellWrite, Tab
from syncer.sheet.layout import Layout, cell_id

_KEYS = ("title", "objective")
"""A row is recognised by these texts."""


def put_back(layout: Layout, now: Tab, hit: list[CellWrite]) -> Iterator[CellWrite]:
    """For each cell that holds what was written, what its row and column held before; empty where nobody can tell.

    `layout` is the tab as it was read, `now` as it stands after the write.
    """
    columns = _columns(layout, now, [one.column for one in hit if one.row == layout.header_row])
    rows = _rows(layout, now, columns)
    for one in hit:
        row, column = rows.get(one.row), columns.get(one.column)
        known = layout.tab.cell(row, column) if row is not None and column is not None else EMPTY
        yield CellWrite(one.tab, one.row, one.column, known.value, formula=known.formula or "")


def _columns(layout: Layout, now: Tab, hit: list[int]) -> dict[int, int]:
    """Where each column stood, by its header; those whose header was hit are the ones that are missing, in order."""
    then = _once({index: cell_id(cell) for index, cell in enumerate(_row(layout.tab, layout.header_row))})
    today = _once({index: cell_id(cell) for index, cell in enumerate(_row(now, layout.header_row)) if index not in hit})
    found = {index: then[text] for text, index in today.items() if text in then}
    gone = sorted(index for text, index in then.items() if text not in today)
    return found | dict(zip(sorted(hit), gone, strict=False))


def _rows(layout: Layout, now: Tab, columns: Mapping[int, int]) -> dict[int, int]:
    """Where each row stood, by its texts; a row above the headers and one whose texts stand twice are left out."""
    keys = [layout.columns[name] for name in _KEYS if name in layout.columns]
    today = {then: index for index, then in columns.items()}

    def texts(tab: Tab, places: list[int]) -> dict[int, str]:
        rows = range(layout.header_row + 1, len(tab.rows))
        found = {row: "\0".join(cell_id(tab.cell(row, place)) for place in places) for row in rows}
        return {row: text for row, text in found.items() if text.strip("\0")}

    then = _once(texts(layout.tab, keys))
    found = _once(texts(now, [today.get(key, -1) for key in keys]))
    rows = {row: then[text] for text, row in found.items() if text in then}
    return rows | {layout.header_row: layout.header_row}


def _once(texts: Mapping[int, str]) -> dict[str, int]:
    """The places by text, without empty ones and those that stand twice."""
    count = Counter(texts.values())
    return {text: place for place, text in texts.items() if text and count[text] == 1}


def _row(tab: Tab, row: int) -> tuple[Cell, ...]:
    return tab.rows[row] if row < len(tab.rows) else ()
