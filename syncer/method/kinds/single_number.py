"""Goals with a single value, read once or once per period. Pure."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from config.message import Message, in_turn
from syncer.method.kinds.goal import Format, Goal
from syncer.method.periods import together
from syncer.method.progress import UNKNOWN, Progress, held_inside, rounded

_EACH_PERIOD = {
    ("week", "mean"): Message("each week, mean of: "),
    ("week", "worst"): Message("each week, worst of: "),
    ("month", "mean"): Message("each month, mean of: "),
    ("month", "worst"): Message("each month, worst of: "),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleNumber(Goal):
    """A goal with a single value."""

    def progress(self, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]] = ()) -> Progress:
        """Compute the progress; unknown also for a value that `value_problem` rejects."""
        value = values[0] if values else None
        if value is None or self.value_problem(value):
            return UNKNOWN
        raw = self._raw(Fraction(value))
        if self.over is not None:
            before = earlier[0] if earlier else ()
            raw = together([*(self._raw(Fraction(reading)) for reading in before), raw], self.over)
        return held_inside(rounded(raw))

    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:
        """Return the formula, once per period if the goal spans several periods."""
        if self.over is not None:
            once = replace(self, over=None)
            times = in_turn([once.formula(each, shown) for each in (*earlier, value)])
            return _EACH_PERIOD[self.over.each, self.over.take] + times
        return self._formula("v" if value is None else shown(value), shown)

    @abstractmethod
    def _raw(self, value: Fraction) -> Fraction:
        """Return the attainment, which may leave [0, 1]."""

    @abstractmethod
    def _formula(self, now: str, shown: Format) -> str:
        """Return the formula for `now`, the formatted value."""
