"""Add to issues what follows from their changes of status."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from config.errors import SourceError
from config.message import Message
from connectors.jira.changelog import LARGEST_HISTORY, FieldChange, fetched_changes, own_changes
from connectors.jira.client import JiraClient
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import Raw, category_of, issue_id, lifetime
from connectors.jira.flow import FLOW, Change, Life, flow_of
from connectors.jira.pages import PagePool
from connectors.jira.rows import Rows
from connectors.jira.values import OddAnswerError, OddFieldError

_STATUS = "status"


class Statuses:
    """Cache of the categories of a site's statuses, requested only if the issues do not show all of them."""

    def __init__(self, client: JiraClient) -> None:
        self._client = client
        self._known: dict[str, str | None] | None = None
        self._asking = threading.Lock()

    def all(self) -> Mapping[str, str | None]:
        """Return the categories by status id. Raises SourceError."""
        with self._asking:
            if self._known is None:
                self._known = self._ask()
            return self._known

    def _ask(self) -> dict[str, str | None]:
        doing, answer = self._client.doing("GET", "status"), self._client.get("status", "statuses")
        if not isinstance(answer, list):
            raise SourceError(doing, "the answer has no list of statuses", effect=EFFECT, advice=ODD_ANSWER)
        try:
            return {_status_id(status): category_of(status) for status in answer}
        except OddFieldError as exc:
            raise SourceError(doing, str(exc), effect=EFFECT, advice=ODD_ANSWER) from None


class Histories:
    """Adds a Flow to each issue and passes pages of issues on to `rows`. Call `close` at the end.

    `as_of` is the time to which the hours of unresolved issues are counted; None: their hours are unknown. Where a
    history is missing or of an unexpected form, the columns that need it fail, and issues are passed on without.
    """

    def __init__(
        self, client: JiraClient, pool: PagePool, statuses: Statuses, as_of: datetime | None, rows: Rows
    ) -> None:
        self._client = client
        self._pool = pool
        self._statuses = statuses
        self._as_of = as_of
        self._rows = rows
        self._failed = False
        self._categories: dict[str, str | None] = {}
        self._seen: set[str] = set()
        self._buffer: list[Any] = []
        self._waiting: deque[tuple[Sequence[Any], Future[Mapping[str, Sequence[FieldChange]]]]] = deque()

    def with_changes(self, issues: Sequence[Any]) -> None:
        """Process a page from Data Center, whose issues hold their changes. Raises SourceError."""
        path = "search"
        try:
            changes = {issue_id(issue): _status_changes(own_changes(issue, (_STATUS,))) for issue in issues}
        except OddFieldError as exc:
            self._fail(self._odd(path, exc))
            changes = {}
        self._pass_on(path, issues, changes)

    def add(self, issues: Sequence[Any]) -> None:
        """Process a page from Cloud; changes are fetched in parallel, 1000 issues per request. Raises SourceError."""
        try:
            fresh = {issue_id(issue): issue for issue in issues}
        except OddFieldError as exc:
            raise self._odd("search/jql", exc) from None
        self._buffer += [issue for id_, issue in fresh.items() if id_ not in self._seen]
        self._seen.update(fresh)
        while len(self._buffer) >= LARGEST_HISTORY:
            self._fetch(self._buffer[:LARGEST_HISTORY])
            del self._buffer[:LARGEST_HISTORY]

    def finish(self) -> None:
        """Process the remaining issues. Raises SourceError."""
        if self._buffer:
            self._fetch(self._buffer)
            self._buffer = []
        while self._waiting:
            self._hand_on()

    def close(self) -> None:
        """Cancel pending requests."""
        for _, future in self._waiting:
            future.cancel()

    def _fetch(self, issues: Sequence[Any]) -> None:
        if self._failed:
            self._rows.add(issues)
            return
        ids = [issue_id(issue) for issue in issues]
        self._waiting.append((issues, self._pool.threads.submit(fetched_changes, self._client, ids, (_STATUS,))))
        if len(self._waiting) > self._pool.count:
            self._hand_on()

    def _hand_on(self) -> None:
        path = "changelog/bulkfetch"
        issues, future = self._waiting.popleft()
        changes: Mapping[str, Sequence[Change]] = {}
        try:
            changes = {id_: _status_changes(found) for id_, found in future.result().items()}
        except SourceError as exc:
            self._fail(exc)
        except OddFieldError as exc:
            self._fail(self._odd(path, exc))
        self._pass_on(path, issues, changes)

    def _pass_on(self, path: str, issues: Sequence[Any], changes: Mapping[str, Sequence[Change]]) -> None:
        if not self._failed:
            try:
                issues = self._with_flows(issues, changes)
            except SourceError as exc:
                self._fail(exc)
            except (OddFieldError, TypeError, KeyError) as exc:
                saw = exc if isinstance(exc, OddFieldError) else OddAnswerError(Message("an issue has no status"))
                self._fail(self._odd(path, saw))
        self._rows.add(issues)

    def _with_flows(self, issues: Sequence[Any], changes: Mapping[str, Sequence[Change]]) -> Sequence[Any]:
        for issue in issues:
            status = issue["fields"]["status"]
            self._categories.setdefault(_status_id(status), category_of(status))
        named = {id_ for each in changes.values() for change in each for id_ in (change.before, change.after)}
        if not named <= self._categories.keys():
            self._categories = {**self._statuses.all(), **self._categories}
        return [self._with_flow(issue, changes.get(issue_id(issue), ())) for issue in issues]

    def _fail(self, error: SourceError) -> None:
        self._failed = True
        self._rows.fail_history(error)

    def _with_flow(self, issue: Raw, changes: Sequence[Change]) -> Raw:
        created, resolved = lifetime(issue)
        if created is None:
            raise OddFieldError(Message("the field created is empty"))
        life = Life(created, resolved, resolved or self._as_of, _status_id(issue["fields"]["status"]))
        return {**issue, FLOW: flow_of(life, changes, self._categories)}

    def _odd(self, path: str, exc: OddFieldError) -> SourceError:
        return SourceError(self._client.doing("POST", path), str(exc), effect=EFFECT, advice=ODD_ANSWER)


def _status_changes(changes: Sequence[FieldChange]) -> Sequence[Change]:
    """Return the changes of status. Raises OddFieldError."""
    found = [change for change in changes if change.field == _STATUS and not change.custom]
    if any(change.before is None or change.after is None for change in found):
        raise OddFieldError(Message("a change of status does not name the statuses"))
    return [Change(change.at, str(change.before), str(change.after)) for change in found]


def _status_id(status: object) -> str:
    id_ = status.get("id") if isinstance(status, Mapping) else None
    if not isinstance(id_, str):
        raise OddFieldError(Message("a status has no id"))
    return id_
