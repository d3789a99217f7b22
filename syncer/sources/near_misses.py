"""Texts of rows that differ from those an expression asks for in nothing but case and outer spaces."""

from collections.abc import Iterable, Sequence
from itertools import islice

from config.dataclass import dataclass
from config.expressions import Expression
from config.sql.printing import literal, quoted
from config.tables import Column
from syncer.sources.row_tables import Stored

_MOST = 3
"""Maximum number of texts per expression and column."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A text of `count` rows that is not the one `asked` for, but for case and outer spaces."""

    column: str
    asked: str
    found: str
    count: int


def columns_asked(stored: Stored, expressions: Iterable[Expression]) -> list[tuple[Column, list[str]]]:
    """Return the open text columns that expressions compare with texts, each with all these texts."""
    found: dict[str, dict[str, None]] = {}
    for expression in expressions:
        for name, texts in expression.asked.items():
            found.setdefault(name.lower(), {}).update(dict.fromkeys(texts))
    columns = ((stored.columns.get(name), list(texts)) for name, texts in found.items())
    return [(column, texts) for column, texts in columns if column and column.type == "text" and not column.values]


def has_near_misses(column: Column, texts: Sequence[str]) -> str:
    """Generate the aggregate that tells whether there is a near miss."""
    name = quoted(column.name)
    each = (f"({name} <> {text} AND lower(trim({name})) = lower(trim({text})))" for text in map(literal, texts))
    return f"bool_or({' OR '.join(each)})"


def near_misses_query(stored: Stored, column: Column, texts: Sequence[str]) -> str:
    """Generate the query of near misses: (asked, found, rows), most rows first."""
    name, listed = quoted(column.name), ", ".join(map(literal, texts))
    return (
        f"SELECT asked, {name}, count(*) FROM {stored.source} AS rows, (SELECT unnest([{listed}]) AS asked) "  # noqa: S608 - quoted
        f"WHERE {name} <> asked AND lower(trim({name})) = lower(trim(asked)) GROUP BY 1, 2 "
        f"QUALIFY row_number() OVER (PARTITION BY asked ORDER BY count(*) DESC, {name}) <= {_MOST + len(texts)} "
        "ORDER BY 3 DESC, 2, 1"
    )


def misses_of(expression: Expression, found: Sequence[NearMiss]) -> list[NearMiss]:
    """Return the near misses of one expression; a text that it asks for as well is none."""
    misses: list[NearMiss] = []
    for name, texts in expression.asked.items():
        own = (each for each in found if each.column.lower() == name.lower() and each.asked in texts)
        misses += islice((each for each in own if each.found not in texts), _MOST)
    return misses
