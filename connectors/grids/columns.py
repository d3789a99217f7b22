"""Type a column by what the config states about it, or by its cells, where all of them allow only one reading."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice

from config.cell_types import COMMA, ORDERS, POINT, CellRules, CellType, Marks
from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.suggest import did_you_mean
from config.tables import Column, ColumnType, QueryKey
from connectors.grids.cells import CellLike, all_present, as_text, is_empty, is_error
from connectors.grids.column_cells import ColumnCells, Found, Place
from connectors.grids.date_columns import dates
from connectors.grids.dates import read_moment
from connectors.grids.doubts import Doubt
from connectors.grids.misfits import EFFECT
from connectors.grids.number_columns import numbers
from connectors.grids.numbers import is_id, read_number
from connectors.protocol import Value

NUMBERS_KEY = QueryKey("numbers", "A number that shows how numbers are written, such as 1.234,5.", required=False)
DATES_KEY = QueryKey("dates", "The order of dates such as 1/10/2026: DMY, MDY or YMD.", required=False)

CELL_KEYS = (
    QueryKey("types", "Types of columns, such as {amount: number, due: date DMY}; default: found.", required=False),
    NUMBERS_KEY,
    DATES_KEY,
)
"""Query keys of a table of rows whose cells are typed."""

NO_VALUES = Message("no values yet")
"""Note of a column without any value."""

_TRUE, _FALSE = ("true", "yes", "1", "是"), ("false", "no", "0", "否")
_SAMPLE = 1000
"""Number of cells by whose majority a type is tried."""


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """Type and values of a column.

    Attributes:
        type: type of the column.
        values: one value per cell; None where the cell is empty or bad.
        note: how the type is known, for people: `dates, month first, by the sheet's locale en_US`.
        bad: indices of the cells that do not fit the type, or hold a sheet error.
        doubt: why the column cannot be used before the config states more; its values are texts then.
    """

    type: ColumnType
    values: list[Value]
    note: str
    bad: tuple[int, ...] = ()
    doubt: Doubt | None = None


def typed_column(name: str, cells: Sequence[CellLike], rules: CellRules, place: Place) -> TypedColumn:
    """Type the cells of one column as stated, else as all its cells allow."""
    column = ColumnCells(name, all_present(cells), rules, place)
    stated = rules.types.get(name.lower())
    if stated is not None:
        return _column(cells, _STATED[stated.kind](column, stated))
    return _column(cells, _guess(column) if any(True for _ in column.filled) else _empty(column))


def date_column(name: str, cells: Sequence[CellLike], rules: CellRules, place: Place) -> TypedColumn | None:
    """Type a column of texts if all of them are dates; empty texts have no value. None for any other column."""
    column = ColumnCells(name, [None if is_empty(cell) else cell for cell in cells], rules, place)
    if not _like_date(next(column.filled, None)):
        return None
    found = dates(column, None)
    return _column(cells, found) if found.values.count(None) == column.cells.count(None) else None


def note_of_text(cells: Sequence[CellLike], rules: CellRules, place: Place, shows: int | None) -> str:
    """Return the note of a column that is text because of the cell `shows`; None finds the cell."""
    column = ColumnCells("", [None if is_empty(cell) else cell for cell in cells], rules, place)
    return _why_text(column) if shows is None else _text_as(column, shows)


def notes_of(columns: Iterable[Column]) -> dict[str, str]:
    """Return how the type of each column was found, by name, for `Reading.types`."""
    return {column.name: column.note for column in columns if column.note}


def require_columns(rules: CellRules, names: Iterable[str], doing: str) -> None:
    """Refuse `types` of columns that do not exist. Raises SourceError."""
    known = list(names)
    missing = [name for name in rules.types if name not in {each.lower() for each in known}]
    if missing:
        near = did_you_mean(missing[0], known) or Message("; its columns: {columns}", columns=known)
        saw = Message("`types` names '{name}', which is not a column{near}", name=missing[0], near=near)
        raise SourceError(doing, saw, effect=EFFECT, advice=Message("Correct the name under `types`."))


def is_word(cell: CellLike) -> bool:
    """Return whether a cell is a text that is no number, date, boolean or error, as headers are."""
    if not isinstance(cell, str) or is_empty(cell) or is_error(cell) or cell.strip().upper() in ("TRUE", "FALSE"):
        return False
    return not (_like_number(cell) or is_id(cell) or _like_date(cell))


def _column(cells: Sequence[CellLike], found: Found) -> TypedColumn:
    if found.doubt:
        texts: list[Value] = [None if is_empty(cell) else as_text(cell) for cell in cells]
        return TypedColumn("text", texts, found.note, (), found.doubt)
    bad: tuple[int, ...] = ()
    if None in found.values:
        bad = tuple(index for index, value in enumerate(found.values) if value is None and not is_empty(cells[index]))
    return TypedColumn(found.type, found.values, found.note, bad)


def _empty(column: ColumnCells) -> Found:
    return Found("empty", [None] * len(column.cells), NO_VALUES)


def _guess(column: ColumnCells) -> Found:
    """Guess a type that all cells fit.

    Words such as N/A among numbers, and anything among dates, are bad cells: as texts they would be counted as values.
    A004 among numbers is an id, and the column text.
    """
    if all(_boolean(cell, ("true",), ("false",)) is not None for cell in column.filled):
        return _booleans(column, None)
    for guess, like in zip((numbers, dates), _likes(column.rules), strict=True):
        if not _most(column, like):
            continue
        found = guess(column, None)
        fitting = len(found.values) - found.values.count(None)
        if fitting == len(column.cells) - column.cells.count(None):
            return found
        missing = (cell for cell, value in zip(column.cells, found.values, strict=True) if value is None)
        odd = [cell for cell in missing if cell is not None]
        if len(odd) <= fitting and (guess is dates or not any(map(_has_digit, odd))):
            return found
    return Found("text", _as_texts(column), _why_text(column))


def _most(column: ColumnCells, like: Callable[[CellLike], bool]) -> bool:
    some = list(islice(column.filled, _SAMPLE))
    return sum(map(like, some)) * 2 >= len(some)


def _has_digit(cell: CellLike) -> bool:
    return any(character.isdigit() for character in as_text(cell))


def _text(column: ColumnCells, _stated: CellType | None) -> Found:
    return Found("text", _as_texts(column), Message("text, as configured"))


def _as_texts(column: ColumnCells) -> list[Value]:
    return [cell.strip() if isinstance(cell, str) else None if cell is None else as_text(cell) for cell in column.cells]


def _booleans(column: ColumnCells, stated: CellType | None) -> Found:
    values: list[Value] = [None if cell is None else _boolean(cell, _TRUE, _FALSE) for cell in column.cells]
    note = Message("true or false, as configured") if stated else Message("true or false")
    return Found("boolean", values, note)


def _boolean(cell: CellLike, true: Sequence[str], false: Sequence[str]) -> bool | None:
    word = as_text(cell).lower()
    return True if word in true else False if word in false else None


def _why_text(column: ColumnCells) -> Message:
    """Show the cell that keeps most others from being numbers or dates; else the first cell."""
    filled = [index for index, cell in enumerate(column.cells) if cell is not None]
    like = next((like for like in _likes(column.rules) if _most(column, like)), None)
    if like is None:
        return Message("text such as {cell}", cell=column.shown(filled[0]))
    return _text_as(column, next((index for index in filled if not like(column.cells[index])), filled[0]))


def _text_as(column: ColumnCells, index: int) -> Message:
    return Message("text, as {cell} shows", cell=column.shown(index))


def _likes(rules: CellRules) -> tuple[Callable[[CellLike], bool], Callable[[CellLike], bool]]:
    """Return functions that tell whether a cell may be a number, and a date."""
    marks = [rules.marks] if rules.marks else [POINT, COMMA]
    return lambda cell: _like_number(cell, marks), _like_date


def _like_number(cell: CellLike, marks: Sequence[Marks] = (POINT, COMMA)) -> bool:
    if isinstance(cell, str):
        return not is_id(cell) and any(read_number(cell, each) is not None for each in marks)
    return isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool)


def _like_date(cell: CellLike) -> bool:
    if isinstance(cell, str):
        return any(read_moment(cell, order) is not None for order in (None, *ORDERS))
    return isinstance(cell, date)


_STATED: dict[str, Callable[[ColumnCells, CellType | None], Found]] = {
    "text": _text,
    "number": numbers,
    "boolean": _booleans,
    "date": dates,
}
