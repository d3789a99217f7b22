"""Check the `value` expressions of measures and arithmetic over measures, without any network."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from config.dataclass import dataclass
from config.expressions import DUCK_TYPES, Arithmetic, Expression, with_sample_instants
from config.message import Message
from config.sql.database import expression_db
from config.sql.meaning import additive, asked_texts, conditions, is_share, never_negative, zero_when_empty
from config.sql.messages import ExpressionError, closest_or_all, duck_message, family_of, require_quoted_dates
from config.sql.parsing import parse
from config.sql.printing import Style, quoted, write, write_condition, zero_divisions
from config.sql.tree import Node
from config.sql.typing_rules import check_formula, check_value
from config.sql.wordings import not_a_number
from config.tables import Column, Table

if TYPE_CHECKING:
    from config.sql.engine import DuckDBPyConnection

_BATCH = 100
_TABLES = 500
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


T = TypeVar("T", Expression, Arithmetic)


@dataclass(frozen=True, slots=True)
class _Written(Generic[T]):
    """An expression whose types DuckDB's binder still has to check.

    Expressions of one `shape` (literals or names masked) have the same types and are bound once; an empty `shape` is
    not bound. `table` has the columns that `found.sql` names.
    """

    found: T
    shape: str
    table: Table


_checked: dict[Table, dict[str, Expression | ExpressionError]] = {}


def check_expressions(items: Sequence[tuple[str, Table]]) -> list[Expression | ExpressionError]:
    """Check each value against its table; results are in the order of `items` and cached per table in the process."""
    if len(_checked) > _TABLES:
        _checked.clear()
    tables = {id(table): table for _, table in items}  # hashed once each, as they are large
    known = {key: _checked.setdefault(table, {}) for key, table in tables.items()}
    wanted: dict[int, dict[str, None]] = {key: {} for key in tables}
    for text, table in items:
        if text not in known[id(table)]:
            wanted[id(table)][text] = None
    for key, texts in wanted.items():
        if new := [text for text in texts if text not in known[key]]:  # an equal table may have had them
            known[key].update(zip(new, _check_all(new, tables[key]), strict=True))
    return [known[id(table)][text] for text, table in items]


def check_arithmetic(items: Sequence[tuple[str, Collection[str]]]) -> list[Arithmetic | ExpressionError]:
    """Check formulas over names of measures, such as `bugs / all_bugs`; results are in the order of `items`.

    A single name is checked without parsing.
    """
    answers: dict[int, Arithmetic | ExpressionError] = {}
    for place, (text, names) in enumerate(items):
        name = text.strip()
        if _NAME.fullmatch(name) and name in names:
            answers[place] = Arithmetic(text, quoted(name), (name,))
        elif _NAME.fullmatch(name):
            answers[place] = ExpressionError(
                Message("unknown measure '{name}'", name=name) + closest_or_all(name, names, "measures")
            )
    rest = [place for place in range(len(items)) if place not in answers]
    tables = {
        id(names): _measures(names) for names in {id(items[place][1]): items[place][1] for place in rest}.values()
    }
    written = [
        tree if isinstance(tree, ExpressionError) else _formula(items[place][0], tree, tables[id(items[place][1])])
        for place, tree in zip(rest, parse([items[place][0] for place in rest]), strict=True)
    ]
    most = max((len(item.found.names) for item in written if isinstance(item, _Written)), default=0)
    answers.update(zip(rest, _settled(written, _measures(map(_stand_in, range(most)))), strict=True))
    return [answers[place] for place in range(len(items))]


def _measures(names: Iterable[str]) -> Table:
    return Table("measures", "", (), tuple(Column(name, "number", "") for name in sorted(names)))


def _stand_in(place: int) -> str:
    return f"m{place}"


def _formula(text: str, tree: Node, table: Table) -> _Written[Arithmetic] | ExpressionError:
    used = tuple(sorted({part.name.lower() for part in tree.walk() if part.kind == "column"}))
    try:
        check_formula(tree, table)
        shape = write(tree, Style({name: _stand_in(place) for place, name in enumerate(used)}))
        return _Written(Arithmetic(text, write(tree, Style()), used), shape, _measures(used))
    except ExpressionError as fault:
        return fault


def _check_all(texts: Sequence[str], table: Table) -> list[Expression | ExpressionError]:
    spelling = {column.name.lower(): column.name for column in table.columns}
    written = [
        tree if isinstance(tree, ExpressionError) else _check(text, tree, table, spelling)
        for text, tree in zip(texts, parse(texts), strict=True)
    ]
    return _settled(written, table)


def _settled(written: Sequence[_Written[T] | ExpressionError], table: Table) -> list[T | ExpressionError]:
    """Check the types of many expressions in one pass of DuckDB's binder; `table` has the columns that shapes name."""
    shapes = list(dict.fromkeys(item.shape for item in written if isinstance(item, _Written) and item.shape))
    faults = dict(zip(shapes, _bind(shapes, table), strict=True))
    answers: list[T | ExpressionError] = []
    for item in written:
        if isinstance(item, ExpressionError):
            answers.append(item)
        elif faults.get(item.shape):
            # A stand-in may not fit where the literal does: the expression itself decides.
            answers.append(_bind([item.found.sql], item.table)[0] or item.found)
        else:
            answers.append(item.found)
    return answers


def _check(text: str, tree: Node, table: Table, spelling: Mapping[str, str]) -> _Written[Expression] | ExpressionError:
    style = Style(spelling)
    named = {part.name for part in tree.walk() if part.kind == "column"}
    try:
        require_quoted_dates(text)
        check_value(tree, table)
        expression = Expression(
            text=text,
            sql=write(tree, style),
            columns=tuple(sorted({spelling.get(name.lower(), name) for name in named})),
            zero_when_empty=zero_when_empty(tree),
            additive=additive(tree),
            is_share=is_share(tree),
            never_negative=never_negative(tree),
            conditions=tuple(write_condition(part, style) for part in conditions(tree, table)),
            zero_divisions=zero_divisions(tree, style),
            asked={spelling.get(name.lower(), name): texts for name, texts in asked_texts(tree).items()},
            typed=not table.open or all(name.lower() in spelling for name in named),
        )
        return _Written(expression, write(tree, Style(spelling, mask=True)) if expression.typed else "", table)
    except ExpressionError as fault:
        return fault


def _bind(sqls: Sequence[str], table: Table) -> list[ExpressionError | None]:
    """Bind each expression over an empty table with these column types; None where DuckDB finds no fault."""
    sqls = [with_sample_instants(sql) for sql in sqls]
    columns = [f"{_nothing(column)} AS {quoted(column.name)}" for column in table.columns]
    rows = f"(SELECT {', '.join(columns) or 'NULL'}) AS rows"
    cursor = expression_db().cursor()
    faults: list[ExpressionError | None] = []
    for start in range(0, len(sqls), _BATCH):
        faults.extend(_bind_some(cursor, sqls[start : start + _BATCH], rows))
    return faults


def _nothing(column: Column) -> str:
    return "NULL" if column.type == "empty" else f"CAST(NULL AS {DUCK_TYPES[column.type]})"


def _bind_some(cursor: "DuckDBPyConnection", sqls: Sequence[str], rows: str) -> list[ExpressionError | None]:
    from config.sql import engine

    try:
        found = cursor.execute(f"DESCRIBE SELECT {', '.join(sqls)} FROM {rows}").fetchall()  # noqa: S608 - our own SQL
    except engine.Error as exc:
        if len(sqls) == 1:
            return [ExpressionError(duck_message(exc))]
        half = len(sqls) // 2
        return _bind_some(cursor, sqls[:half], rows) + _bind_some(cursor, sqls[half:], rows)
    families = [family_of(row[1]) for row in found]
    return [None if letter in ("n", "") else ExpressionError(not_a_number(letter)) for letter in families]
