"""Ledger history of the current cycle, as input for the computation, which opens no ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Values = tuple[Decimal | None, ...]
"""Numbers of a key result: one, or one per part in order, as computed (90 % is 0.9). None is unknown."""


@dataclass(frozen=True, slots=True)
class PastReading:
    """Numbers of a key result on one day."""

    day: date
    values: Values


@dataclass(frozen=True, slots=True)
class Past:
    """Past values of a run by key result id; a key result without history is missing from the mapping.

    Attributes:
        first_values: first known numbers of the cycle; used for `baseline: {at: cycle.start}`.
        readings: numbers of the cycle before today, oldest first; a day may have several.
        asked_later: key results whose first value was not recorded by a run but queried afterwards.
        last_good: day of the last valid manual value or of the last check-in, whichever is later.
    """

    first_values: Mapping[str, Values] = field(default_factory=dict)
    readings: Mapping[str, tuple[PastReading, ...]] = field(default_factory=dict)
    last_good: Mapping[str, date] = field(default_factory=dict)
    asked_later: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DayValue:
    """Value and progress of one key result on one day. None is unknown."""

    day: date
    value: Decimal | None
    progress: Decimal | None
