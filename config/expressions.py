"""Checked expressions: the `value` of a measure, and arithmetic over measures."""

from dataclasses import dataclass

DUCK_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "list": "VARCHAR[]",
    "empty": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """One checked aggregate expression.

    Attributes:
        text: the expression as written in the config.
        sql: SQL to run as `SELECT {sql} FROM rows`, with the rules of `config/sql/printing.py` applied.
        columns: names of the columns used, in the table's spelling, sorted.
        zero_when_empty: whether the result over no rows is 0, as it is for counts and sums.
        additive: whether the expression is a count or a sum, so that a baseline left out is 0.
        conditions: SQL of the conditions that decide which rows count; empty when every row counts.
        zero_divisions: SQL tests over all rows, each true where a divisor is 0.
        typed: whether the types of all its columns were known when it was checked; those of an open table come with
            the rows.
    """

    text: str
    sql: str
    columns: tuple[str, ...]
    zero_when_empty: bool = False
    additive: bool = False
    conditions: tuple[str, ...] = ()
    zero_divisions: tuple[str, ...] = ()
    typed: bool = True

    @property
    def is_count(self) -> bool:
        """Whether the number of rows is all that the expression needs, as count(*) / 2 does."""
        return not self.columns


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One checked formula over measures. `sql` reads the values of the measures `names` as columns of those names."""

    text: str
    sql: str
    names: tuple[str, ...]
