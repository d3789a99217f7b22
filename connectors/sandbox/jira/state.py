"""What the sandbox's Jira site knows: its issues, its clock, and the walks that are under way."""

import base64
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.sandbox.jira import jql, jql_match
from connectors.sandbox.jira.issue_json import Site
from connectors.sandbox.jira.issues import Issue, known_values
from connectors.sandbox.jira.jql_dates import World

_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_REMEMBERED_WALKS = 64


class JiraState:
    """One Jira site.

    Attributes:
        name: `jira` for Cloud, `jira-dc` for Data Center.
        issues: by key. Change them through `put` and `remove`, so that what is derived from them follows.
        page_cap: Cloud shortens pages to so many issues when more than id and key are asked for.
        history_cap: Cloud shortens the pages of histories to so many changes.
        now: the site's clock.
    """

    def __init__(
        self,
        issues: Iterable[Issue] = (),
        *,
        cloud: bool = True,
        email: str = "demo@example.com",
        token: str = "sandbox-token",  # noqa: S107 - it opens nothing but this sandbox
        time_zone: str = "Asia/Taipei",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = "jira" if cloud else "jira-dc"
        self.cloud = cloud
        self.email = email
        self.token = token
        self.zone = ZoneInfo(time_zone)
        self.now = now
        self.page_cap = 100
        self.history_cap = 10_000
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
        """Delete an issue; None where there is none."""
        self._known = self._by_id = None
        return self.issues.pop(key, None)

    def replace(self, issues: Iterable[Issue]) -> None:
        """Other issues instead of these."""
        self.issues = {issue.key: issue for issue in issues}
        self._known = self._by_id = None
        self._walks.clear()

    def next_id(self) -> int:
        """An id no issue has."""
        return max((issue.id for issue in self.issues.values()), default=9999) + 1

    def find(self, name: str) -> Issue | None:
        """An issue by key or id."""
        if self._by_id is None:
            self._by_id = {str(issue.id): issue for issue in self.issues.values()}
        return self.issues.get(name.upper()) or self._by_id.get(name)

    def select(self, text: str) -> list[Issue]:
        """The issues a query finds. Raises JqlError."""
        query = jql.parse(text)
        if self.cloud and query.where is None:
            raise jql.JqlError(_UNBOUNDED)
        if self._known is None:
            self._known = known_values(self.issues.values())
        world = World(self.now(), self.zone, self.cloud, self._known, self.issues)
        return jql_match.select(query, self.issues.values(), world)

    def walk(self, text: str, token: str) -> tuple[list[Issue], str, int]:
        """The issues of a walk, its name and where this page begins. A token belongs to the query that began it.

        A walk selects once; its later pages only slice. Raises JqlError for a token that is unknown.
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
        """What the JSON of an issue depends on."""
        return Site(base_url, self.zone, cloud=self.cloud)


def page_token(walk: str, start: int) -> str:
    """The token of the page of a walk that begins at `start`."""
    return base64.urlsafe_b64encode(f"{walk}:{start}".encode()).decode()
