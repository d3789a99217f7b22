"""An issue's way through the status categories: when work began, and how long it waited and was worked on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FLOW = "okrsync.flow"
"""Where an issue with its history read keeps its `Flow`."""

_IN_PROGRESS = "indeterminate"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of status: when, and the ids of the status before and after."""

    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Life:
    """What besides the changes decides a flow. `until` ends the counting of hours: resolution, or the run's instant."""

    created: datetime
    resolved: datetime | None
    until: datetime | None
    status: str
    """The id of the status it has now."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Durations are in hours. None is unknown."""

    started: datetime | None
    cycle_time_hours: float | None
    hours_new: float | None
    hours_in_progress: float | None


def flow_of(life: Life, changes: Sequence[Change], categories: Mapping[str, str | None]) -> Flow:
    """The flow of one issue. `categories` holds the category of each status id, None for a status without one.

    An issue is in the first change's `before` from its creation on, and without changes in the status it has now. A
    status that `categories` does not know (deleted since) makes unknown what depends on it.
    """
    started = _started(life, changes, categories)
    cycle = None
    if started is not None and life.resolved is not None and life.resolved >= started:
        cycle = (life.resolved - started) / _HOUR
    hours = _hours(life, changes, categories)
    if hours is None:
        return Flow(started, cycle, None, None)
    return Flow(started, cycle, hours.get("new", 0.0), hours.get(_IN_PROGRESS, 0.0))


def _started(life: Life, changes: Sequence[Change], categories: Mapping[str, str | None]) -> datetime | None:
    for began, status in _entries(life, changes):
        if status not in categories:
            return None
        if categories[status] == _IN_PROGRESS:
            return began
    return None


def _hours(
    life: Life, changes: Sequence[Change], categories: Mapping[str, str | None]
) -> Mapping[str | None, float] | None:
    """Hours by category; None where one of the statuses is not known, or nobody said until when to count."""
    if life.until is None:
        return None
    hours: dict[str | None, float] = {}
    entries = list(_entries(life, changes))
    ends = [began for began, _ in entries[1:]] + [life.until]
    for (began, status), end in zip(entries, ends, strict=True):
        spent = (min(end, life.until) - began) / _HOUR
        if spent <= 0:
            continue
        if status not in categories:
            return None
        category = categories[status]
        hours[category] = hours.get(category, 0.0) + spent
    return hours


def _entries(life: Life, changes: Sequence[Change]) -> Iterator[tuple[datetime, str]]:
    """(when, status) for each status the issue came into, from its creation on."""
    yield life.created, changes[0].before if changes else life.status
    for change in changes:
        yield max(change.at, life.created), change.after
