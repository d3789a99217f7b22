"""Seeded worlds for the benchmark: trackers full of issues, what key results ask of them, and the true answers.

The truth is counted from the data as it is made, by code that shares nothing with a query engine.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

from connectors.sandbox.github.search import stamp
from connectors.sandbox.github.state import item, repository
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.jira.issues import Issue

Cells = Mapping[str, Mapping[str, Sequence[Sequence[Any]]]]
"""Rows of values by tab, by spreadsheet."""
Kind = Literal["jira_count", "jira_sum", "github_count", "github_rows", "cell"]

SEED = 20261101
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
OKRS, NUMBERS = "bench-okrs", "bench-numbers"
"""The ids of the two spreadsheets."""
REPOSITORY = "acme/app"
MIX: tuple[tuple[Kind, int], ...] = (("jira_count", 80), ("jira_sum", 40), ("github_count", 60), ("cell", 20))
"""Of 200 key results."""
TYPES, STATUSES = ("Bug", "Story", "Task"), ("To Do", "In Progress", "Done")
LABELS = tuple(f"area-{number}" for number in range(12))
_PER_PROJECT = 90
"""Of each type: a sum's rows then fit one page, as those of most key results do."""
_CELLS_A_TAB = 50
_PROJECTS = 20
_CLOSED = 0.7
_EVERY = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Asked:
    """One key result: what it asks, in the source's own words, and the true answer."""

    id: str
    kind: Kind
    query: str
    truth: float


@dataclass(frozen=True, slots=True)
class World:
    """The data of every service, and the key results over it."""

    issues: Sequence[Issue]
    repositories: Mapping[str, Mapping[str, Any]]
    cells: Cells
    asked: Sequence[Asked]

    @property
    def books(self) -> list[Book]:
        """The spreadsheets."""
        return [Book.of_values(key, key, tabs) for key, tabs in self.cells.items()]


def mixed(size: int) -> World:
    """`size` key results in the proportions of `MIX`, each with a query of its own."""
    sizes = {kind: max(1, size * share // 200) for kind, share in MIX}
    issues = list(_issues(projects=_PROJECTS, each=_PER_PROJECT * len(TYPES)))
    items = _items(3000)
    numbers = [float(500 + 7 * number) for number in range(sizes["cell"])]
    asked = [
        *_some("jira_count", sizes["jira_count"], _jira_counts(issues, _PROJECTS)),
        *_some("jira_sum", sizes["jira_sum"], _jira_sums(issues, _PROJECTS)),
        *_some("github_count", sizes["github_count"], _github_counts(items)),
        *_some("cell", sizes["cell"], ((_cell(place), number) for place, number in enumerate(numbers))),
    ]
    return World(issues, _repositories(items), _cells(asked, numbers), asked)


def jira_rows(size: int) -> World:
    """One key result: the points done of `size` issues."""
    issues = list(_issues(projects=1, each=size))
    truth = sum(issue.points or 0 for issue in issues if issue.status == "Done")
    asked = [Asked("KR1", "jira_sum", "project = P0", truth)]
    return World(issues, _repositories([]), _cells(asked, []), asked)


def github_rows(size: int) -> World:
    """One key result: the comments on the closed ones of `size` issues of one repository."""
    items = [{**one, "type": "issue", "merged_at": None} for one in _items(size)]
    truth = sum(one["comments"] for one in items if one["state"] == "closed")
    asked = [Asked("KR1", "github_rows", f"repo:{REPOSITORY} is:issue", float(truth))]
    return World([], _repositories(items), _cells(asked, []), asked)


def _some(kind: Kind, size: int, endless: Iterator[tuple[str, float]]) -> Iterator[Asked]:
    for number, (query, truth) in zip(range(size), endless, strict=False):
        yield Asked(f"{kind.upper().replace('_', '-')}-{number + 1}", kind, query, truth)


def _issues(*, projects: int, each: int) -> Iterator[Issue]:
    dice = random.Random(SEED)  # noqa: S311 - sample data
    for number in range(projects * each):
        created = BEGIN + _EVERY * (number % each)
        status = dice.choice(STATUSES)
        yield Issue(
            id=10_000 + number,
            key=f"P{number // each}-{number % each + 1}",
            summary=f"Issue {number} of the benchmark",
            created=created,
            type=TYPES[number % len(TYPES)],
            status=status,
            resolved=created + timedelta(hours=dice.randrange(1, 400)) if status == "Done" else None,
            points=float(dice.choice((1, 2, 3, 5, 8))),
        )


def _jira_counts(issues: Sequence[Issue], projects: int) -> Iterator[tuple[str, float]]:
    """One in ten asks the whole site, where more than 1,000 match; the rest ask one project."""
    for number in count():
        kind, since = TYPES[number % len(TYPES)], BEGIN + timedelta(minutes=number)
        found = [issue for issue in issues if issue.type == kind and issue.created >= since]
        if number % 10 == 0:
            yield f"type = {kind} AND created >= {_milliseconds(since)}", len(found)
            continue
        project = f"P{number % projects}"
        query = f"project = {project} AND type = {kind} AND created >= {_milliseconds(since)}"
        yield query, sum(issue.project == project for issue in found)


def _jira_sums(issues: Sequence[Issue], projects: int) -> Iterator[tuple[str, float]]:
    stories = [issue for issue in issues if issue.type == "Story"]
    for number in count():
        project, since = f"P{number % projects}", BEGIN + timedelta(minutes=number)
        found = [issue for issue in stories if issue.project == project and issue.created >= since]
        query = f"project = {project} AND type = Story AND created >= {_milliseconds(since)}"
        yield query, sum(issue.points or 0 for issue in found if issue.status == "Done")


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _items(size: int) -> list[dict[str, Any]]:
    dice = random.Random(SEED)  # noqa: S311 - sample data
    made = []
    for number in range(1, size + 1):
        created = BEGIN + _EVERY * number
        closed = created + timedelta(hours=dice.randrange(1, 400)) if dice.random() < _CLOSED else None
        labels = [dice.choice(LABELS)]
        kind = "pr" if number % 4 == 0 else "issue"
        state = {"state": "closed", "closed_at": stamp(closed), "state_reason": "completed"} if closed else {}
        comments = dice.randrange(9)
        made.append(
            item(number, stamp(created), type=kind, title=f"Item {number}", labels=labels, comments=comments, **state)
        )
    return made


def _github_counts(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """One in ten finds more than the 1,000 results that GitHub's search gives out."""
    issues = [one for one in items if one["type"] == "issue"]
    for number in count():
        since = stamp(BEGIN + timedelta(minutes=number))
        found = [one for one in issues if one["created_at"] >= since]
        query = f"repo:{REPOSITORY} is:issue created:>={since}"
        if number % 10 == 0:
            yield query, len(found)
            continue
        label = LABELS[number % len(LABELS)]
        yield (
            f"{query} is:closed label:{label}",
            sum(one["state"] == "closed" and label in one["labels"] for one in found),
        )


def _repositories(items: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return {REPOSITORY: repository(REPOSITORY, items=[dict(one) for one in items])}


def _cell(place: int) -> str:
    return f"Numbers{place // _CELLS_A_TAB + 1}!B{place % _CELLS_A_TAB + 1}"


def _cells(asked: Sequence[Asked], numbers: Sequence[float]) -> Cells:
    """The numbers that cells hold, and an OKR sheet whose rows have their ids and nothing else."""
    rows = [["KR id", "Key result", "Baseline", "Target", "Current value", "Progress", "Expected", "Status"]]
    tabs = {
        f"Numbers{start // _CELLS_A_TAB + 1}": [
            [f"Number {place}", value] for place, value in enumerate(numbers[start : start + _CELLS_A_TAB])
        ]
        for start in range(0, len(numbers), _CELLS_A_TAB)
    }
    return {OKRS: {"OKRs": [*rows, *([one.id] for one in asked)]}, NUMBERS: tabs or {"Numbers1": []}}
