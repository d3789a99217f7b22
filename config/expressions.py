"""Checked expressions of a config: a measure's `value`, and arithmetic over measures."""

from dataclasses import dataclass

DUCK_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "list": "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """One checked aggregate expression.

    Attributes:
        text: as written.
        sql: to run as `SELECT {sql} FROM rows`; our rules are in it (see `config/sql/printing.py`).
        columns: the columns it names, in the table's spelling, sorted.
        is_count: whether it is count(*) and nothing else.
        zero_when_empty: whether it is 0 over no row, as counts and sums are.
        additive: whether it is a count or a sum, so that a baseline left out is 0.
        conditions: SQL of the conditions that decide which rows count; empty: every row does.
        zero_divisions: SQL tests over all rows, each true where a divisor is 0.
    """

    text: str
    sql: str
    columns: tuple[str, ...]
    is_count: bool = False
    zero_when_empty: bool = False
    additive: bool = False
    conditions: tuple[str, ...] = ()
    zero_divisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One checked formula over measures: `sql` reads their figures as columns of those names."""

    text: str
    sql: str
    names: tuple[str, ...]
