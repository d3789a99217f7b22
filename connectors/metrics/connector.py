"""Read any JSON endpoint, and instant queries of a Prometheus server.

https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries

Credentials are sent to the connection's own origin only: a measure's `url` is a path below the connection's `url`, and
redirects are reported, not followed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import cast
from urllib.parse import quote

from config.cell_types import rules_of
from config.errors import SourceError
from config.message import Message
from config.models import Connection, MetricsConnection
from config.placeholders import fill, iso_with_offset
from config.tables import Column, QueryKey, Table
from connectors import json_rows
from connectors.grids.columns import CELL_KEYS, notes_of
from connectors.json_client import Answer, JsonClient, open_client
from connectors.json_types import typed
from connectors.lanes import results_of
from connectors.metrics import prometheus
from connectors.protocol import Read, ReadError, Reading, Row, RowStore, zone_of
from connectors.registry import Context

EFFECT = Message("Its key results were left as they were.")

_TABLES = MappingProxyType(
    {
        "json": Table(
            "json",
            "The objects that an HTTP endpoint answers as JSON.",
            (
                QueryKey("url", "A path below the connection's url, such as /api/orders?state=open."),
                QueryKey("rows", "JMESPath to the list of rows, such as data.items.", required=False),
                *CELL_KEYS,
            ),
            open=True,
        ),
        "prometheus": Table(
            "prometheus",
            "The samples of a PromQL instant query; each label is a column of text.",
            (QueryKey("query", "An instant query in PromQL, such as sum(rate(errors_total[7d]))."),),
            (
                Column(prometheus.VALUE, "number", "The sample's value; NaN and infinity are unknown."),
                Column(prometheus.TIME, "timestamp", "When the sample was evaluated."),
            ),
            open=True,
        ),
    }
)


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the tables `json` and `prometheus`; both take further columns from the answer."""
    return _TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> "MetricsSource":
    """Open a source without sending a request. Raises SourceError: unset secret or unreadable certificates."""
    return MetricsSource(name, open_client(name, cast("MetricsConnection", connection), context))


@dataclass(frozen=True, slots=True)
class _Found:
    """Columns and rows of one read."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    read_at: datetime
    asked: str
    failed: Mapping[str, SourceError]


class MetricsSource:
    """Source of JSON endpoints and Prometheus, with parallel requests."""

    def __init__(self, name: str, client: JsonClient) -> None:
        self.name = name
        self.client = client

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in the order in which they arrive. Reads of one address share one request."""
        groups: dict[tuple[str, str], list[Read]] = {}
        for read in reads:
            try:
                self._check(read)
            except SourceError as exc:
                yield ReadError(read, exc)
            else:
                groups.setdefault((read.table, target_of(read)), []).append(read)
        with ThreadPoolExecutor(max_workers=self.client.lanes) as pool:
            futures = [pool.submit(self._answers, target, group) for (_, target), group in groups.items()]
            for outcomes in results_of(futures):
                yield from (_keep(read, found, into) for read, found in outcomes)

    def close(self) -> None:
        """Close the client's connections."""
        self.client.close()

    def _answers(self, target: str, group: Sequence[Read]) -> list[tuple[Read, _Found | SourceError]]:
        try:
            made = self._json(target) if group[0].table == "json" else self._prometheus(target)
        except SourceError as exc:
            return [(read, exc) for read in group]
        return [(read, _outcome(made, read)) for read in group]

    def _check(self, read: Read) -> None:
        """Check the JMESPath of `rows` before any request. Raises SourceError."""
        if read.table == "json" and read.query.get("rows"):
            json_rows.check_expression(
                read.query["rows"],
                Message("metrics {name!r}: GET {target_of}", name=self.name, target_of=target_of(read)),
            )

    def _json(self, target: str) -> Callable[[Read], _Found]:
        doing = Message("metrics {name!r}: GET {target}", name=self.name, target=target)
        answer = self.client.get(target, doing=doing, kind="json")
        refuse_part(answer, doing)

        def found(read: Read) -> _Found:
            rows = json_rows.select(answer.document, read.query.get("rows", ""), doing)
            made = typed(rows, rules_of(read.query, zone_of(read)), doing)
            return _Found(made.columns, made.rows, answer.read_at, _asked(read), made.failed)

        return found

    def _prometheus(self, query: str) -> Callable[[Read], _Found]:
        doing = Message("metrics {name!r}: query {query}", name=self.name, query=query)
        answer = self.client.get(
            "api/v1/query", doing=doing, kind="query", params={"query": query}, detail=prometheus.error_of
        )
        made = prometheus.rows_of(answer.document, doing)
        return lambda _read: _Found(made.columns, made.rows, answer.read_at, query, made.failed)


def refuse_part(answer: Answer, doing: str) -> None:
    """Refuse an answer that says that more pages follow, since partial reads are rejected. Raises SourceError."""
    hint = "Link: rel=next" if answer.more else json_rows.page_hint(answer.document)
    if hint:
        raise SourceError(
            doing,
            Message("the answer is one page of several ({hint})", hint=hint),
            effect=EFFECT,
            advice="Ask for everything in one answer, for example with a larger page size in `url`.",
        )


def target_of(read: Read) -> str:
    """Return the address or the query with its placeholders filled; instants in an address are URL-encoded."""
    if read.table == "json":
        return fill(read.query["url"], read.instants, lambda moment: quote(iso_with_offset(moment), safe=""))
    return fill(read.query["query"], read.instants, prometheus.instant)


def _asked(read: Read) -> str:
    """Return the address for display, with its placeholders filled but not URL-encoded."""
    address = fill(read.query["url"], read.instants, iso_with_offset)
    return f"{address} rows {read.query['rows']}" if read.query.get("rows") else address


def _outcome(found: Callable[[Read], _Found], read: Read) -> _Found | SourceError:
    try:
        return found(read)
    except SourceError as exc:
        return exc


def _keep(read: Read, found: _Found | SourceError, into: RowStore) -> Reading | ReadError:
    if isinstance(found, SourceError):
        return ReadError(read, found)
    if not read.count_only:
        into.add(read, found.columns, found.rows)
    return Reading(
        read, len(found.rows), found.read_at, found.asked, types=notes_of(found.columns), failed=found.failed
    )
