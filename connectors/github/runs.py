"""Read workflow runs over REST, since GraphQL does not list them.

A filtered list returns at most 1,000 runs (docs.github.com, "List workflow runs for a repository"), so a total of
1,000 may mean more: such a list is split by creation date.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.github.client import GitHubClient
from connectors.github.ended_runs import EndedRuns
from connectors.github.errors import EFFECT
from connectors.github.pages import PAGE, unexpected
from connectors.github.queries import Bounded, parse_span
from connectors.github.rows import Node, rows_of, whole
from connectors.protocol import Row

KIND = "workflow runs"
_LISTED = 1000
_FIRST_RUN = datetime(2018, 10, 1, tzinfo=UTC)
"""Start of GitHub Actions, the earliest possible run."""
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Runs:
    """A list of runs: of a repository, one workflow (empty: all), and a date filter (empty: none)."""

    repository: str
    workflow: str = ""
    created: str = ""

    @property
    def path(self) -> str:
        """Path of the list in the REST API."""
        below = f"/workflows/{quote(self.workflow, safe='')}" if self.workflow else ""
        return f"/repos/{self.repository}/actions{below}/runs"


def count_runs(client: GitHubClient, runs: Runs) -> int:
    """Count the runs, in one request where there are fewer than 1,000. Raises SourceError."""
    return _cut(client, runs, lambda created: _total(client, runs, _page(client, runs, created, 1, 1)))


def read_runs(
    client: GitHubClient,
    runs: Runs,
    columns: Sequence[Column],
    add: Callable[[Sequence[Row]], None],
    ended: EndedRuns | None,
) -> int:
    """Pass all runs to `add`, fewer than 1,000 at a time; return their number. Raises SourceError.

    `ended` is given where a column needs to know when a run ended.
    """

    def take(created: str) -> int:
        total, nodes = _listed(client, runs, created)
        if total < _LISTED:
            try:
                known = ended.added(runs.repository, nodes) if ended else nodes
                add(rows_of("workflow_runs", columns, known))
            except (KeyError, TypeError, ValueError, AttributeError) as exc:
                raise unexpected(client, runs.path, exc) from exc
        return total

    return _cut(client, runs, take)


def _cut(client: GitHubClient, runs: Runs, take: Callable[[str], int]) -> int:
    """Sum `take` over spans of fewer than 1,000 runs each. Raises SourceError."""
    total = take(runs.created)
    if total < _LISTED:
        return total
    try:
        stated = parse_span(runs.created) if runs.created else parse_span("*..*")
    except ValueError as exc:
        saw = Message(
            "{total} runs match, and `created: {created}` cannot be cut into shorter spans ({exc})",
            total=total,
            created=runs.created,
            exc=exc,
        )
        advice = "Write `created` as >=2026-10-01 or as 2026-10-01..2026-10-31."
        raise SourceError(client.faults.doing(runs.path), saw, effect=EFFECT, advice=advice) from exc
    newest = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    todo = Bounded(stated.first or _FIRST_RUN, min(stated.last or newest, newest)).parts(2)
    taken = 0
    while todo:
        span = todo.pop()
        count = take(str(span))
        if count < _LISTED:
            taken += count
        elif len(parts := span.parts(2)) > 1:
            todo += parts
        else:
            raise _incomplete(
                client, runs, Message("{listed} runs or more were created within one second", listed=_LISTED)
            )
    if taken < total:
        raise _incomplete(client, runs, Message("{taken} of {total} runs were received", taken=taken, total=total))
    return taken


def _incomplete(client: GitHubClient, runs: Runs, saw: str) -> SourceError:
    advice = "The list may have changed while it was read: run again, or narrow `created`."
    return SourceError(client.faults.doing(f"GET {runs.path}"), saw, effect=EFFECT, advice=advice)


def _listed(client: GitHubClient, runs: Runs, created: str) -> tuple[int, list[Node]]:
    """Return the total and all nodes; no nodes where the total is 1,000 or more. Repeat if runs are added meanwhile."""
    total, nodes = 0, dict[Any, Node]()
    for _ in range(_ATTEMPTS):
        nodes.clear()
        page = _page(client, runs, created, PAGE, 1)
        total = _total(client, runs, page)
        if total >= _LISTED:
            return total, []
        nodes |= {whole(run["id"]): run for run in page["workflow_runs"]}
        for number in range(2, -(-total // PAGE) + 1):
            page = _page(client, runs, created, PAGE, number)
            nodes |= {whole(run["id"]): run for run in page["workflow_runs"]}
        if len(nodes) == total == _total(client, runs, page):
            return total, list(nodes.values())
    raise _incomplete(client, runs, Message("{count} of {total} runs were received", count=len(nodes), total=total))


def _page(client: GitHubClient, runs: Runs, created: str, size: int, number: int) -> Node:
    parameters: dict[str, Any] = {"per_page": size, "page": number}
    if created:
        parameters["created"] = created
    page = client.get(runs.path, parameters, KIND)
    try:
        names = {str(run["repository"]["full_name"]) for run in page["workflow_runs"] if whole(run["id"])}
    except (KeyError, TypeError) as exc:
        raise unexpected(client, f"GET {runs.path}", exc) from exc
    # A renamed repository is answered by a redirect, and following it loses the filters.
    if moved := next((name for name in names if name.lower() != runs.repository.lower()), None):
        saw = Message("the repository is called {moved} now", moved=moved)
        raise SourceError(
            client.faults.doing(f"GET {runs.path}"),
            saw,
            effect=EFFECT,
            advice=Message("Write {moved} in the config.", moved=moved),
        )
    return page


def _total(client: GitHubClient, runs: Runs, page: Node) -> int:
    try:
        return whole(page.get("total_count"))
    except TypeError as exc:
        raise unexpected(client, f"GET {runs.path}", exc) from exc
