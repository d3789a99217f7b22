"""Type the rows of JSON documents, by what the config states about a column or by its values.

Numbers stay numbers and texts stay texts, unless all texts of a column are dates; nested values are left out. A column
of mixed types is text, so that a sum over it is refused instead of wrong.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from config.cell_types import CellRules
from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.grids.column_rows import ColumnRows
from connectors.grids.columns import NO_VALUES, TypedColumn, date_column, note_of_text, require_columns, typed_column
from connectors.grids.misfits import EFFECT, bad_cells, doubtful
from connectors.protocol import Row, Value

_LARGEST_INTEGER = 2**63 - 1

_EXACT = {str, int, bool, type(None)}

_Scalar = str | float | bool | None


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Typed columns, rows of scalars, and the columns that failed."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    failed: Mapping[str, SourceError]


def typed(rows: Sequence[Mapping[str, Any]], rules: CellRules, doing: str) -> TypedRows:
    """Convert rows to typed columns and rows of scalars, one type per column.

    A column whose texts are all dates becomes instants in UTC. Infinity and NaN become None. Columns are in the order
    of their first appearance. Names that differ only in case, which SQL cannot distinguish, fail.

    Raises SourceError: `types` names a column that no row has.
    """
    names, failed = _names(rows, doing)
    if rows:
        require_columns(rules, [*names, *failed], doing)
    columns = []
    values: dict[str, list[Value]] = {}
    for name in names:
        items = _scalars([row.get(name) for row in rows])
        found = typed_column(name, items, rules, _place) if name.lower() in rules.types else _guess(name, items, rules)
        if found.doubt:
            failed[name] = doubtful(doing, found.doubt)
        elif found.bad:
            failed[name] = bad_cells(doing, [(_place(at), str(items[at])) for at in found.bad], found.type)
        columns.append(Column(name, found.type, "", note=found.note))
        values[name] = found.values
    return TypedRows(tuple(columns), ColumnRows(values, len(rows)), failed)


def _place(row: int) -> str:
    return Message("row {row}", row=row + 1)


def _names(rows: Sequence[Mapping[str, Any]], doing: str) -> tuple[list[str], dict[str, SourceError]]:
    """Return the names of the columns, and the error of each name that occurs in several spellings."""
    names = [name for name in dict.fromkeys(chain.from_iterable(rows)) if name and _has_scalar(rows, name)]
    spellings: dict[str, list[str]] = {}
    for name in names:
        spellings.setdefault(name.lower(), []).append(name)
    failed = {alike[0]: _alike(alike[0], alike[1], doing) for alike in spellings.values() if len(alike) > 1}
    return [alike[0] for alike in spellings.values() if len(alike) == 1], failed


def _has_scalar(rows: Iterable[Mapping[str, Any]], name: str) -> bool:
    return any(name in row and not isinstance(row[name], (list, Mapping)) for row in rows)


def _alike(other: str, name: str, doing: str) -> SourceError:
    return SourceError(
        doing,
        Message(
            "the fields {other!r} and {name!r} differ only in case, which SQL cannot tell apart", other=other, name=name
        ),
        effect=EFFECT,
        advice=Message("Name the one you mean with `rows`, such as `rows: '[].{{{name}: {name}}}'`.", name=name),
    )


def _scalars(items: list[Any]) -> list[_Scalar]:
    """Return the items with None in place of nested values, infinity and NaN."""
    kinds = set(map(type, items))
    if kinds <= _EXACT:
        return items
    if kinds <= _EXACT | {float}:
        return [item if item.__class__ is not float or math.isfinite(item) else None for item in items]
    return [_scalar(item) for item in items]


def _scalar(item: object) -> _Scalar:
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    return item if isinstance(item, (str, int, bool)) else None


def _guess(name: str, items: Sequence[_Scalar], rules: CellRules) -> TypedColumn:
    kinds = {type(item) for item in items if item is not None}
    long = [at for at, item in enumerate(items) if _is_long(item)] if int in kinds else []
    if not any(item is not None and item != "" for item in items):
        return TypedColumn("empty", [None] * len(items), NO_VALUES)
    if kinds == {bool}:
        return TypedColumn("boolean", list(items), Message("true or false"))
    if kinds == {int} and not long:
        return TypedColumn("integer", list(items), Message("numbers"))
    if kinds and kinds <= {int, float} and not long:
        return TypedColumn("number", [None if item is None else float(item) for item in items], Message("numbers"))
    if kinds == {str} and (dates := date_column(name, items, rules, _place)):
        return dates
    texts: list[Value] = [item if item is None or isinstance(item, str) else json.dumps(item) for item in items]
    shows = long[0] if long else None
    return TypedColumn("text", texts, note_of_text(items, rules, _place, shows))


def _is_long(item: _Scalar) -> bool:
    """Return whether an integer is beyond 63 bits, where a column of numbers would make neighbours equal."""
    return item.__class__ is int and abs(item) > _LARGEST_INTEGER
