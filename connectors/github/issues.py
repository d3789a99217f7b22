"""Read issues and pull requests of a search, split by creation date above GitHub's limit of 1,000 results."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT
from connectors.github.graphql import ask, count_question
from connectors.github.pages import KIND, SEARCH_RESULTS, Listed, Paged, read_all, unexpected
from connectors.github.queries import Bounded, sorted_by_creation, without_created
from connectors.github.rows import instant, rows_of, selection, whole
from connectors.protocol import Row

_SLICE = 500
"""Target number of rows per slice, well below 1,000 because days are uneven."""
_MOST_PARTS = 50
_ATTEMPTS = 3

_NODES = {"issues": "Issue", "pull_requests": "PullRequest"}


def read_search(
    client: GitHubClient, table: str, search: str, columns: Sequence[Column], add: Callable[[Sequence[Row]], None]
) -> int:
    """Pass all rows of a search to `add`, at most 1,000 at a time; return their number. Raises SourceError."""
    first = read_all(client, _paged(table, search, columns))
    if first.total <= SEARCH_RESULTS:
        add(_rows(client, table, search, columns, first))
        return first.total
    kept, slices = _slices(client, search, first)

    def one(span: Bounded) -> int:
        cut = f"{kept} created:{span}"
        listed = read_all(client, _paged(table, cut, columns))
        if listed.total > SEARCH_RESULTS:
            raise _moving(client, search)
        add(_rows(client, table, cut, columns, listed))
        return listed.total

    with ThreadPoolExecutor(client.connection.lanes, "okrsync-github-slice") as lanes:
        return sum(lanes.map(one, slices))


def _paged(table: str, search: str, columns: Sequence[Column]) -> Paged:
    fields = selection(table, columns, "url", "createdAt")
    document = (
        "query($query:String!,$first:Int!,$after:String){search(query:$query,type:ISSUE,first:$first,after:$after)"
        f"{{issueCount pageInfo{{hasNextPage endCursor}} nodes{{...on {_NODES[table]}{{{fields}}}}}}}}}"
    )
    variables = {"query": sorted_by_creation(search)}
    return Paged(
        document, variables, ("search",), "issueCount", Message("search `{search}`", search=search), SEARCH_RESULTS
    )


def _rows(client: GitHubClient, table: str, search: str, columns: Sequence[Column], listed: Listed) -> list[Row]:
    try:
        return rows_of(table, columns, list(listed.nodes.values()))
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise unexpected(client, Message("search `{search}`", search=search), exc) from exc


def _moving(client: GitHubClient, search: str) -> SourceError:
    saw = Message("its slices by creation date do not add up to the whole")
    advice = "It may have changed while it was read: run again, or narrow the search."
    return SourceError(
        client.faults.doing(Message("search `{search}`", search=search)), saw, effect=EFFECT, advice=advice
    )


def _slices(client: GitHubClient, search: str, first: Listed) -> tuple[str, list[Bounded]]:
    """Return the search without its `created:`, and spans of at most 1,000 rows that cover it. Raises SourceError."""
    try:
        kept, stated = without_created(search)
        oldest = min(filter(None, (instant(node["createdAt"]) for node in first.nodes.values())))
    except (KeyError, ValueError) as exc:
        saw = Message(
            "{total} rows match, GitHub gives {search_results} at most, and {exc}",
            total=first.total,
            search_results=SEARCH_RESULTS,
            exc=exc,
        )
        advice = "Write at most one `created:`, or several measures; count(*) has no such limit."
        raise SourceError(
            client.faults.doing(Message("search `{search}`", search=search)), saw, effect=EFFECT, advice=advice
        ) from exc
    newest = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    whole = Bounded(stated.first or oldest, min(stated.last or newest, newest))
    for _ in range(_ATTEMPTS):
        total, slices = _measured(client, search, kept, whole.parts(_parts(first.total)))
        if total == sum(slices.values()):
            return kept, _small(client, search, kept, slices)
    raise _moving(client, search)


def _parts(count: int) -> int:
    return min(max(-(-count // _SLICE), 2), _MOST_PARTS - 1)


def _measured(client: GitHubClient, search: str, kept: str, spans: Sequence[Bounded]) -> tuple[int, dict[Bounded, int]]:
    """Count the results of the whole search and of each span, in as few requests as possible. Raises SourceError."""
    questions = [count_question(text) for text in (search, *(f"{kept} created:{span}" for span in spans))]
    counts: list[int] = []
    for answer in ask(client, questions, KIND):
        if isinstance(answer, SourceError):
            raise answer
        try:
            counts.append(whole(answer["issueCount"]))
        except (KeyError, TypeError) as exc:
            raise unexpected(client, Message("search `{search}`", search=search), exc) from exc
    return counts[0], dict(zip(spans, counts[1:], strict=True))


def _small(client: GitHubClient, search: str, kept: str, slices: dict[Bounded, int]) -> list[Bounded]:
    """Split spans until none has more than 1,000 rows. Raises SourceError where one second has more."""
    while large := {span: count for span, count in slices.items() if count > SEARCH_RESULTS}:
        parts = [part for span, count in large.items() for part in span.parts(_parts(count))]
        if any(part in large for part in parts):
            saw = Message(
                "more than {search_results} rows were created within one second", search_results=SEARCH_RESULTS
            )
            advice = "Narrow the search; count(*) has no such limit."
            raise SourceError(
                client.faults.doing(Message("search `{search}`", search=search)), saw, effect=EFFECT, advice=advice
            )
        _, measured = _measured(client, search, kept, parts)
        if sum(measured.values()) != sum(large.values()):
            raise _moving(client, search)
        slices = {span: count for span, count in slices.items() if span not in large} | measured
    return sorted((span for span, count in slices.items() if count), key=lambda span: span.first)
