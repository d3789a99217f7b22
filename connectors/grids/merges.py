"""Fill down merged cells of a grid, so that a label merged over several rows belongs to each of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from config.message import Message
from connectors.grids.a1 import Area
from connectors.grids.cells import CellLike, is_empty
from connectors.grids.place import GridPlace

DOUBTFUL = "#VALUE!"
"""Cell below a merged number, which may be meant for each row or once for all."""


def may_hold_merges(grid: Sequence[Sequence[CellLike]], column: int, *, below_others: bool) -> bool:
    """Return whether a column has an empty cell below a filled one, as merged cells have; blank rows do not count.

    `below_others` says that the tab has rows above the grid, so that the filled one may be there.
    """
    filled = below_others
    for row in grid:
        if column < len(row) and not is_empty(row[column]):
            filled = True
        elif filled and not all(map(is_empty, row)):
            return True
    return False


def fill_down(
    grid: list[list[CellLike]],
    merges: Iterable[Area],
    place: GridPlace,
    above: Mapping[tuple[int, int], CellLike] = MappingProxyType({}),
) -> Mapping[tuple[int, int], str]:
    """Copy the texts, dates and booleans of merged cells to the rows below in the same column.

    `above` has the values of those that begin above the grid, by row and column of the tab.

    A row with nothing but parts of merged cells stays blank: it is no row of its own. A merged number is not copied,
    since it would be counted several times: the cells below it become errors. Returns what to show for those, by row
    and column of the tab.
    """
    doubts: dict[tuple[int, int], str] = {}
    blank = {row for row, cells in enumerate(grid) if all(map(is_empty, cells))}
    for area in merges:
        top, left = area.top - place.top, area.left - place.left
        bottom = min((area.bottom or 0) - place.top, len(grid))
        if left < 0 or top >= len(grid):
            continue
        first = grid[top] if top >= 0 else ()
        value = first[left] if left < len(first) else above.get((area.top, area.left))
        if is_empty(value):
            continue
        is_label = isinstance(value, (str, bool, date, datetime))
        for row in sorted(set(range(max(top + 1, 0), bottom)) - blank):
            cells = grid[row]
            cells += [None] * (left + 1 - len(cells))
            cells[left] = value if is_label else DOUBTFUL
            if not is_label:
                doubts[place.top + row, area.left] = Message(
                    "part of the merged cell {name}, whose number may be meant for each row or once for all",
                    name=place.name(area.top, area.left),
                )
    return doubts
