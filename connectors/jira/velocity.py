"""Compute what a sprint was planned with and what it achieved, from the histories of its issues."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from math import fsum
from typing import Generic, TypeVar

from config.dataclass import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Course(Generic[T]):
    """Values of one field over time: the first one, and each later one with its time, oldest first."""

    first: T
    later: Sequence[tuple[datetime, T]] = ()

    def at(self, moment: datetime) -> T:
        """Return the value at a moment; a change at that very moment counts."""
        number = bisect_right([at for at, _ in self.later], moment)
        return self.later[number - 1][1] if number else self.first

    def entered(self, values: Collection[T], moment: datetime) -> datetime | None:
        """Return when it last became one of these values before a moment; None if it is none, or has been ever since.

        A change from one of the values to another is no entry.
        """
        found, inside = None, self.first in values
        for at, value in self.later:
            if at > moment:
                break
            if (value in values) != inside:
                inside = not inside
                found = at if inside else None
        return found


@dataclass(frozen=True, slots=True)
class SprintIssue:
    """An issue that may have been in some sprints.

    Attributes:
        key: its key, for people.
        created: when it was created.
        sprints: the ids of its sprints over time.
        status: the id of its status over time.
        points: its estimate over time; None where it has none.
    """

    key: str
    created: datetime
    sprints: Course[frozenset[int]]
    status: Course[str]
    points: Course[float | None]

    def is_in(self, sprint: int, moment: datetime) -> bool:
        """Return whether it was in a sprint at a moment."""
        return self.created <= moment and sprint in self.sprints.at(moment)

    def was_completed(self, done: Collection[str], begin: datetime, end: datetime) -> bool:
        """Return whether it was done at `end`, and became so since `begin`."""
        if self.status.at(end) not in done:
            return False
        return (self.status.entered(done, end) or self.created) >= begin


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of issues and the sum of their estimates; an issue without an estimate adds none."""

    issues: int
    points: float


@dataclass(frozen=True, slots=True)
class Velocity:
    """What one sprint was planned with, what it achieved, and what came and went meanwhile."""

    committed: Tally
    completed: Tally
    added: Tally
    removed: Tally


def velocity_of(
    sprint: int, begin: datetime, end: datetime, issues: Iterable[SprintIssue], done: Collection[str]
) -> Velocity:
    """Compute the velocity of a sprint from `begin` to `end`; `done` holds the ids of the statuses that count as done.

    Committed: in the sprint at its begin, by the estimates of that time. Completed: in the sprint at its end and done
    since its begin, by the estimates at the end. Added, removed: in the sprint at the end only, and at the begin only.
    """
    committed, completed, added, removed = list[float](), list[float](), list[float](), list[float]()
    for issue in issues:
        was_in, is_in = issue.is_in(sprint, begin), issue.is_in(sprint, end)
        before, after = issue.points.at(begin) or 0.0, issue.points.at(end) or 0.0
        if was_in:
            committed.append(before)
        if was_in and not is_in:
            removed.append(before)
        if is_in and not was_in:
            added.append(after)
        if is_in and issue.was_completed(done, begin, end):
            completed.append(after)
    return Velocity(*(Tally(len(each), fsum(each)) for each in (committed, completed, added, removed)))
