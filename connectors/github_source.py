"""The source: sorts reads into requests, runs them on lanes, and gives one answer per read.

Counts and repositories go out as GraphQL aliases, 50 a request; every list has a lane of its own.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import UTC, datetime

from config.errors import SourceError
from config.tables import Table
from connectors.base import Read, ReadError, Reading, Row, RowStore
from connectors.github_asked import Asked, asked_of
from connectors.github_client import EFFECT, GitHubClient
from connectors.github_graphql import ALIASES, Answer, Question, ask, count_question
from connectors.github_issues import read_search
from connectors.github_pages import unexpected
from connectors.github_repositories import KIND as REPOSITORIES
from connectors.github_repositories import Known, count_of, questions_of, read_below, repository_rows
from connectors.github_runs import Runs, count_runs, read_runs
from connectors.github_tables import TABLES

_COUNTS = "counts"


class GitHubSource:
    """Reads one connection."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._known = Known(client)
        self._adding = threading.Lock()

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""
        return TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """One answer per read, as they come."""
        quick: list[Asked] = []
        lists: list[Asked] = []
        for read in reads:
            try:
                asked = asked_of(read, self._client.connection.url)
            except ValueError as exc:
                doing = self._client.doing(f"table {read.table}")
                yield ReadError(read, SourceError(doing, str(exc), effect=EFFECT, advice="Correct the measure."))
                continue
            (quick if asked.by_question else lists).append(asked)
        with ThreadPoolExecutor(self._client.connection.lanes, "okrsync-github") as lanes:
            futures: list[Future[list[Reading | ReadError]]] = [
                *(lanes.submit(self._answer_questions, batch, into) for batch in _batches(quick)),
                *(lanes.submit(self._read_list, asked, into) for asked in lists),
            ]
            try:
                for future in as_completed(futures):
                    yield from future.result()
            finally:
                for future in futures:
                    future.cancel()

    def close(self) -> None:
        """Close the connections; may be called twice."""
        self._client.close()

    def _answer_questions(self, batch: Sequence[Asked], into: RowStore) -> list[Reading | ReadError]:
        questions = [_questions(asked) for asked in batch]
        kind = _COUNTS if any(asked.read.count_only for asked in batch) else REPOSITORIES
        answers = iter(ask(self._client, [one for several in questions for one in several], kind))
        outcomes: list[tuple[Asked, int | SourceError]] = []
        for asked, several in zip(batch, questions, strict=True):
            mine = [next(answers) for _ in several]
            outcomes.append((asked, self._outcome(asked, mine, into)))
        return self._sure(outcomes)

    def _outcome(self, asked: Asked, answers: Sequence[Answer], into: RowStore) -> int | SourceError:
        given = [answer for answer in answers if not isinstance(answer, SourceError)]
        error = next((answer for answer in answers if isinstance(answer, SourceError)), None)
        if error is not None:
            return error
        try:
            if asked.search:
                return int(given[0]["issueCount"])
            if not asked.read.count_only:
                self._add(into, asked, repository_rows(self._client, asked.columns, given))
            return sum(count_of(asked.read.table, answer) for answer in given)
        except SourceError as exc:
            return exc
        except (KeyError, TypeError, ValueError) as exc:
            return unexpected(self._client, asked.text, exc)

    def _read_list(self, asked: Asked, into: RowStore) -> list[Reading | ReadError]:
        client, table, columns = self._client, asked.read.table, asked.columns

        def add(rows: Sequence[Row]) -> None:
            self._add(into, asked, rows)

        try:
            if asked.search:
                count = read_search(client, table, asked.search, columns, add)
            elif table == "workflow_runs":
                several = [Runs(name, asked.workflow, asked.created) for name in asked.repositories]
                one = count_runs if asked.read.count_only else None
                count = sum(one(client, runs) if one else read_runs(client, runs, columns, add) for runs in several)
            else:
                count = read_below(client, table, asked.repositories, columns, add)
        except SourceError as exc:
            return [ReadError(asked.read, exc)]
        return self._sure([(asked, count)])

    def _sure(self, outcomes: Sequence[tuple[Asked, int | SourceError]]) -> list[Reading | ReadError]:
        """The answers. A search's zero, or its sum over several repositories, stands only if all are ours to read."""
        doubtful = [asked for asked, count in outcomes if asked.search and (count == 0 or len(asked.repositories) > 1)]
        unread = self._known.require([name for asked in doubtful for name in asked.repositories])
        answers: list[Reading | ReadError] = []
        for asked, count in outcomes:
            hidden = next((unread[name] for name in asked.repositories if name in unread), None)
            if isinstance(count, SourceError):
                answers.append(ReadError(asked.read, count))
            elif hidden is not None and asked in doubtful:
                answers.append(ReadError(asked.read, hidden))
            else:
                answers.append(Reading(asked.read, count, datetime.now(UTC), asked.text, link=asked.link))
        return answers

    def _add(self, into: RowStore, asked: Asked, rows: Sequence[Row]) -> None:
        with self._adding:
            into.add(asked.read, asked.columns, rows)


def _questions(asked: Asked) -> list[Question]:
    if asked.search:
        return [count_question(asked.search)]
    return questions_of(asked.read.table, asked.repositories, asked.columns)


def _batches(quick: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Reads that fill a request: as many as have 50 questions together."""
    batch: list[Asked] = []
    size = 0
    for asked in quick:
        needed = 1 if asked.search else len(asked.repositories)
        if batch and size + needed > ALIASES:
            yield batch
            batch, size = [], 0
        batch.append(asked)
        size += needed
    if batch:
        yield batch
