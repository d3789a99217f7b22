"""Flow metrics of issues from changes of status: start of work, cycle time, and hours per status category."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from config.dataclass import dataclass

FLOW = "okrsync.flow"
"""Key under which an issue whose history was read holds its `Flow`."""

_IN_PROGRESS = "indeterminate"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of status: its time, and the ids of the status before and after."""

    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Life:
    """Dates and status of an issue. Hours are counted to `until`: its resolution, or the run's time; None: unknown."""

    created: datetime
    resolved: datetime | None
    until: datetime | None
    status: str
    """Id of the current status."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Flow metrics of one issue. Durations are in hours; None is unknown."""

    started: datetime | None
    cycle_time_hours: float | None
    hours_new: float | None
    hours_in_progress: float | None


def flow_of(life: Life, changes: Sequence[Change], categories: Mapping[str, str | None]) -> Flow:
    """Compute the flow of one issue. `categories` holds the category by status id, None for a status without one.

    From its creation, an issue is in `before` of the first change; without changes, in its current status. For a status
    missing from `categories` (deleted since), the metrics that depend on it are None.
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
    """Return the hours by category; None where a status is unknown or `until` is None."""
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
    """Yield (time, status id) for each status that the issue entered, from its creation."""
    yield life.created, changes[0].before if changes else life.status
    for change in changes:
        yield max(change.at, life.created), change.after
