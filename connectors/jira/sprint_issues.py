"""Read the issues that may have been in a board's sprints, with the histories of their sprints, statuses and estimates.

Jira has no query for issues that were in a sprint once. Those that left one were changed after its start, so that the
issues of the board's filter that are in a sprint, or were updated since the first start, are all there are to look at.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors.jira.boards import BoardSetup, Sprint
from connectors.jira.changelog import LARGEST_HISTORY, FieldChange, fetched_changes, own_changes, unknown_fields
from connectors.jira.client import JiraClient
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import Raw, issue_id
from connectors.jira.pages import PagePool, cloud_rows, server_rows
from connectors.jira.queries import in_total_order
from connectors.jira.sprints import sprint_of
from connectors.jira.values import OddAnswerError, OddFieldError, instant, number, odd
from connectors.jira.velocity import Course, SprintIssue

_STATUS = "status"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SprintFields:
    """Fields whose histories are read: their ids, and the names by which histories of Data Center know them.

    `points` is empty where no column needs estimates; `all_names` are those of all fields of the site.
    """

    sprint: str
    points: str
    names: Mapping[str, frozenset[str]]
    all_names: frozenset[str]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the fields with the status."""
        return (_STATUS, self.sprint, *([self.points] if self.points else []))

    def is_of(self, change: FieldChange, id_: str) -> bool:
        """Return whether a change is one of a field."""
        if id_ == _STATUS:
            return change.field == _STATUS and not change.custom
        return change.field == id_ or (change.custom and change.field in self.names.get(id_, ()))


def query_of(setup: BoardSetup, sprints: Sequence[Sprint], write: Callable[[datetime], str]) -> str:
    """Return the JQL that finds all issues of a board's filter that may have been in one of these started sprints."""
    ids = ", ".join(str(sprint.id) for sprint in sprints)
    first = min(sprint.start for sprint in sprints if sprint.start)
    return f"{setup.scope} AND (sprint in ({ids}) OR updated >= {write(first)})"


@dataclass(frozen=True, slots=True)
class SprintIssues:
    """The issues that were in some sprints.

    `unknown_fields` are fields in histories of Data Center that are named otherwise now, or are gone; one of them may
    be an earlier name of the estimates or the sprints.
    """

    issues: Sequence[SprintIssue]
    unknown_fields: frozenset[str]


def sprint_issues(
    client: JiraClient, pool: PagePool, jql: str, fields: SprintFields, sprints: Collection[int]
) -> SprintIssues:
    """Return the issues of a query that were ever in one of the sprints. Raises SourceError.

    Sub-tasks are left out: their work is that of their parents.
    """
    asked = ("issuetype", "created", *fields.ids)
    found: dict[str, Raw] = {}

    def keep(page: Sequence[Any]) -> None:
        found.update((issue_id(issue), issue) for issue in page)

    path = "search/jql" if client.connection.is_cloud else "search"
    try:
        if client.connection.is_cloud:
            cloud_rows(client, pool, jql, asked, keep)
        else:
            total = server_rows(client, pool, in_total_order(jql), asked, keep, history=True)
            _require_all(client, len(found), total)
        ids = [id_ for id_, issue in found.items() if not _is_sub_task(issue)]
        changes = _histories(client, pool, found, ids, fields)
        issues = {id_: _issue(found[id_], changes[id_], fields, sprints) for id_ in ids}
        unknown = () if client.connection.is_cloud else [unknown_fields(found[id_], fields.all_names) for id_ in ids]
    except OddFieldError as exc:
        raise SourceError(client.doing("POST", path), str(exc), effect=EFFECT, advice=ODD_ANSWER) from None
    except SourceError as exc:
        if exc.status == HTTPStatus.BAD_REQUEST:
            exc.advice = Message("Let the account see the board's filter; Jira refused the query for its issues.")
        raise
    return SprintIssues([issue for issue in issues.values() if issue], frozenset().union(*unknown))


def _require_all(client: JiraClient, count: int, total: int) -> None:
    """Raises SourceError where Data Center, whose pages may overlap, did not give all issues."""
    if count != total:
        saw = Message("{count} of {total} issues were received", count=count, total=total)
        raise SourceError(client.doing("POST", "search"), saw, effect=EFFECT, advice=Message("Run again."))


def _histories(
    client: JiraClient, pool: PagePool, issues: Mapping[str, Raw], ids: Sequence[str], fields: SprintFields
) -> Mapping[str, Sequence[FieldChange]]:
    if not client.connection.is_cloud:
        known = {_STATUS, *(name for names in fields.names.values() for name in names), *fields.ids}
        return {id_: own_changes(issues[id_], known) for id_ in ids}
    parts = [ids[at : at + LARGEST_HISTORY] for at in range(0, len(ids), LARGEST_HISTORY)]
    changes: dict[str, Sequence[FieldChange]] = {}
    for part in pool.in_order(lambda part: fetched_changes(client, part, fields.ids), parts):
        changes |= part
    return changes


def _issue(
    issue: Raw, changes: Sequence[FieldChange], fields: SprintFields, sprints: Collection[int]
) -> SprintIssue | None:
    """Return an issue with its histories; None if it was in none of the sprints.

    Raises OddFieldError, also for a history that does not lead to today's value.
    """
    key, own = str(issue.get("key", "")), issue["fields"]

    def course(id_: str, of: Callable[[FieldChange], tuple[T, T]], now: T) -> Course[T]:
        steps = [(change.at, *of(change)) for change in changes if fields.is_of(change, id_)]
        if steps and steps[-1][2] != now:
            raise OddFieldError(Message("the history of {field} in {key} is not complete", field=id_, key=key))
        return Course(steps[0][1] if steps else now, [(at, after) for at, _, after in steps])

    def members(change: FieldChange) -> tuple[frozenset[int], frozenset[int]]:
        return _ids(change.before) & wanted, _ids(change.after) & wanted

    wanted = frozenset(sprints)
    in_sprints = course(fields.sprint, members, _sprint_ids(fields.sprint, own.get(fields.sprint)) & wanted)
    if not in_sprints.first and not any(ids for _, ids in in_sprints.later):
        return None
    created, status = instant("created", own.get("created")), own.get(_STATUS)
    if created is None:
        raise OddFieldError(Message("the field created is empty"))
    if not isinstance(status, Mapping) or not isinstance(status.get("id"), str):
        raise OddAnswerError(Message("an issue has no status"))
    points: Course[float | None] = Course(None)
    if fields.points:
        points = course(fields.points, _estimates, number(fields.points, own.get(fields.points)))
    return SprintIssue(key, created, in_sprints, course(_STATUS, _statuses, str(status["id"])), points)


def _is_sub_task(issue: Raw) -> bool:
    own = issue.get("fields")
    kind = own.get("issuetype") if isinstance(own, Mapping) else None
    if not isinstance(kind, Mapping) or not isinstance(kind.get("subtask"), bool):
        raise OddAnswerError(Message("an issue has no type"))
    return bool(kind["subtask"])


def _sprint_ids(name: str, value: object) -> frozenset[int]:
    if value is None:
        return frozenset()
    if not isinstance(value, list):
        raise odd(name, value, Message("a list"))
    found = [sprint_of(sprint) for sprint in value]
    if None in found:
        raise odd(name, value[found.index(None)], Message("a sprint"))
    return frozenset(sprint.id for sprint in found if sprint)


def _ids(text: str | None) -> frozenset[int]:
    """Return the ids of sprints that a change has as `7, 8`. Raises OddFieldError."""
    try:
        return frozenset(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise OddFieldError(Message("a change of sprint does not name the sprints")) from None


def _statuses(change: FieldChange) -> tuple[str, str]:
    if change.before is None or change.after is None:
        raise OddFieldError(Message("a change of status does not name the statuses"))
    return change.before, change.after


def _estimates(change: FieldChange) -> tuple[float | None, float | None]:
    """Return the estimates before and after a change, which has numbers as texts only."""

    def estimate(text: str | None) -> float | None:
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise OddFieldError(Message("a change of estimate does not name the numbers"))
        return value

    return estimate(change.before_text), estimate(change.after_text)
