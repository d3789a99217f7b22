"""What every kind of key result answers: its progress, formula, finish line, and what it is shown as. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from config.goal_numbers import MOST_AS_PERCENT, is_oversized, plain
from config.message import Message
from config.models import Kind, Over
from syncer.method.progress import Progress

Format = Callable[[Decimal | None], str]
"""How a number of a goal is shown: 0.9 as `90%` in a goal that is a percent."""

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class FinishLine:
    """The value from which a goal is reached: `rises` says from which side."""

    value: Decimal
    rises: bool

    def is_reached(self, value: Decimal) -> bool:
        """Whether `value` is on the line or beyond it."""
        return value >= self.value if self.rises else value <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(ABC):
    """What a key result aims at. Percents are fractions (90% is 0.9); `percent` says how to show them.

    `parts` are the goals of its numbers with their weights, where it has several. `over` says which periods a threshold
    has to hold in, None where the latest value decides.

    Attributes:
        kind: its name in the config.
        is_threshold: it is met or not met, whatever share of the time has passed.
        is_distance: its progress is the way covered from a baseline, and the next cycle starts where this one ended.
        has_value: one number is its value; without one, its course and forecast are those of its progress.
        is_measured: its progress comes from measured or typed values.
    """

    kind: ClassVar[Kind]
    is_threshold: ClassVar[bool] = False
    is_distance: ClassVar[bool] = False
    has_value: ClassVar[bool] = True
    is_measured: ClassVar[bool] = True

    baseline: Decimal | None = None
    target: Decimal | None = None
    percent: bool = False
    over: Over | None = None
    parts: "tuple[tuple[Goal, Decimal], ...]" = ()

    @abstractmethod
    def progress(self, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]] = ()) -> Progress:
        """How far `values`, one for each number in order, are on the way. An unknown value makes the whole unknown.

        `earlier` holds, for each number, the readings of earlier periods where the goal is held over several.
        """

    @abstractmethod
    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:
        """How the progress of a value comes about, as a Message."""

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """The numbers that are stated of it."""
        return tuple(number for _, number in self.ends)

    @property
    def ends(self) -> tuple[tuple[str, Decimal], ...]:
        """Where it comes from and where it has to get, as far as that is stated: names, as Messages, and numbers."""
        named = ((Message("Baseline"), self.baseline), (Message("Target"), self.target))
        return tuple((name, number) for name, number in named if number is not None)

    @property
    def finish_line(self) -> FinishLine | None:
        """What it means to reach it; None where no single value does."""
        return FinishLine(_ONE, rises=True)

    def value_problem(self, value: Decimal) -> str | None:
        """Why `value` cannot be held against the goal: a sentence with the remedy, or None when it can."""
        if not value.is_finite() or is_oversized(value):
            return Message("{value} is not a figure: look at the measure's expression and its data", value=value)
        if self.percent and value > MOST_AS_PERCENT * max([_ONE, *map(abs, self.numbers)]):
            return Message(
                "the goal is a percent and the value is {value}: if that means {value}%, write "
                "`unit: percent` on the measure, and it is divided by 100",
                value=plain(value),
            )
        return None

    @property
    def value_text(self) -> str:
        """What stands for its value where that is not a number; empty where it is."""
        return ""

    def condition(self, shown: Format) -> str:  # noqa: ARG002 - what is no threshold has none
        """What has to hold, in signs; empty for what is no threshold."""
        return ""
