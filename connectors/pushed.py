"""Read values that people and scripts recorded with `okrsync record`.

They are kept in the ledger, by the name of the measure. An increment adds to the value before it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from config.errors import LedgerError, SourceError
from config.measure_models import PUSHED
from config.message import Message
from config.models import Connection
from config.tables import Column, Table
from connectors.protocol import Read, ReadError, Reading, Row, RowStore
from connectors.registry import Context

_LATER = timedelta(microseconds=1)
_VALUES = Table(
    PUSHED,
    "The values that were recorded for the measure with `okrsync record`, since the first day of its cycle.",
    (),
    (
        Column("id", "text", "The stated --key, or an id that okrsync made."),
        Column("time", "timestamp", "When it was true: --at, or when it was recorded."),
        Column("value", "number", "The value from then on: an increment is added to the value before it."),
        Column("amount", "number", "The number as it was recorded."),
        Column("increment", "boolean", "Whether it was recorded with --increment."),
        Column("who", "text", "Who recorded it."),
        Column("note", "text", "The stated --note."),
    ),
    key="id",
    needs_rows=True,
)
_TABLES = MappingProxyType({PUSHED: _VALUES})


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the one table of pushed values."""
    return _TABLES


def open_source(name: str, _connection: Connection | None, context: Context) -> "PushedSource":
    """Open the values recorded in the ledger of the workspace."""
    return PushedSource(name, context)


class PushedSource:
    """Source of values recorded in the ledger."""

    def __init__(self, name: str, context: Context) -> None:
        self.name = name
        self._recorded = context.pushed

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read."""
        for read in reads:
            yield self._answer(read, into)

    def close(self) -> None:
        """Do nothing: no ledger is kept open."""

    def _answer(self, read: Read, into: RowStore) -> Reading | ReadError:
        measure = read.query["measure"]
        try:
            recorded = self._recorded(measure) if self._recorded else ()
        except LedgerError as exc:
            return ReadError(read, _unreadable(exc, measure))
        rows = with_values(row for row in recorded if _counts(row["time"], read.instants))
        if not read.count_only:
            into.add(read, _VALUES.columns, rows)
        return Reading(read, len(rows), datetime.now(UTC), measure, ids=tuple(str(row["id"]) for row in rows))


def with_values(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order given, each with the value from then on, which increments start at 0.

    Times that are equal become a microsecond later in turn, so that the last one is known.
    """
    found: list[Row] = []
    value: float = 0
    last: datetime | None = None
    for row in rows:
        amount, time = row["amount"], row["time"]
        assert isinstance(amount, int | float)  # noqa: S101 - as the ledger keeps them; this tells the type checker
        assert isinstance(time, datetime)  # noqa: S101 - the same
        value = value + amount if row["increment"] else amount
        last = time if last is None or time > last else last + _LATER
        found.append({**row, "time": last, "value": value})
    return found


def _counts(at: object, instants: Mapping[str, datetime]) -> bool:
    """Return whether a value was true in the cycle, up to the instant for which it is read."""
    assert isinstance(at, datetime)  # noqa: S101 - the same
    return instants["cycle.start"] <= at <= instants["as_of"] and at < instants["cycle.end"]


def _unreadable(error: LedgerError, measure: str) -> SourceError:
    return SourceError(
        Message("reading the values recorded for {measure}", measure=measure),
        Message("{doing}: {saw}", doing=error.doing, saw=error.saw),
        effect="Its key results were left as they were.",
        advice=error.advice,
    )
