"""Read instant queries of a Prometheus server.

https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import cast

from config.errors import SourceError
from config.message import Message
from config.models import Connection, PrometheusConnection
from config.placeholders import fill
from config.tables import Column, QueryKey, Table
from connectors.grids.columns import notes_of
from connectors.json_client import JsonClient, open_client
from connectors.lanes import results_of
from connectors.prometheus import samples
from connectors.protocol import Read, ReadError, Reading, RowStore
from connectors.registry import Context

_TABLES = MappingProxyType(
    {
        "query": Table(
            "query",
            "The samples of a PromQL instant query; each label is a column of text.",
            (QueryKey("query", "An instant query in PromQL, such as sum(rate(errors_total[7d]))."),),
            (
                Column(samples.VALUE, "number", "The sample's value; NaN and infinity are unknown."),
                Column(samples.TIME, "timestamp", "When the sample was evaluated."),
            ),
            open=True,
        )
    }
)


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the one table `query`, which takes further columns from the labels."""
    return _TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> "PrometheusSource":
    """Open a source without sending a request. Raises SourceError: unset secret or unreadable certificates."""
    return PrometheusSource(open_client(name, cast("PrometheusConnection", connection), context))


class PrometheusSource:
    """Source of instant queries, several at once."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in the order in which they arrive. Reads of one query share one request."""
        groups: dict[str, list[Read]] = {}
        for read in reads:
            groups.setdefault(fill(read.query["query"], read.instants, samples.instant), []).append(read)
        with ThreadPoolExecutor(max_workers=self._client.lanes) as pool:
            futures = [pool.submit(self._answers, query, group, into) for query, group in groups.items()]
            for answers in results_of(futures):
                yield from answers

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _answers(self, query: str, group: Sequence[Read], into: RowStore) -> list[Reading | ReadError]:
        doing = Message("prometheus {name!r}: query {query}", name=self._client.name, query=query)
        try:
            answer = self._client.get(
                "api/v1/query", doing=doing, kind="query", params={"query": query}, detail=samples.error_of
            )
            made = samples.rows_of(answer.document, doing)
        except SourceError as exc:
            return [ReadError(read, exc) for read in group]
        found: list[Reading | ReadError] = []
        for read in group:
            if not read.count_only:
                into.add(read, made.columns, made.rows)
            types = notes_of(made.columns)
            found.append(Reading(read, len(made.rows), answer.read_at, query, types=types, failed=made.failed))
        return found
