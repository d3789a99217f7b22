"""Rows of the pages of one read: picked, counted, bounded, and held against what the service states."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.errors import SourceError
from config.message import Message
from config.row_paths import RowPath
from connectors import json_rows
from connectors.answers import Answer
from connectors.http import shorten
from connectors.http_api.questions import Question
from connectors.httpx_client import EFFECT

MOST_ROWS = 100_000
MOST_VALUES = 800_000
_IDS = ("id", "key", "gid", "uuid")


class Picked:
    """The rows that one path picks, page after page; what is wrong with them costs only their own reads."""

    def __init__(self, expression: str, doing: str) -> None:
        self.error: SourceError | None = None
        self._expression = expression
        self._doing = doing
        self._rows: list[Mapping[str, Any]] = []
        self._values = 0

    def add(self, document: object) -> None:
        """Add the rows of a page with their scalar values; nested values are left out, as nothing reads them."""
        if self.error is not None:
            return
        try:
            for row in json_rows.select(document, self._expression, self._doing):
                kept = {name: value for name, value in row.items() if not isinstance(value, (dict, list))}
                self._values += len(kept)
                self._rows.append(kept)
            self._require_few()
        except SourceError as exc:
            self.error = exc
            self._rows.clear()

    def whole(self) -> Sequence[Mapping[str, Any]]:
        """Return the rows of all pages. Raises SourceError: no rows where they are due, or too many of them."""
        if self.error is not None:
            raise self.error
        return self._rows

    def _require_few(self) -> None:
        if len(self._rows) > MOST_ROWS or self._values > MOST_VALUES:
            saw = Message("it has more than {rows:,} rows or {values:,} values", rows=MOST_ROWS, values=MOST_VALUES)
            advice = Message("Ask for less: a narrower query, or let `rows` pick the fields that `value` needs.")
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)


class Listing:
    """The list of a question, page after page: how many entries it has, and whether they are all of them.

    `path` leads to the list where that can be seen; `picked` are the rows that its reads pick.

    Attributes:
        pages: how many came.
    """

    def __init__(self, question: Question, path: RowPath | None, doing: str, picked: Sequence[Picked]) -> None:
        self._path = path
        self._picked = picked
        self._doing = doing
        self._total = question.total
        self._header, self._path_to_total = question.total_header, question.total_path()
        self._counts = question.counts
        self.pages = 0
        self._entries = 0
        self._stated: set[int] = set()
        self._by_id: dict[object, tuple[int, int]] = {}

    def add(self, answer: Answer, page: int) -> int:
        """Add a page; return how many entries its list has, or 0 where they cannot be counted.

        Raises SourceError: no list where it is counted, an entry that was on an earlier page, no total where one is
        due, or no rows for any read.
        """
        self.pages += 1
        document = answer.document
        for picked in self._picked:
            picked.add(document)
        errors = [picked.error for picked in self._picked if picked.error]
        if len(errors) == len(self._picked):
            raise errors[0]
        entries = self._listed(document)
        self._entries += len(entries)
        if self._total:
            self._stated.add(self._total_of(answer))
        if self._path is not None:
            self._require_new(entries, page)
        return len(entries)

    def stated(self) -> int | None:
        """Return the total that the last page stated; None where none is held against the rows."""
        return next(iter(self._stated), None)

    def require_whole(self) -> None:
        """Hold the stated total against the entries that came. Raises SourceError."""
        if not self._total or self._stated == {self._entries}:
            return
        if len(self._stated) > 1:
            numbers = [f"{number:,}" for number in sorted(self._stated)]
            saw = Message("the total that it states changed from page to page: {numbers}", numbers=numbers)
        else:
            saw = Message("it states a total of {total:,}, but {came:,} came", total=self.stated(), came=self._entries)
        advice = Message("Run again, in case rows changed meanwhile; else correct `total`, or how pages are asked for.")
        raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)

    def _listed(self, document: object) -> Sequence[Any]:
        entries = self._path.entries(document) if self._path else None
        if entries is None and self._counts:
            saw = Message("`rows` does not lead to a list")
            advice = Message("State the list that comes page by page with `rows`.")
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)
        return entries or ()

    def _total_of(self, answer: Answer) -> int:
        path = self._path_to_total
        found = path.find(answer.document) if path else answer.headers.get(self._header)
        number = found if isinstance(found, int) and not isinstance(found, bool) else None
        if isinstance(found, str) and found.isascii() and found.isdecimal():
            number = int(found)
        if number is None:
            shown = shorten(str(found)) if found is not None else Message("nothing")
            saw = Message("`total: {path}` finds {found}, not a number", path=self._total, found=shown)
            advice = Message("Correct `total`, or leave it out.")
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)
        return number

    def _require_new(self, entries: Sequence[Any], page: int) -> None:
        """Refuse an entry with an id that an earlier page had in the same words: the pages overlap."""
        for entry in entries:
            name = next((name for name in _IDS if name in entry), None) if isinstance(entry, dict) else None
            if name is None or not isinstance(entry[name], (str, int)):
                continue
            words = hash(repr(entry))
            before, known = self._by_id.setdefault((name, entry[name]), (page, words))
            if before != page and known == words:
                saw = Message(
                    "the row with {name} {value} is on page {first} and on page {second}",
                    name=name,
                    value=shorten(str(entry[name])),
                    first=before,
                    second=page,
                )
                advice = Message("Run again, in case rows moved meanwhile; else ask for them in a fixed order.")
                raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)
