"""Values of key results over time, as data of every stage: recorded by day, what moved, why a value is unknown."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from config.dataclass import dataclass


class Cause(StrEnum):
    """Reason code of an unknown value."""

    READ_FAILED = "read_failed"
    """A source could not be read."""
    NO_GOAL = "no_goal"
    """The config and the sheet together define no valid goal."""
    NOT_TYPED = "not_typed"
    """The manually entered number is missing or not a number."""
    NO_VALUE = "no_value"
    """The sources were read, but the rows yield no number."""
    NOT_RECORDED = "not_recorded"
    """The ledger has no reading for the days concerned."""
    DUPLICATE_ID = "duplicate_id"
    """The sheet has several rows with the key result's id."""


Values = tuple[Decimal | None, ...]
"""Numbers of a key result: one, or one per part in order, as computed (90 % is 0.9). None is unknown."""


class DayValue(NamedTuple):
    """Value and progress of one key result on one day. None is unknown.

    `numbers` are read from the ledger only for thresholds over several periods; empty: the value is the only one.
    """

    day: date
    value: Decimal | None
    progress: Decimal | None
    numbers: Values = ()


@dataclass(frozen=True, slots=True)
class Past:
    """Past values of a run by key result id; a key result without history is missing from the mapping.

    Attributes:
        first_values: first known numbers of the cycle; used for `baseline: {at: cycle.start}`.
        days: values of the cycle before today, oldest first; a day may have several.
        asked_later: key results whose first value was not recorded by a run but queried afterwards.
        last_check_in: day of the newest check-in, by key result or objective; a typed value is one.
        first_run: day of the first run in the cycle that looked at the sheet; None before any.
    """

    first_values: Mapping[str, Values] = field(default_factory=dict)
    days: Mapping[str, tuple[DayValue, ...]] = field(default_factory=dict)
    last_check_in: Mapping[str, date] = field(default_factory=dict)
    asked_later: frozenset[str] = frozenset()
    first_run: date | None = None


Keys = tuple[str, ...]


Step = tuple[Decimal, Decimal]
"""(before, after)."""


@dataclass(frozen=True, slots=True)
class MeasureDelta:
    """Changes of one measure between two runs. Keys are in natural order: CORE-7 before CORE-12.

    Attributes:
        noun: kind of its rows, such as `issues`; `became`: the one value its condition asks for, or empty.
        began: existing rows that now count; stopped: existing rows that no longer count.
        added: new rows, `added_counting` of which count (None: the measure has no condition); left: removed rows.
        rows, counted: change in the number of rows where keys are not known on both sides; None if unknown.
        redefined: the query or the value in the config differs from that of the earlier run.
        moved: the number changed although no row was added or removed, or changed whether it counts.
    """

    measure: str
    noun: str
    became: str
    began: Keys = ()
    stopped: Keys = ()
    added: Keys = ()
    added_counting: int | None = None
    left: Keys = ()
    rows: int | None = None
    counted: int | None = None
    redefined: bool = False
    moved: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether there is no change to report."""
        keys = (*self.began, *self.stopped, *self.added, *self.left)
        return not (keys or self.rows or self.counted or self.redefined or self.moved)


@dataclass(frozen=True, slots=True)
class Delta:
    """Changes of one key result: its goal, and each measure with changes in `measures`."""

    baseline: Step | None = None
    target: Step | None = None
    measures: tuple[MeasureDelta, ...] = ()
    several: bool = False
    """Whether the key result has more than one measure, so that each change names its measure."""

    @property
    def says_nothing(self) -> bool:
        """Whether there is no change to report."""
        return self.baseline is None and self.target is None and not self.measures


NOTHING = Delta()
