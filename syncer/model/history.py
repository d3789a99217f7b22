"""What the ledger knows of this cycle, as far as computing needs it. Computing itself opens no ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Values = tuple[Decimal | None, ...]
"""The numbers of a key result: one, or one per part in their order, as computed (90 % is 0.9). None is unknown."""


@dataclass(frozen=True, slots=True)
class PastReading:
    """What a key result's numbers were on one day."""

    day: date
    values: Values


@dataclass(frozen=True, slots=True)
class Past:
    """The past of a run, each by key result id; a key result that is not in a mapping has none.

    Attributes:
        first_values: its first known numbers of its cycle; what `baseline: {at: cycle.start}` stands on.
        readings: its numbers within its cycle before today, oldest first; several of one day are fine.
        asked_later: those whose first value no run recorded: a query put in the past gave it.
        last_good: the day of its last good value typed by a person, or of its last check-in, whichever is later.
    """

    first_values: Mapping[str, Values] = field(default_factory=dict)
    readings: Mapping[str, tuple[PastReading, ...]] = field(default_factory=dict)
    last_good: Mapping[str, date] = field(default_factory=dict)
    asked_later: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DayValue:
    """One key result on one day. None is unknown."""

    day: date
    value: Decimal | None
    progress: Decimal | None
