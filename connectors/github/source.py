"""GitHub source: batches reads into requests, runs them in parallel, and yields one answer per read.

Counts, repositories, milestones and releases share GraphQL requests as aliases, up to 50 a request; every other list
is read in a thread of its own.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.tables import Table
from connectors.github.asked import Asked, asked_of
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT, MissingError, RefusedError, UnknownFieldError
from connectors.github.graphql import ALIASES, Answer, Question, count_question, filled
from connectors.github.known_repositories import KIND as REPOSITORIES
from connectors.github.known_repositories import Known, ask_and_explain
from connectors.github.lists import read_list
from connectors.github.pages import unexpected
from connectors.github.queries import scopes_in
from connectors.github.repositories import count_of, count_questions, questions_of, repository_rows, rows_below
from connectors.github.rows import columns_with, whole
from connectors.github.sub_issues import count_of as count_of_sub_issues
from connectors.github.sub_issues import count_question as sub_issues_question
from connectors.github.tables import tables_with
from connectors.lanes import results_of
from connectors.protocol import Read, ReadError, Reading, Row, RowStore

_COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Result of one read: the number of rows, or an error."""

    asked: Asked
    count: int | SourceError
    warnings: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether the count may be wrong, or its error unclear, because of the repositories that a search names.

        A search silently ignores repositories that the token cannot read, and former names.
        """
        asked = self.asked
        if not asked.search or not (asked.repositories or asked.excluded):
            return False
        if isinstance(self.count, SourceError):
            return isinstance(self.count, RefusedError | MissingError)
        return self.count == 0 or scopes_in(asked.search) > 1 or bool(asked.excluded)


class GitHubSource:
    """Source of one GitHub connection."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._tables = tables_with(client.connection.fields)
        self._known = Known(client)
        self._adding = threading.Lock()

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return self._tables

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, in the order in which they arrive."""
        quick: list[Asked] = []
        lists: list[Asked] = []
        for read in reads:
            try:
                asked = asked_of(read, self._client.connection.url, self._tables[read.table])
            except ValueError as exc:
                doing = self._client.faults.doing(Message("table {table}", table=read.table))
                yield ReadError(read, SourceError(doing, str(exc), effect=EFFECT, advice="Correct the measure."))
                continue
            (quick if asked.by_question else lists).append(asked)
        doubtful: list[_Outcome] = []
        with ThreadPoolExecutor(self._client.connection.lanes, "okrsync-github") as lanes:
            futures: list[Future[list[_Outcome]]] = [
                *(
                    lanes.submit(self._answer_questions, batch, names, into)
                    for batch, names in self._batches(quick, lists)
                ),
                *(lanes.submit(self._read_list, asked, into) for asked in lists),
            ]
            for outcomes in results_of(futures):
                doubtful += (outcome for outcome in outcomes if outcome.doubtful)
                yield from (_answer(outcome, outcome.warnings) for outcome in outcomes if not outcome.doubtful)
        yield from self._confirmed(doubtful)

    def close(self) -> None:
        """Close the client's connections; may be called more than once."""
        self._client.close()

    def _batches(self, quick: Sequence[Asked], lists: Sequence[Asked]) -> Iterator[tuple[list[Asked], list[str]]]:
        """Yield batches of reads that fill one request each; the last one also asks for repositories of searches."""
        batches = filled(quick, weight)
        searches = [asked for asked in (*quick, *lists) if asked.search]
        names = self._known.new(name for asked in searches for name in (*asked.repositories, *asked.excluded))
        for batch in batches:
            room = max(ALIASES - sum(map(weight, batch)), 0) if batch is batches[-1] else 0
            yield batch, names[:room]

    def _answer_questions(self, batch: Sequence[Asked], names: Sequence[str], into: RowStore) -> list[_Outcome]:
        questions = [_questions(asked) for asked in batch]
        kind = _COUNTS if any(asked.read.count_only for asked in batch) else REPOSITORIES
        several = [*(one for mine in questions for one in mine), *self._known.questions(names)]
        answers = ask_and_explain(self._client, several, kind)
        self._known.learn(names, answers[len(answers) - len(names) :])
        given = iter(answers)
        outcomes: list[_Outcome] = []
        for asked, mine in zip(batch, questions, strict=True):
            count = self._count(asked, [next(given) for _ in mine], into)
            less = _without_unknown(asked, count)
            outcomes += self._answer_questions([less], (), into) if less else [_Outcome(asked, count)]
        return outcomes

    def _count(self, asked: Asked, answers: Sequence[Answer], into: RowStore) -> int | SourceError:
        table, client = asked.read.table, self._client
        try:
            if table in ("milestones", "releases") and not asked.read.count_only:
                named = zip(asked.repositories, answers, strict=True)
                rows = [row for name, one in named for row in rows_below(client, table, name, asked.columns, one)]
                self._add(into, asked, rows)
                return len(rows)
            given = [_given(answer) for answer in answers]
            if asked.search:
                return whole(given[0]["issueCount"])
            if asked.numbered:
                return sum(map(count_of_sub_issues, given))
            if not asked.read.count_only:
                self._add(into, asked, repository_rows(client, asked.columns, given))
            return sum(count_of(table, answer) for answer in given)
        except SourceError as exc:
            return exc
        except (KeyError, TypeError, ValueError) as exc:
            return unexpected(client, asked.text, exc)

    def _read_list(self, asked: Asked, into: RowStore) -> list[_Outcome]:
        def add(rows: Sequence[Row]) -> None:
            self._add(into, asked, rows)

        try:
            found = read_list(self._client, self._known, asked, add)
        except SourceError as exc:
            less = _without_unknown(asked, exc)
            return self._read_list(less, into) if less else [_Outcome(asked, exc)]
        answered = replace(asked, failed={**asked.failed, **found.failed}, link=found.link or asked.link)
        return [_Outcome(answered, found.count, found.warnings)]

    def _confirmed(self, doubtful: Sequence[_Outcome]) -> Iterator[Reading | ReadError]:
        """Yield doubtful answers after checking all their repositories, in one batch."""
        asked = [outcome.asked for outcome in doubtful]
        checked = self._known.check([name for one in asked for name in (*one.repositories, *one.excluded)])
        for outcome in doubtful:
            named = outcome.asked.repositories, outcome.asked.excluded
            error = checked.error_of(*named)
            if error is not None:
                yield ReadError(outcome.asked.read, error)
            elif isinstance(outcome.count, SourceError):
                yield _answer(outcome)
            else:
                yield _answer(outcome, checked.warnings(outcome.count, *named))

    def _add(self, into: RowStore, asked: Asked, rows: Sequence[Row]) -> None:
        with self._adding:
            into.add(asked.read, asked.columns, rows)


def _answer(outcome: _Outcome, warnings: tuple[str, ...] = ()) -> Reading | ReadError:
    asked, count = outcome.asked, outcome.count
    if isinstance(count, SourceError):
        return ReadError(asked.read, count)
    now = datetime.now(UTC)
    return Reading(asked.read, count, now, asked.text, link=asked.link, failed=asked.failed, warnings=warnings)


def _without_unknown(asked: Asked, count: int | SourceError) -> Asked | None:
    """Return what is asked without the columns of a field that the server does not have; None for another answer."""
    if not isinstance(count, UnknownFieldError):
        return None
    by_part = (columns_with(asked.read.table, asked.columns, part) for part in count.path)
    unknown = next((columns for columns in by_part if columns), ())
    kept = tuple(column for column in asked.columns if column not in unknown)
    if not unknown or not kept:
        return None
    return replace(asked, columns=kept, failed={**asked.failed, **{column.name: count for column in unknown}})


def _given(answer: Answer) -> Mapping[str, Any]:
    if isinstance(answer, SourceError):
        raise answer
    return answer


def _questions(asked: Asked) -> list[Question]:
    if asked.search:
        return [count_question(asked.search)]
    if asked.numbered:
        return [sub_issues_question(parent) for parent in asked.numbered]
    if asked.read.count_only:
        return count_questions(asked.read.table, asked.repositories)
    return questions_of(asked.read.table, asked.repositories, asked.columns)


def weight(asked: Asked) -> int:
    """Return the total weight of a read's questions."""
    return sum(question.weight for question in _questions(asked))
