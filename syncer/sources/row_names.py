"""Which column names the rows of a table that states no key, as SQL over its rows."""

from collections.abc import Collection, Sequence

from config.sql.printing import quoted
from config.tables import Column

_NAMES = ("id", "key", "編號")
_TYPES = ("text", "integer", "number")
_LONGEST = 60
"""Characters; a longer text tells something and names nothing."""


def naming_columns(columns: Sequence[Column], passed_over: Collection[str]) -> list[Column]:
    """Those that may name rows, the likeliest first. `passed_over` are lower-case names of texts that do not."""
    named = [column for column in columns if column.name.strip().lower() in _NAMES and column.type in _TYPES]
    texts = [column for column in columns if column.type == "text" and column.name.lower() not in passed_over]
    return list(dict.fromkeys([*named, *texts]))


def names_rows(column: Column) -> str:
    """True where its values are all there, short, and different."""
    key = key_of(column)
    return f"count(DISTINCT {key}) = count(*) AND max(length({key})) <= {_LONGEST}"


def key_of(column: Column) -> str:
    """A row's key as text; null where there is none."""
    name = quoted(column.name)
    if column.type == "number":  # 7, not 7.0
        return f"CAST(CASE WHEN {name} = floor({name}) THEN CAST({name} AS HUGEINT) END AS VARCHAR)"
    return f"nullif(trim({name}), '')" if column.type == "text" else f"CAST({name} AS VARCHAR)"
