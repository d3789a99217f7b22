"""The state of a workspace at a glance: its progress against what is expected, now and on earlier days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from config.dataclass import dataclass
from syncer.compute.assess import Assessment
from syncer.compute.objectives import compute_objectives
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.method.progress import Progress, weighted_mean
from syncer.method.status import Standing, Status, status_of
from syncer.model.history import DayValue
from syncer.present.report.course import days_of

_ONE = Decimal(1)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Overall:
    """Mean progress of the objectives that have one, the mean of what is expected of them, and its earlier days.

    Attributes:
        before: the mean progress on the day that changes are compared with; None when it is unknown.
        course: (day, progress) by week, oldest first, today's last.
    """

    progress: Decimal | None
    expected: Decimal | None
    status: Status
    before: Decimal | None
    course: tuple[tuple[date, Decimal], ...] = ()


def overall_of(assessments: Sequence[Assessment], since: date) -> Overall:
    """Compute the overall state of one or more workspaces, compared with that on `since`."""
    first = assessments[0]
    today, start = first.now.date(), first.config.workspace.cycle.first
    progress, expected = means([one for each in assessments for one in each.objectives])
    weeks = [today - WEEK * count for count in range(1, (today - start).days // 7 + 1)]
    courses = [_courses(each) for each in assessments]
    earlier = {
        day: means([one for each, course in zip(assessments, courses, strict=True) for one in _on(each, course, day)])
        for day in {*weeks, since}
    }
    course = [(day, share) for day in sorted(weeks) if (share := earlier[day][0]) is not None]
    if progress is not None:
        course.append((today, progress))
    status = status_of(Standing(progress, expected or Decimal(0)), first.config.workspace.status)
    return Overall(progress, expected, status, earlier[since][0], tuple(course))


def means(objectives: Sequence[ObjectiveState]) -> tuple[Decimal | None, Decimal | None]:
    """Return the mean progress of the objectives that have one, and the mean of what is expected of the same."""
    known = [(one.rollup.progress, one.expected) for one in objectives if one.rollup.progress is not None]
    if not known:
        return None, None
    return weighted_mean((share, _ONE) for share, _ in known), weighted_mean((due, _ONE) for _, due in known)


def _courses(assessment: Assessment) -> list[tuple[KeyResultState, tuple[DayValue, ...]]]:
    return [(state, days_of(assessment, state)) for state in assessment.key_results]


def _on(
    assessment: Assessment, courses: Sequence[tuple[KeyResultState, tuple[DayValue, ...]]], day: date
) -> tuple[ObjectiveState, ...]:
    """Return the objectives as computed from the values last known by `day`."""
    states = []
    for state, days in courses:
        share = next((one.progress for one in reversed(days) if one.day <= day), None)
        states.append(replace(state, progress=Progress(share, share)))
    return compute_objectives(assessment.config, states, day)
