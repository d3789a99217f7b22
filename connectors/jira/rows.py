"""Convert pages of Jira issues to stored rows: typed, each issue once, and checked against the total.

A field of an unexpected form, or one that no issue has, costs its column only: the rows are stored without its values.
Rows with texts to which the measure gives another type are held until all have come, since all decide how to read them.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from config.cell_types import rules_of
from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.grids.columns import notes_of, typed_column
from connectors.grids.misfits import bad_cells, doubtful
from connectors.jira.columns import HISTORY_COLUMNS
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import ColumnReader, chooses_levels, has_field, issue_id
from connectors.jira.ids import Ids
from connectors.jira.values import OddAnswerError, OddFieldError
from connectors.protocol import Read, RowStore, Value, zone_of

STORED_TOGETHER = 1000
"""Number of rows from which rows are stored together; storing each page of 100 issues costs more than reading it."""
_MOST_TOGETHER = 5000
_OTHER_TYPE = Message("Set the field's type under the connection's `fields`, or leave the column out.")
_TEXT_WITH_TYPES = Message(
    "Set the field's type under the connection's `fields`; numbers and dates in a text field need `type: text` "
    "there, and `types` in the measure."
)
_CORRECT_FIELD = Message("Correct the field in Jira, or clear it where the value is not known yet.")


@dataclass(frozen=True, slots=True)
class Stored:
    """The number of issues that were stored, the error of each column that failed, and how stated types were read."""

    count: int
    failed: Mapping[str, SourceError]
    types: Mapping[str, str]


class Rows:
    """Collector of the rows of one read. `fields` are the fields to request from Jira."""

    def __init__(
        self,
        read: Read,
        readers: Sequence[ColumnReader],
        into: RowStore,
        storing: threading.Lock,
        source: str,
    ) -> None:
        self.fields = tuple(dict.fromkeys(name for reader in readers for name in reader.asks)) or ("id",)
        self._read = read
        self._readers = readers
        self._columns = [reader.column for reader in readers]
        self._into = into
        self._storing = storing
        self._doing = Message("{source}: reading issues", source=source)
        self._ids = Ids()
        self._held: list[dict[str, Value]] = []
        self._rules = rules_of(read.query, zone_of(read))
        self._stated = [column for column in self._columns if column.note and column.name in self._rules.types]
        self._issues: list[str] = []
        self._failed: dict[str, SourceError] = {}
        self._unseen = {reader.column.name: reader.custom for reader in readers if reader.custom}
        self._any_level = {reader.column.name: reader.custom for reader in readers if reader.any_level}

    def add(self, issues: Sequence[Any]) -> None:
        """Add a page, ignoring issues that were added before. Raises SourceError for an answer that is no issue."""
        self._held += [row for issue in issues if (row := self._row(issue)) is not None]
        if len(self._held) >= STORED_TOGETHER and not self._stated:
            self._store()

    def fail(self, column: str, error: SourceError) -> None:
        """Give up a column, for the first reason given."""
        self._failed.setdefault(column, error)

    def fail_history(self, error: SourceError) -> None:
        """Give up the columns that need the history of issues."""
        for reader in self._readers:
            if reader.column.name in HISTORY_COLUMNS and not reader.custom:
                self.fail(reader.column.name, error)

    def finish(self, total: int | None = None) -> Stored:
        """Store the remaining rows. Raises SourceError if their number differs from `total`."""
        count = len(self._ids)
        if total is not None and count != total:
            saw = Message("{count} different issues were received, but Jira counts {total}", count=count, total=total)
            advice = "Issues changed while they were read, or the query's ORDER BY leaves ties; run again."
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)
        for column, field in self._unseen.items() if count else ():
            self.fail(column, self._nowhere(count, field, column))
        typed = [self._typed(column) for column in self._stated]
        if self._held or not count:
            self._store()
        return Stored(count, self._failed, notes_of(typed))

    def _row(self, issue: Any) -> dict[str, Value] | None:
        try:
            id_ = issue_id(issue)
            if not self._ids.add(id_):
                return None
            for column in [column for column, field in self._unseen.items() if has_field(issue, field)]:
                del self._unseen[column]
            for column in [column for column, field in self._any_level.items() if chooses_levels(issue, field)]:
                self.fail(column, self._two_levels(column))
                del self._any_level[column]
            if self._stated:
                self._issues.append(_key(issue))
            return {reader.column.name: self._value(reader, issue) for reader in self._readers}
        except OddAnswerError as exc:
            raise SourceError(self._doing, str(exc), effect=EFFECT, advice=ODD_ANSWER) from None

    def _value(self, reader: ColumnReader, issue: Any) -> Value:
        column = reader.column.name
        if column in self._failed:
            return None
        try:
            return reader.value(issue)
        except OddAnswerError:
            raise
        except OddFieldError as exc:
            saw = Message("{exc} (issue {value})", exc=exc, value=_key(issue))
            may_be_text = reader.custom and reader.column.type in ("number", "timestamp")
            advice = _TEXT_WITH_TYPES if may_be_text else _OTHER_TYPE
            self.fail(column, SourceError(self._doing, saw, effect=EFFECT, advice=advice))
            return None

    def _typed(self, column: Column) -> Column:
        """Read the texts of a column in the held rows as the measure's `types` state."""
        name = column.name
        cells = [None if name in self._failed or row[name] is None else str(row[name]) for row in self._held]
        found = typed_column(name, cells, self._rules, self._issues.__getitem__)
        for row, value in zip(self._held, found.values, strict=True):
            row[name] = value
        if found.doubt:
            self.fail(name, doubtful(self._doing, found.doubt))
        elif found.bad:
            bad = [
                (Message("{column} of {issue}", column=name, issue=self._issues[at]), cells[at] or "")
                for at in found.bad
            ]
            self.fail(name, bad_cells(self._doing, bad, found.type, _CORRECT_FIELD))
        typed = replace(column, type=found.type, note=found.note)
        self._columns[self._columns.index(column)] = typed
        return typed

    def _nowhere(self, count: int, field: str, column: str) -> SourceError:
        saw = Message(
            "the only issue does not have the field {field} ({column})",
            "none of {count} issues has the field {field} ({column})",
            count=count,
            field=field,
            column=column,
        )
        advice = "Check the field's id under the connection's `fields`, and that these issue types have it."
        return SourceError(self._doing, saw, effect=EFFECT, advice=advice)

    def _two_levels(self, column: str) -> SourceError:
        saw = Message("{column} is a cascading select, and which of its levels to use is not set", column=column)
        advice = "Set `level: both` (`Parent > Child`), `parent` or `child` under the connection's `fields`."
        return SourceError(self._doing, saw, effect=EFFECT, advice=advice)

    def _store(self) -> None:
        with self._storing:
            for start in range(0, len(self._held) or 1, _MOST_TOGETHER):
                self._into.add(self._read, self._columns, self._held[start : start + _MOST_TOGETHER])
        self._held = []


def _key(issue: Mapping[str, Any]) -> str:
    return str(issue.get("key", issue_id(issue)))
