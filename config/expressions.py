"""Checked expressions: the `value` of a measure, and arithmetic over measures."""

import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, tzinfo

from config.dataclass import dataclass
from config.placeholders import FORM, instant_of

DUCK_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "list": "VARCHAR[]",
    "empty": "VARCHAR",
}


_INSTANT = re.compile(rf"(?<=TIMESTAMP ')({FORM})(?=')")
_SAMPLE = "2000-01-01"
_LOCAL = "%Y-%m-%d %H:%M:%S.%f"


def with_sample_instants(sql: str) -> str:
    """Fill the placeholders of SQL with any instant, to check its types."""
    return _INSTANT.sub(_SAMPLE, sql)


@dataclass(frozen=True, slots=True)
class Expression:
    """One checked aggregate expression.

    Attributes:
        text: the expression as written in the config.
        sql: SQL to run as `SELECT {sql} FROM rows`, with the rules of `config/sql/printing.py` applied; `at`
            fills its placeholders.
        columns: names of the columns used, in the table's spelling, sorted.
        zero_when_empty: whether the result over no rows is 0, as it is for counts and sums.
        additive: whether the expression is a count or a sum.
        is_share: whether the expression is one `share(...)` and nothing else, and so from 0 to 1.
        never_negative: whether the result is never below 0, as those of counts and shares.
        conditions: SQL of the conditions that decide which rows count; empty when every row counts.
        zero_divisions: SQL tests over all rows, each true where a divisor is 0.
        asked: texts to which each column is compared for equality.
        typed: whether the types of all its columns were known when it was checked; those of an open table come with
            the rows.
    """

    text: str
    sql: str
    columns: tuple[str, ...]
    zero_when_empty: bool = False
    additive: bool = False
    is_share: bool = False
    never_negative: bool = False
    conditions: tuple[str, ...] = ()
    zero_divisions: tuple[str, ...] = ()
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    typed: bool = True

    def at(self, instants: Mapping[str, datetime], zone: tzinfo) -> "Expression":
        """Return the expression with its placeholders filled, in local time of `zone`."""

        def filled(sql: str) -> str:
            return _INSTANT.sub(lambda match: instant_of(match[0], instants).astimezone(zone).strftime(_LOCAL), sql)

        if not self.placeholders:
            return self
        return replace(
            self,
            sql=filled(self.sql),
            conditions=tuple(map(filled, self.conditions)),
            zero_divisions=tuple(map(filled, self.zero_divisions)),
        )

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Placeholders that are to be filled before the SQL runs, such as `{today-14d}`."""
        return tuple(dict.fromkeys(_INSTANT.findall(self.sql)))

    @property
    def is_count(self) -> bool:
        """Whether the number of rows is all that the expression needs, as count(*) / 2 does."""
        return not self.columns

    @property
    def starts_at_zero(self) -> bool:
        """Whether a baseline left out is 0: for a count, a sum or a share."""
        return self.additive or self.is_share


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One checked formula over measures. `sql` reads the values of the measures `names` as columns of those names."""

    text: str
    sql: str
    names: tuple[str, ...]
