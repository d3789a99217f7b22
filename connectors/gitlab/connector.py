"""Read issues, merge requests, milestones, pipelines and releases of GitLab's projects and groups.

On httpx, not python-gitlab: retries, limits and pace are those of every JSON source, and pages are read side by side.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import datetime
from http import HTTPStatus
from typing import cast

from config.connection_types import Connection
from config.dataclass import dataclass
from config.errors import SourceError
from config.gitlab_connection import GitLabConnection
from config.message import Message
from config.tables import Column, Table
from connectors.gitlab.pages import Walk, undocumented_answer
from connectors.gitlab.questions import Listing, Question, question_of
from connectors.gitlab.rows import Node, rows_of
from connectors.gitlab.tables import TABLES, columns_of
from connectors.json_client import JsonClient, open_client
from connectors.protocol import Read, ReadError, Reading, Row, RowStore, store_rows, zone_of
from connectors.registry import Context


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return GitLab's tables."""
    return TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> "GitLabSource":
    """Open a source without sending a request. Raises SourceError: unset secret or unreadable certificates."""
    return GitLabSource(open_client(name, cast("GitLabConnection", connection), context))


class GitLabSource:
    """Source of GitLab's lists, with parallel requests."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in the order in which they arrive. Equal questions are asked once."""
        groups: dict[Question, list[Read]] = {}
        for read in reads:
            try:
                groups.setdefault(question_of(read, self._doing(read.table)), []).append(read)
            except SourceError as exc:
                yield ReadError(read, exc)
        lanes = self._client.lanes
        with ThreadPoolExecutor(lanes) as asking, ThreadPoolExecutor(lanes) as pool:
            futures = [
                (question, group, [asking.submit(self._taken, question, group, one, pool) for one in question.listings])
                for question, group in groups.items()
            ]
            try:
                for question, group, lists in futures:
                    yield from self._answers(question, group, lists, into)
            finally:
                for future in (one for _, _, lists in futures for one in lists):
                    future.cancel()

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _doing(self, table: str, place: str = "") -> str:
        name = self._client.name
        if not place:
            return Message("gitlab {name!r}: {table}", name=name, table=table)
        return Message("gitlab {name!r}: {table} of {place}", name=name, table=table, place=place)

    def _taken(self, question: Question, group: Sequence[Read], listing: Listing, pool: Executor) -> "_Taken":
        """Read one list; for a count alone, without its rows. Raises SourceError."""
        doing = self._doing(question.table, listing.place)
        walk, rows = Walk(self._client, pool, listing, doing), list[Row]()
        if all(read.count_only for read in group):
            count, answer = walk.count()
            return _Taken(count, answer.read_at, rows)
        columns, zone = _columns(question, group), zone_of(group[0])

        def keep(nodes: Sequence[Node]) -> None:
            try:
                rows.extend(rows_of(columns, nodes, listing.place, zone))
            except (KeyError, TypeError, ValueError) as exc:
                raise undocumented_answer(doing) from exc

        count, answer = walk.take(keep)
        return _Taken(count, answer.read_at, rows)

    def _answers(
        self, question: Question, group: Sequence[Read], lists: Sequence["Future[_Taken]"], into: RowStore
    ) -> list[Reading | ReadError]:
        """Answer the reads that share a question. Nothing is kept unless every list is whole."""
        try:
            found = [one.result() for one in lists]
        except SourceError as exc:
            return [ReadError(read, _explained(exc)) for read in group]
        columns, rows = _columns(question, group), [row for one in found for row in one.rows]
        for read in group:
            if not read.count_only:
                store_rows(into, read, columns, rows)
        count, read_at = sum(one.count for one in found), max(one.read_at for one in found)
        return [Reading(read, count, read_at, question.asked, warnings=question.warnings) for read in group]


@dataclass(frozen=True, slots=True)
class _Taken:
    """The whole of one list."""

    count: int
    read_at: datetime
    rows: Sequence[Row]


def _columns(question: Question, group: Sequence[Read]) -> tuple[Column, ...]:
    """Return the columns that any of the reads needs."""
    names = [name for read in group if not read.count_only for name in read.columns]
    return columns_of(TABLES[question.table], names)


def _explained(exc: SourceError) -> SourceError:
    """Say of an unknown project what GitLab does not: it may be there, but not for this token."""
    if exc.status != HTTPStatus.NOT_FOUND:
        return exc
    advice = Message("Check the path; what a token may not see is answered like what is not there.")
    return SourceError(exc.doing, exc.saw, effect=exc.effect, advice=advice)
