"""What every source must do, whatever it reads: inherit `SourceContract` and give the fixture `bench`."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.errors import SourceError
from config.tables import Column
from connectors.protocol import Read, ReadError, Reading, Row, Source, Value
from connectors.sandbox.server import Request, Response

ZONE = ZoneInfo("Asia/Taipei")
TODAY = datetime(2026, 11, 16, 9, 30, tzinfo=ZONE)
INSTANTS = {
    "cycle.start": datetime(2026, 10, 1, tzinfo=ZONE), "cycle.end": datetime(2027, 1, 1, tzinfo=ZONE),
    "today": TODAY, "as_of": TODAY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bench:
    """A source under test, and the service behind it.

    Attributes:
        open: gives a new source of that service, with a policy that never sleeps.
        good: reads rows, at least two, and names the columns it wants.
        bad: the same table with a query that the service refuses.
        none: the same table with a query that no row matches.
        unknown: a column of `good` that is without a value in at least one row.
        breaks: from now on the service fails, and repeats the secret in what it answers.
        sent: how many requests have reached the service.
        secret: what the source signs in with; empty where it needs none.
    """

    open: Callable[[], Source]
    good: Read
    bad: Mapping[str, str]
    none: Mapping[str, str]
    unknown: str
    breaks: Callable[[], None]
    sent: Callable[[], int] = lambda: 0
    secret: str = ""

    def read(self, *reads: Read, into: "Rows | None" = None) -> list[Reading | ReadError]:
        """The answers of a source opened and closed for these reads, in their order."""
        source = self.open()
        try:
            answers = list(source.read(reads, into if into is not None else Rows()))
        finally:
            source.close()
        assert sorted(answer.read.key for answer in answers) == sorted(read.key for read in reads), (
            "one answer per read"
        )
        return [answer for read in reads for answer in answers if answer.read.key == read.key]

    def asking(self, key: str, query: Mapping[str, str]) -> Read:
        """A read like the good one with another query."""
        return replace(self.good, key=key, query=query)

    def counting(self, key: str, query: Mapping[str, str]) -> Read:
        """A read of which only the number of rows is wanted."""
        return replace(self.good, key=key, query=query, columns=(), count_only=True)


@dataclass(slots=True)
class Rows:
    """A row store of lists."""

    columns: dict[str, Sequence[Column]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    pages: list[int] = field(default_factory=list)

    def add(self, read: Read, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Keep a page."""
        self.columns[read.key] = columns
        self.rows.setdefault(read.key, []).extend(rows)
        self.pages.append(len(rows))

    def types(self, key: str) -> dict[str, str]:
        """The types of a read's columns by their names."""
        return {column.name: column.type for column in self.columns[key]}


class SourceReader(ABC):
    """Reads of a source that is opened anew for each."""

    def __init__(self) -> None:
        self.rows = Rows()

    @abstractmethod
    def open(self) -> Source:
        """Open the source."""

    def answers(self, *reads: Read) -> list[Reading | ReadError]:
        """Read, and close the source."""
        source = self.open()
        try:
            return list(source.read(reads, self.rows))
        finally:
            source.close()

    def reading(self, read: Read) -> Reading:
        """The reading of a read that succeeds."""
        [answer] = self.answers(read)
        assert isinstance(answer, Reading), answer
        return answer

    def error(self, read: Read) -> SourceError:
        """The error of a read that fails, which has four parts."""
        [answer] = self.answers(read)
        assert isinstance(answer, ReadError)
        assert answer.error.doing
        assert answer.error.saw
        assert answer.error.effect
        assert answer.error.advice
        return answer.error


@dataclass(slots=True)
class JsonService:
    """A service for the sandbox's server that answers by one function."""

    name: str
    handle: Callable[[Request], Response]

    def admin(self, _request: Request) -> Response:
        """It has no state to show."""
        return Response(404)

    def dump(self) -> dict[str, Any]:
        """It has no state to keep."""
        return {}

    def load(self, _state: Mapping[str, Any]) -> None:
        """It has no state to take over."""


def fits(value: Value, column: Column) -> bool:
    """Whether a value is what its column says; None, which is unknown, always is."""
    if value is None:
        return True
    if column.values and value not in column.values:
        return False
    match column.type:
        case "empty":
            return False
        case "text":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "timestamp":
            return isinstance(value, datetime) and value.utcoffset() == timedelta(0)
        case "list":
            return not isinstance(value, str) and isinstance(value, Sequence) and all(isinstance(e, str) for e in value)


def lanes() -> set[threading.Thread]:
    """The threads that read side by side."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")}


class SourceContract:
    """Inherited by the test of each source."""

    def test_it_says_what_it_offers(self, bench: Bench) -> None:
        source = bench.open()
        assert source.tables
        for name, table in source.tables.items():
            assert name == table.name
            assert table.doc
            assert all(key.doc for key in table.query)
            assert all(column.doc for column in table.columns)
            assert table.open or table.columns
            assert all(column.unit == "hours" for column in table.columns if column.name.endswith("_hours"))
            assert table.open or all(not name or table.column(name) for name in (table.key, table.link))
        source.close()

    def test_nothing_is_sent_before_it_is_asked_to_read(self, bench: Bench) -> None:
        source = bench.open()
        assert source.tables
        source.close()
        assert bench.sent() == 0

    def test_every_read_has_one_answer(self, bench: Bench) -> None:
        good = bench.good
        reads = [
            replace(good, key="first"), bench.asking("bad", bench.bad), bench.counting("count", good.query),
            bench.asking("none", bench.none), replace(good, key="again"), bench.counting("bad count", bench.bad),
        ]  # fmt: skip
        kinds = [type(answer) for answer in bench.read(*reads)]
        assert kinds == [Reading, ReadError, Reading, Reading, Reading, ReadError], "a bad read costs only itself"
        assert bench.read() == []

    def test_the_rows_are_as_many_as_it_says(self, bench: Bench) -> None:
        rows = Rows()
        reading, count = bench.read(bench.good, bench.counting("count", bench.good.query), into=rows)
        assert isinstance(reading, Reading)
        assert isinstance(count, Reading)
        assert reading.count == len(rows.rows[bench.good.key]) == count.count
        assert reading.count > 1
        assert "count" not in rows.rows, "a count keeps no rows"
        assert reading.read_at.utcoffset() == timedelta(0)

    def test_no_row_is_zero_rows_with_columns(self, bench: Bench) -> None:
        rows = Rows()
        reading, count = bench.read(bench.asking("none", bench.none), bench.counting("count", bench.none), into=rows)
        assert isinstance(reading, Reading)
        assert isinstance(count, Reading)
        assert (reading.count, count.count, rows.rows) == (0, 0, {"none": []})

    def test_the_rows_hold_what_was_asked_for_as_the_table_says(self, bench: Bench) -> None:
        rows = Rows()
        bench.read(bench.good, into=rows)
        source = bench.open()
        table = source.tables[bench.good.table]
        source.close()
        columns = {column.name: column for column in rows.columns[bench.good.key]}
        assert set(bench.good.columns) <= set(columns)
        for name, column in columns.items():
            known = table.column(name)
            assert table.open or known is not None
            assert known is None or (column.type, column.values) == (known.type, known.values)
            for row in rows.rows[bench.good.key]:
                assert fits(row.get(name), column), f"{name} ({column.type}): {row.get(name)!r}"

    def test_unknown_is_never_zero(self, bench: Bench) -> None:
        rows = Rows()
        bench.read(bench.good, into=rows)
        values = [row.get(bench.unknown) for row in rows.rows[bench.good.key]]
        assert None in values
        assert any(value is not None for value in values)

    def test_it_says_what_it_asked(self, bench: Bench) -> None:
        [reading] = bench.read(bench.good)
        assert isinstance(reading, Reading)
        assert reading.asked
        assert not any(f"{{{name}}}" in reading.asked for name in INSTANTS), "placeholders are filled"

    def test_a_refusal_says_what_to_do(self, bench: Bench) -> None:
        [answer] = bench.read(bench.asking("bad", bench.bad))
        assert isinstance(answer, ReadError)
        assert answer.error.doing
        assert answer.error.saw
        assert answer.error.effect
        assert answer.error.advice

    def test_a_service_that_fails_is_answered_not_raised(self, bench: Bench) -> None:
        bench.breaks()
        for answer in bench.read(bench.good, bench.counting("count", bench.good.query)):
            assert isinstance(answer, ReadError)
            shown = f"{answer.error} {answer.error!r} {answer.error.args}"
            assert not bench.secret or bench.secret not in shown
            assert answer.error.effect

    def test_it_closes_twice_and_leaves_nobody_at_work(self, bench: Bench) -> None:
        before = lanes()
        source = bench.open()
        [answer] = source.read([bench.good], Rows())
        source.close()
        source.close()
        assert isinstance(answer, Reading)
        assert lanes() <= before
