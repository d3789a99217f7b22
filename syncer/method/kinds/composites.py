"""Milestone and Parts: progress is the weighted mean of steps or of several numbers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from config.goal_specs import GoalStep
from config.message import Message
from config.models import Kind
from syncer.method.kinds.goal import Format, Goal
from syncer.method.progress import UNKNOWN, Progress, held_inside, weighted_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Goal):
    """A goal of steps that are done or not done."""

    kind: ClassVar[Kind] = "milestone"
    has_value: ClassVar[bool] = False
    is_measured: ClassVar[bool] = False
    steps: tuple[GoalStep, ...]

    def progress(self, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]] = ()) -> Progress:  # noqa: ARG002 - its steps say it
        """Return the weighted share of the steps that are done; `values` are not used."""
        return held_inside(weighted_mean((Decimal(step.done), step.weight) for step in self.steps))

    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:  # noqa: ARG002 - its steps say it
        """Return the number of steps done, as a Message."""
        return Message("milestone: {done} of {count} steps done", done=self._done, count=len(self.steps))

    @property
    def value_text(self) -> str:
        """Steps done of all steps, such as 2/3."""
        return f"{self._done}/{len(self.steps)}"

    @property
    def _done(self) -> int:
        return sum(step.done for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Goal):
    """A goal of several numbers, each with a goal of its own."""

    kind: ClassVar[Kind] = "parts"
    has_value: ClassVar[bool] = False
    combine: Literal["mean", "all"] = "mean"

    def progress(self, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]] = ()) -> Progress:
        """Return the weighted mean of the parts, or with `combine: all` the lowest of them."""
        members: list[tuple[Decimal, Decimal]] = []
        for (part, weight), value, before in zip(self.parts, values, earlier or [()] * len(values), strict=True):
            progress = part.progress([value], [before]).progress
            if progress is None:
                return UNKNOWN
            members.append((progress, weight))
        if self.combine == "all":
            return held_inside(min(progress for progress, _ in members))
        return held_inside(weighted_mean(members))

    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:  # noqa: ARG002 - each part has its own
        """Return how the parts are combined; each part has a formula of its own."""
        return Message("parts, {combine}:", combine=self.combine)

    def value_problem(self, value: Decimal) -> None:
        """Return None: each part checks its own value."""
