"""Convert pages of Jira issues to stored rows: typed, each issue once, and checked against the total."""

import threading
from collections.abc import Sequence
from typing import Any

from config.errors import SourceError
from config.message import Message
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import ColumnReader, has_field, issue_id, row_of
from connectors.jira.ids import Ids
from connectors.jira.values import OddAnswerError, OddFieldError
from connectors.protocol import Read, Row, RowStore

STORED_TOGETHER = 1000
"""Number of rows from which rows are stored together; storing each page of 100 issues costs more than reading it."""


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
        self._held: list[Row] = []
        self._unseen = {reader.custom: reader.column.name for reader in readers if reader.custom}

    def add(self, issues: Sequence[Any]) -> None:
        """Add a page, ignoring issues that were added before. Raises SourceError for a field of an unexpected form."""
        self._held += [row for issue in issues if (row := self._row(issue)) is not None]
        if len(self._held) >= STORED_TOGETHER:
            self._store()

    def finish(self, total: int | None = None) -> int:
        """Store the remaining rows; return the number of issues.

        Raises SourceError: the number differs from `total`, or no issue has a custom field.
        """
        count = len(self._ids)
        if total is not None and count != total:
            saw = Message("{count} different issues came, but Jira counts {total}", count=count, total=total)
            advice = "Issues changed while they were read, or the query's order is not a total one; run again."
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)
        if count and self._unseen:
            field, column = min(self._unseen.items())
            saw = Message(
                "none of {count} issues has the field {field} ({column})", count=count, field=field, column=column
            )
            advice = "Check the field's id under the connection's `fields`, and that these issue types have it."
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)
        if self._held or not count:
            self._store()
        return count

    def _row(self, issue: Any) -> Row | None:
        try:
            id_ = issue_id(issue)
            if not self._ids.add(id_):
                return None
            for field in [field for field in self._unseen if has_field(issue, field)]:
                del self._unseen[field]
            return row_of(issue, self._readers)
        except OddAnswerError as exc:
            raise SourceError(self._doing, str(exc), effect=EFFECT, advice=ODD_ANSWER) from None
        except OddFieldError as exc:
            saw = Message("{exc} (issue {value})", exc=exc, value=issue.get("key", id_))
            advice = "State the field's type under the connection's `fields`, or leave the column out."
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice) from None

    def _store(self) -> None:
        with self._storing:
            self._into.add(self._read, self._columns, self._held)
        self._held = []
