"""Detect the column that identifies the rows of a table without a declared key, as SQL over its rows."""

from collections.abc import Collection, Sequence

from config.sql.printing import quoted
from config.tables import Column

_NAMES = ("id", "key", "編號")
_TYPES = ("text", "integer", "number")
_LONGEST = 60
"""Maximum length of a key, in characters; longer texts are descriptions."""


def naming_columns(columns: Sequence[Column], passed_over: Collection[str]) -> list[Column]:
    """List the columns that may identify rows, the likeliest first, except texts in `passed_over` (lower case)."""
    named = [column for column in columns if column.name.strip().lower() in _NAMES and column.type in _TYPES]
    texts = [column for column in columns if column.type == "text" and column.name.lower() not in passed_over]
    return list(dict.fromkeys([*named, *texts]))


def names_rows(column: Column) -> str:
    """Return SQL that is true if all values of a column are present, short and unique."""
    key = key_of(column)
    return f"count(DISTINCT {key}) = count(*) AND max(length({key})) <= {_LONGEST}"


def key_of(column: Column) -> str:
    """Return SQL for the key of a row as text; null if it has none."""
    name = quoted(column.name)
    if column.type == "number":  # 7, not 7.0
        return f"CAST(CASE WHEN {name} = floor({name}) THEN CAST({name} AS HUGEINT) END AS VARCHAR)"
    return f"nullif(trim({name}), '')" if column.type == "text" else f"CAST({name} AS VARCHAR)"
