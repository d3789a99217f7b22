"""Change of a key result since the last check-in: of its value and progress, and whether it is good."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from config.dataclass import dataclass
from config.loading.loader import Config
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState

DAYS_WITHOUT_CADENCE = 7
"""Days that a change looks back when the config states no `check_in`."""


class Earlier(Protocol):
    """A value of an earlier day."""

    @property
    def day(self) -> date:
        """Its day."""

    @property
    def value(self) -> Decimal | None:
        """Its number; None without a single one."""

    @property
    def progress(self) -> Decimal | None:
        """Its progress as a share; None when unknown."""


@dataclass(frozen=True, slots=True)
class Change:
    """How far a key result moved since `day`.

    Attributes:
        value: change of its number; None without a single one on both days.
        trend: 1 when the change is good, -1 when it is bad, 0 when there is none.
    """

    day: date
    value: Decimal | None
    progress: Decimal
    trend: int


def compared_day(config: Config, today: date) -> date:
    """Return the day that today is compared with: a check-in's cadence ago."""
    check_in = config.workspace.check_in
    return today - timedelta(days=check_in.days if check_in else DAYS_WITHOUT_CADENCE)


def change_of(assessment: Assessment, state: KeyResultState) -> Change | None:
    """Return a key result's change since its last value up to the compared day."""
    since = compared_day(assessment.config, assessment.now.date())
    days = assessment.recall.past.days.get(state.definition.id, ())
    return change_between(state, next((each for each in reversed(days) if each.day <= since), None))


def change_between(state: KeyResultState, before: Earlier | None) -> Change | None:
    """Return a key result's change since an earlier value; None where a progress is unknown."""
    if before is None or before.progress is None or state.progress.progress is None:
        return None
    progress = state.progress.progress - before.progress
    if not isinstance(state.current, Decimal) or before.value is None:
        return Change(before.day, None, progress, _sign(progress))
    value, goal = state.current - before.value, state.definition.goal
    rises = goal is None or goal.finish_line is None or goal.finish_line.rises
    return Change(before.day, value, progress, _sign(value) if rises else -_sign(value))


def _sign(number: Decimal) -> int:
    return (number > 0) - (number < 0)
