"""State of a Jira site: issues, clock, and paged searches in progress."""

import base64
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.sandbox.jira import jql, jql_match
from connectors.sandbox.jira.boards import Board
from connectors.sandbox.jira.issue_json import Site
from connectors.sandbox.jira.issues import Issue, known_values
from connectors.sandbox.jira.jql_dates import World

_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_REMEMBERED_WALKS = 64


class JiraState:
    """State of one Jira site.

    Attributes:
        name: `jira` for Cloud, `jira-dc` for Data Center.
        issues: by key. Change them through `put` and `remove`, which update derived data.
        page_cap: maximum page size of a search; on Cloud, if more fields than id and key are requested.
        history_cap: maximum page size of Cloud's histories, in changes.
        scoped: whether the token is a scoped one, or a service account's: Cloud takes it at its gateway only.
        software: whether the site has Jira Software, and with it sprints and epic links.
        sprint_order: order of the fields in Data Center's sprint texts, a key of `SPRINT_ORDERS`.
        boards: by id.
        now: the site's clock.
    """

    email = "demo@example.com"
    token = "sandbox-token"  # noqa: S105 - opens nothing but the sandbox
    cloud_id = "11223344-a1b2-3b33-c444-def123456789"

    def __init__(
        self,
        issues: Iterable[Issue] = (),
        *,
        cloud: bool = True,
        time_zone: str = "Asia/Taipei",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = "jira" if cloud else "jira-dc"
        self.scoped = False
        self.cloud = cloud
        self.zone = ZoneInfo(time_zone)
        self.now = now
        self.page_cap = 100 if cloud else 1000
        self.history_cap = 10_000
        self.software = True
        self.sprint_order = "alphabet"
        self.boards: dict[int, Board] = {}
        self.issues: dict[str, Issue] = {issue.key: issue for issue in issues}
        self._known: dict[str, set[str]] | None = None
        self._by_id: dict[str, Issue] | None = None
        self._walks: dict[str, tuple[str, list[Issue]]] = {}
        self._walked = 0

    def put(self, issue: Issue) -> None:
        """Add or replace an issue."""
        self.issues[issue.key] = issue
        self._known = self._by_id = None

    def remove(self, key: str) -> Issue | None:
        """Delete an issue and return it; None if it does not exist."""
        self._known = self._by_id = None
        return self.issues.pop(key, None)

    def replace(self, issues: Iterable[Issue]) -> None:
        """Replace all issues."""
        self.issues = {issue.key: issue for issue in issues}
        self._known = self._by_id = None
        self._walks.clear()

    def next_id(self) -> int:
        """Return an unused id."""
        return max((issue.id for issue in self.issues.values()), default=9999) + 1

    def find(self, name: str) -> Issue | None:
        """Find an issue by key or id."""
        if self._by_id is None:
            self._by_id = {str(issue.id): issue for issue in self.issues.values()}
        return self.issues.get(name.upper()) or self._by_id.get(name)

    def select(self, text: str) -> list[Issue]:
        """Return the issues that match a query. Raises JqlError."""
        query = jql.parse(text)
        if self.cloud and query.where is None:
            raise jql.JqlError(_UNBOUNDED)
        if self._known is None:
            self._known = known_values(self.issues.values())
        known = dict(self._known)
        known["sprint"] = known["sprint"] | {str(one.id) for board in self.boards.values() for one in board.sprints}
        filters = {board.filter_id: jql.parse(board.jql) for board in self.boards.values()}
        world = World(self.now(), self.zone, self.cloud, known, self.issues, self.software, filters)
        return jql_match.select(query, self.issues.values(), world)

    def walk(self, text: str, token: str) -> tuple[list[Issue], str, int]:
        """Return the issues of a paged search, its name and the start of this page.

        A search is evaluated once; later pages are slices of its result. Raises JqlError for an unknown token, or one
        of another query.
        """
        if not token:
            found = self.select(text)
            self._walked += 1
            walk = f"walk{self._walked}"
            self._walks[walk] = (text, found)
            if len(self._walks) > _REMEMBERED_WALKS:
                del self._walks[next(iter(self._walks))]
            return found, walk, 0
        try:
            walk, _, start = base64.urlsafe_b64decode(token).decode().partition(":")
            query, found = self._walks[walk]
            at = int(start)
        except (ValueError, KeyError):
            raise jql.JqlError("The provided next page token is invalid or expired.") from None
        if query != text:
            raise jql.JqlError("The provided next page token belongs to another query.")
        return found, walk, at

    def site(self, base_url: str) -> Site:
        """Return the site properties for the JSON of issues."""
        return Site(base_url, self.zone, cloud=self.cloud, software=self.software, sprint_order=self.sprint_order)


def page_token(walk: str, start: int) -> str:
    """Return the token of the page that begins at `start`."""
    return base64.urlsafe_b64encode(f"{walk}:{start}".encode()).decode()
