"""Texts of rows that differ from those an expression asks for in nothing but case and outer spaces."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.sql.printing import literal, quoted
from config.tables import Column
from syncer.sources.row_store import Stored

_MOST = 3
"""Maximum number of texts per column."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A text of `count` rows that is not the one `asked` for, but for case and outer spaces."""

    column: str
    asked: str
    found: str
    count: int


def near_misses_query(stored: Stored, column: Column, texts: Sequence[str]) -> str:
    """Generate the query of near misses: (asked, found, rows), most rows first."""
    name, listed = quoted(column.name), ", ".join(map(literal, texts))
    return (
        f"SELECT asked, {name}, count(*) FROM {stored.source} AS rows, (SELECT unnest([{listed}]) AS asked) "  # noqa: S608 - quoted
        f"WHERE {name} NOT IN ({listed}) AND lower(trim({name})) = lower(trim(asked)) "
        f"GROUP BY ALL ORDER BY 3 DESC, 2, 1 LIMIT {_MOST}"
    )
