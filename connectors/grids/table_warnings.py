"""Warnings of a table: a last row that is the sum of those above it, and a header row that looks like data."""

import math
from collections.abc import Mapping, Sequence

from config.message import Message
from config.tables import Column
from connectors.grids.cells import CellLike, as_text, is_empty
from connectors.grids.layout import BLANK, Layout
from connectors.grids.place import GridPlace
from connectors.protocol import Value

_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def warnings_of(
    layout: Layout, columns: Sequence[Column], values: Mapping[str, Sequence[Value]], place: GridPlace
) -> tuple[str, ...]:
    """Return what looks wrong in a table, whose typed values are given by column."""
    numbers = [column.name for column in columns if column.type == "number"]
    found = (_totals(layout, values, numbers, place), _header(layout, numbers, place))
    return tuple(warning for warning in found if warning)


def _totals(layout: Layout, values: Mapping[str, Sequence[Value]], numbers: Sequence[str], place: GridPlace) -> str:
    """Warn of a last row that sums up the rows above it, and is set apart from them or leaves a column empty."""
    if len(layout.body) <= 2:  # noqa: PLR2004
        return ""
    before, index = layout.body[-2:]
    incomplete = any(column[-1] is None and None not in column[:-1] for column in values.values())
    label = next((as_text(cell) for cell in layout.rows[-1] if isinstance(cell, str) and not is_empty(cell)), "")
    if index > before + 1:
        until = BLANK
    elif incomplete or label.casefold() in _LABELS:
        until = label or BLANK
    else:
        return ""
    if not any(_is_sum(values[name]) for name in numbers):
        return ""
    return Message(
        "row {row} is the sum of the rows above it and was counted as a row; if it is a total, `until: {until}` leaves "
        "it out",
        row=place.top + index + 1,
        until=until,
    )


_LABELS = frozenset(
    {
        "total",
        "totals",
        "grand total",
        "sum",
        "subtotal",
        "合計",
        "總計",
        "小計",
        "總和",
        "加總",
        "共計",
        "总计",
        "合计",
    }
)
"""Texts that mark a row of totals that has a value in every column."""


def _is_sum(values: Sequence[Value]) -> bool:
    *above, last = values
    known = [value for value in above if isinstance(value, (int, float))]
    if not isinstance(last, (int, float)) or not last or len(known) <= 1:
        return False
    return math.isclose(last, math.fsum(known), rel_tol=1e-9)


def _header(layout: Layout, numbers: Sequence[str], place: GridPlace) -> str:
    """Warn of a header row with a number above each column of numbers; years are common headers."""
    if layout.header_row < 0 or not numbers or not all(_is_number(name) for name in numbers):
        return ""
    return Message(
        "row {row} was taken for the headers, but looks like data; if it is data, write `header: none`",
        row=place.top + layout.header_row + 1,
    )


def _is_number(header: CellLike) -> bool:
    try:
        return not _FIRST_YEAR <= float(str(header).replace(",", "")) <= _LAST_YEAR
    except ValueError:
        return False
