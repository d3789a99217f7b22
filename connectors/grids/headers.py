"""Find the header row of a grid, and name its columns."""

from collections.abc import Mapping, Sequence

from config.dataclass import dataclass
from config.message import Message
from connectors.grids.cells import CellLike, as_text, is_empty
from connectors.grids.columns import is_word
from connectors.grids.place import GridPlace

_JIRA_KEY = "issue key"
"""Header of Jira's CSV export, in lower case."""


@dataclass(frozen=True, slots=True)
class Headers:
    """Names of the columns by index, indexes of joined columns by name, and notes on repeated headers."""

    names: Mapping[int, str]
    lists: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...]


def header_index(grid: Sequence[Sequence[CellLike]], place: GridPlace, stated: int | None) -> int:
    """Return the index of the header row; `stated` is its row in the tab, counted from 1. Raises SourceError."""
    if stated is not None:
        index = stated - 1 - place.top
        if 0 <= index < len(grid) and any(not is_empty(cell) for cell in grid[index]):
            return index
        raise place.refusal(
            Message("row {header_row} has no headers", header_row=stated),
            Message("Set the right `header_row`, counted from 1."),
        )
    widest = _widest(grid)
    second = None
    for index, row in enumerate(grid):
        half = _filled(row) * 2
        if half >= widest and _looks_like_headers(row, min(widest, 2)):
            if half > widest:
                return index
            second = index if second is None else second
    if second is not None:
        return second
    raise place.refusal(
        Message("no header row was found"),
        Message("Give the columns names in the first row, set `header_row`, or write `header: none`."),
    )


def _filled(row: Sequence[CellLike]) -> int:
    return sum(not is_empty(cell) for cell in row)


def _widest(grid: Sequence[Sequence[CellLike]]) -> int:
    """Return the largest number of filled cells of a row."""
    widest, longest = 0, max(map(len, grid), default=0)
    for row in grid:
        if len(row) > widest:
            widest = max(widest, _filled(row))
        if widest == longest:
            break
    return widest


def names_of(headers: Sequence[CellLike], place: GridPlace, *, joined: bool) -> Headers:
    """Name the columns after their headers; `place` is that of the header row.

    A repeated header is numbered, as in Labels and Labels_2. Jira's own CSV export repeats the header of a field for
    each of its values; with `joined` those columns become one list.
    """
    texts = {index: " ".join(as_text(cell).split()) for index, cell in enumerate(headers) if not is_empty(cell)}
    joined = joined and _JIRA_KEY in (text.lower() for text in texts.values())
    alike: dict[str, list[int]] = {}
    for index, text in texts.items():
        alike.setdefault(text.lower(), []).append(index)
    names, lists, notes = dict(texts), dict[str, tuple[int, ...]](), []
    for several in [indexes for indexes in alike.values() if len(indexes) > 1]:
        name = texts[several[0]]
        if joined:
            lists[name] = tuple(several)
            names = {index: text for index, text in names.items() if index not in several}
            continue
        for number, index in enumerate(several[1:], 2):
            names[index] = _free(f"{texts[index]}_{number}", alike)
        where = ", ".join(place.name(place.top, place.left + index) for index in several)
        called = [names[index] for index in several]
        notes.append(Message("columns with the same header ({where}): {called}", where=where, called=called))
    return Headers(names, lists, tuple(notes))


def _free(name: str, taken: dict[str, list[int]]) -> str:
    """Return the name, with underscores added until no other column has it."""
    while name.lower() in taken:
        name += "_"
    taken[name.lower()] = []
    return name


def _looks_like_headers(row: Sequence[CellLike], at_least: int) -> bool:
    """Return whether a row has enough distinct texts, other than numbers and dates, for a header row."""
    texts = {" ".join(cell.split()) for cell in row if isinstance(cell, str) and is_word(cell)}
    return at_least > 0 and len(texts) >= at_least
