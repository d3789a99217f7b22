"""Jira Cloud and Data Center as a source: issues by JQL, and the sprints of boards.

Cloud counts by listing keys, 5000 per request, which is exact; Data Center returns its total. Reads of rows request
only the fields of the columns used. Other requests: the account's time zone (Data Center, for placeholders in a query),
the list of fields (for `sprint`, and for `parent` on Data Center), an estimated count (for a very long list), and, for
columns that need history, one per 1000 issues (Cloud) and the list of statuses (if the issues do not show all of them).
Sprints are listed 50 per request; their figures take the board's configuration and the histories of its issues.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import cast
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.errors import SourceError
from config.message import Message
from config.models import Connection, JiraConnection
from config.placeholders import epoch_milliseconds, used
from config.tables import QueryKey, Table
from connectors.jira.client import JiraClient
from connectors.jira.columns import CUSTOM_FIELDS, TYPE_KEYS, needs_history
from connectors.jira.faults import EFFECT
from connectors.jira.fields import columns_of, readers
from connectors.jira.history import Histories, Statuses
from connectors.jira.pages import PagePool, cloud_keys, cloud_rows, server_count, server_rows
from connectors.jira.queries import filled, in_total_order, minute
from connectors.jira.rows import Rows, Stored
from connectors.jira.site_fields import SiteFieldIds
from connectors.jira.sprint_columns import TABLE
from connectors.jira.sprint_reads import SprintReads
from connectors.lanes import results_of
from connectors.protocol import Read, ReadError, Reading, RowStore, store_rows, zone_of
from connectors.registry import Context


def tables(connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the tables `issues`, with the connection's custom fields as columns, and `sprints`."""
    jira = cast("JiraConnection | None", connection)
    return {
        "issues": Table(
            "issues",
            "The issues that a JQL query finds.",
            (
                QueryKey("jql", "JQL as pasted from Jira's search, such as project = CORE AND type = Bug."),
                *TYPE_KEYS,
            ),
            columns_of(jira),
            key="key",
            link="url",
            notes=CUSTOM_FIELDS,
        ),
        TABLE.name: TABLE,
    }


def open_source(name: str, connection: Connection | None, context: Context) -> "JiraSource":
    """Open the source of one site without sending a request.

    Raises AuthError (unset or unusable secret), SourceError (no such `ca_bundle`).
    """
    return JiraSource(JiraClient(name, cast("JiraConnection", connection), context))


class JiraSource:
    """Source of issues and sprints. Reads run in parallel, as do the pages of one read where the API allows it."""

    def __init__(self, client: JiraClient) -> None:
        self._client = client
        self._connection = client.connection
        self._tables = tables(client.connection)
        self._zone: ZoneInfo | None = None
        self._site_fields = SiteFieldIds(client)
        self._statuses = Statuses(client)
        self._sprints = SprintReads(client, self._site_fields, self._instant)
        self._asking = threading.Lock()
        self._storing = threading.Lock()

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return self._tables

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in the order in which they arrive.

        Reads of rows start first, since their pages are read one after the other.
        """
        count = self._connection.lanes
        longest_first = sorted(reads, key=lambda read: read.count_only)
        with ThreadPoolExecutor(count) as pages, ThreadPoolExecutor(count) as each:
            pool = PagePool(pages, count)
            yield from results_of([each.submit(self._answer, read, into, pool) for read in longest_first])

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _answer(self, read: Read, into: RowStore, pool: PagePool) -> Reading | ReadError:
        try:
            if read.table == TABLE.name:
                return self._sprint_rows(read, into, pool)
            asked = self._filled(read)
            link = f"{self._connection.url}/issues/?jql={quote(asked, safe='')}"
            if read.count_only:
                count, ids = self._count(asked)
                return Reading(read, count, datetime.now(UTC), asked, ids, link)
            found = self._rows(read, asked, into, pool)
        except SourceError as exc:
            return ReadError(read, exc)
        now = datetime.now(UTC)
        return Reading(read, found.count, now, asked, link=link, types=found.types, failed=found.failed)

    def _sprint_rows(self, read: Read, into: RowStore, pool: PagePool) -> Reading:
        found = self._sprints.answer(read, pool)
        if not read.count_only:
            with self._storing:
                store_rows(into, read, found.columns, found.rows)
        return found.reading

    def _count(self, jql: str) -> tuple[int, tuple[str, ...]]:
        if self._connection.is_cloud:
            keys = cloud_keys(self._client, jql)
            return len(keys), tuple(keys.values())
        return server_count(self._client, jql), ()

    def _rows(self, read: Read, jql: str, into: RowStore, pool: PagePool) -> Stored:
        table = self._tables["issues"]
        named = [column for name in read.columns or (table.key,) if (column := table.column(name))]
        columns = tuple(dict.fromkeys(named))
        custom = self._connection.fields
        site, failed = self._site_fields.of({column.name for column in columns})
        readable = [column for column in columns if column.name not in failed]
        made = readers(readable, self._connection, site, zone_of(read))
        rows = Rows(read, made, into, self._storing, Message("jira {name!r}", name=self._client.name))
        for name, error in failed.items():
            rows.fail(name, error)
        if needs_history((column.name for column in columns), custom):
            return self._rows_with_history(read, jql, pool, rows)
        if self._connection.is_cloud:
            cloud_rows(self._client, pool, jql, rows.fields, rows.add)
            return rows.finish()
        return rows.finish(server_rows(self._client, pool, in_total_order(jql), rows.fields, rows.add))

    def _rows_with_history(self, read: Read, jql: str, pool: PagePool, rows: Rows) -> Stored:
        as_of = read.instants.get("as_of")
        with closing(Histories(self._client, pool, self._statuses, as_of, rows)) as histories:
            if self._connection.is_cloud:
                cloud_rows(self._client, pool, jql, rows.fields, histories.add)
                histories.finish()
                return rows.finish()
            ordered, keep = in_total_order(jql), histories.with_changes
            return rows.finish(server_rows(self._client, pool, ordered, rows.fields, keep, history=True))

    def _filled(self, read: Read) -> str:
        """Return the query with its placeholders filled as this site reads instants."""
        jql = read.query["jql"].strip()
        if not used(jql):
            return jql
        return filled(jql, read.instants, self._instant)

    def _instant(self, moment: datetime) -> str:
        """Format an instant as this site reads it. Raises SourceError."""
        return epoch_milliseconds(moment) if self._connection.is_cloud else minute(self._account_zone(), moment)

    def _account_zone(self) -> ZoneInfo:
        """Return the account's time zone, in which Data Center reads date literals; cached. Raises SourceError."""
        with self._asking:
            if self._zone is None:
                answer = self._client.get("myself", "account")
                name = answer.get("timeZone") if isinstance(answer, Mapping) else None
                try:
                    self._zone = ZoneInfo(str(name or ""))
                except (ZoneInfoNotFoundError, ValueError, OSError):
                    doing, saw = self._client.doing("GET", "myself"), Message("the account's time zone is not known")
                    advice = "Set a time zone in the account's profile, or write dates instead of placeholders."
                    raise SourceError(doing, saw, effect=EFFECT, advice=advice) from None
            return self._zone
