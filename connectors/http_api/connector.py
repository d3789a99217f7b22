"""Read any API that answers JSON: GET, POST and GraphQL, page by page.

The rows that a JMESPath picks go to the measure's `value`. All pages are read, or none: an answer that says there is
more than was asked for is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from config.cell_types import rules_of
from config.errors import SourceError
from config.message import Message
from config.models import Connection, HttpConnection
from config.tables import QueryKey, Table
from connectors.answers import Answer
from connectors.bounds import PAGES
from connectors.grids.columns import CELL_KEYS, notes_of
from connectors.http_api.pages import Walk
from connectors.http_api.questions import Question, asked_by, list_of, question_of, rows_of
from connectors.http_api.rows import Listing, Picked
from connectors.json_client import JsonClient, open_client
from connectors.json_types import TypedRows, typed
from connectors.lanes import results_of
from connectors.protocol import Read, ReadError, Reading, RowStore, store_rows, zone_of
from connectors.registry import Context

_ROWS = QueryKey("rows", "JMESPath to the list of rows, such as data.items.", required=False)
_PAGING = (
    QueryKey("next", "Where an answer has the next page's cursor or address: JMESPath, or `link`.", required=False),
    QueryKey("first_page", "What {page} begins with: 1 or 0.", required=False),
    QueryKey("total", "JMESPath to the number of rows that an answer states, or its header.", required=False),
    QueryKey("instants", "How placeholders are written: iso, utc, date, seconds or milliseconds.", required=False),
    *CELL_KEYS,
)
_TABLES = MappingProxyType(
    {
        "json": Table(
            "json",
            "The objects that an HTTP endpoint answers as JSON.",
            (
                QueryKey("url", "A path below the connection's url, such as /api/orders?state=open."),
                QueryKey("body", "JSON to POST.", required=False),
                _ROWS,
                *_PAGING,
            ),
            open=True,
        ),
        "graphql": Table(
            "graphql",
            "The objects that a GraphQL query answers.",
            (
                QueryKey("graphql", "One query."),
                QueryKey("variables", "Its variables, as JSON.", required=False),
                QueryKey("url", "A path below the connection's url, where that is not the endpoint.", required=False),
                _ROWS,
                *_PAGING,
            ),
            open=True,
        ),
    }
)


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the tables `json` and `graphql`, whose columns come from the answers."""
    return _TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> "HttpSource":
    """Open a source without sending a request. Raises SourceError: unset secret or unreadable certificates."""
    return HttpSource(open_client(name, cast("HttpConnection", connection), context, PAGES))


class HttpSource:
    """Source of JSON answers, with parallel requests."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in the order in which they arrive. Equal questions are asked once."""
        groups: dict[Question, list[Read]] = {}
        for read in reads:
            try:
                groups.setdefault(question_of(read, self._doing(read)), []).append(read)
            except SourceError as exc:
                yield ReadError(read, exc)
        lanes = self._client.lanes
        with ThreadPoolExecutor(lanes) as asking, ThreadPoolExecutor(lanes) as pool:
            futures = [asking.submit(self._answers, one, group, into, pool) for one, group in groups.items()]
            for answers in results_of(futures):
                yield from answers

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _doing(self, read: Read) -> str:
        method = "POST" if read.query.get("body") or read.table == "graphql" else "GET"
        place = f"{method} {read.query.get('url') or '/'}"
        return Message("http {name!r}: {place}", name=self._client.name, place=place)

    def _answers(
        self, question: Question, group: Sequence[Read], into: RowStore, pool: Executor
    ) -> list[Reading | ReadError]:
        """Ask a question and answer the reads that share it, which may pick different rows of the same list."""
        name, method = self._client.name, question.method
        doing = Message("http {name!r}: {method} {path}", name=name, method=method, path=question.url or "/")
        picked = {expression: Picked(expression, doing) for expression in map(rows_of, group)}
        listing = Listing(question, list_of(question, rows_of(group[0])), doing, list(picked.values()))
        try:
            answer = Walk(self._client, pool, question, doing).take(listing)
        except SourceError as exc:
            return [ReadError(read, picked[rows_of(read)].error or exc) for read in group]
        notes = (Message("read page by page: {count} pages", count=listing.pages),) if listing.pages > 1 else ()
        outcomes = [_outcome(read, answer, picked[rows_of(read)], doing, into) for read in group]
        return [replace(one, notes=notes) if isinstance(one, Reading) else one for one in outcomes]


def _outcome(read: Read, answer: Answer, picked: Picked, doing: str, into: RowStore) -> Reading | ReadError:
    """Type the rows of a read and keep them."""
    try:
        made = typed(picked.whole(), rules_of(read.query, zone_of(read)), doing)
    except SourceError as exc:
        return ReadError(read, exc)
    if not read.count_only:
        store_rows(into, read, made.columns, made.rows)
    return Reading(
        read,
        len(made.rows),
        answer.read_at,
        asked_by(read),
        warnings=_without_values(read, made),
        types=notes_of(made.columns),
        failed=made.failed,
    )


def _without_values(read: Read, made: TypedRows) -> tuple[str, ...]:
    """Name the columns that `rows` builds and a measure needs, and that have no value: their paths may be wrong."""
    if "{" not in read.query.get("rows", "") or not made.rows:
        return ()
    asked = {name.lower() for name in read.columns}
    empty = [column.name for column in made.columns if column.type == "empty" and column.name.lower() in asked]
    return tuple(
        Message(
            "'{name}' has no value in any of {count} rows; its path in `rows` may be wrong",
            name=name,
            count=len(made.rows),
        )
        for name in empty
    )
