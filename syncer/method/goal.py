"""Interface of all kinds of key results: progress, formula, finish line and display. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import ClassVar

from config.dataclass import dataclass
from config.goal_specs import MOST_AS_PERCENT, is_oversized, plain
from config.message import Message
from config.models import Kind, Over
from syncer.method.progress import Progress

Format = Callable[[Decimal | None], str]
"""Formats a number of a goal: 0.9 as `90%` for a goal in percent."""

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class FinishLine:
    """Value at which a goal is reached: from below if `rises`, else from above."""

    value: Decimal
    rises: bool

    def is_reached(self, value: Decimal) -> bool:
        """Whether `value` is on the finish line or beyond it."""
        return value >= self.value if self.rises else value <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(ABC):
    """Goal of a key result. Percentages are fractions (90% is 0.9); `percent` selects how they are displayed.

    Attributes:
        kind: name in the config.
        is_threshold: the goal is met or not met, regardless of the time that has passed.
        is_distance: progress is measured from a baseline, and the next cycle starts where this one ended.
        has_value: the goal has a single value; if not, chart and forecast show the progress.
        is_measured: progress comes from measured or manually entered values.
        over: periods in which a threshold has to hold; None if the latest value decides.
        parts: (goal, weight) of each number, if there are several.
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
        """Compute the progress of `values`, one per number in order. An unknown value makes the progress unknown.

        `earlier` holds, per number, the readings of earlier periods, if the goal spans several periods.
        """

    @abstractmethod
    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:
        """Return the formula from value to progress, as a Message."""

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """Numbers defined in the goal."""
        return tuple(number for _, number in self.ends)

    @property
    def ends(self) -> tuple[tuple[str, Decimal], ...]:
        """(label, number) of the baseline and the target, as far as they are defined; labels are Messages."""
        named = ((Message("Baseline"), self.baseline), (Message("Target"), self.target))
        return tuple((name, number) for name, number in named if number is not None)

    @property
    def finish_line(self) -> FinishLine | None:
        """Value at which the goal is reached; None if no single value defines it."""
        return FinishLine(_ONE, rises=True)

    def value_problem(self, value: Decimal) -> str | None:
        """Return why `value` cannot be compared with the goal and what to do about it, or None if it can."""
        if not value.is_finite() or is_oversized(value):
            return Message("{value} is not a number: check the measure's expression and its data", value=value)
        if self.percent and value > MOST_AS_PERCENT * max([_ONE, *map(abs, self.numbers)]):
            return Message(
                "the goal is a percent and the value is {value}: if that means {value}%, write "
                "`unit: percent` on the measure, and it is divided by 100",
                value=plain(value),
            )
        return None

    @property
    def value_text(self) -> str:
        """Text to display in place of a value that is not a number; else empty."""
        return ""

    def condition(self, shown: Format) -> str:  # noqa: ARG002 - what is no threshold has none
        """Return the condition of a threshold in symbols, such as `≥ 90%`; empty for other kinds."""
        return ""
