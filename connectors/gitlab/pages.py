"""Pages of GitLab's lists, complete or an error.

Up to 10,000 rows GitLab states a total, against which the rows of pages read side by side are held. Above that there is
none: issues of a project are read by key, as GitLab 18.3 and later offer it; other lists are read twice and compared.

https://docs.gitlab.com/api/rest/#pagination
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import field
from http import HTTPStatus
from math import ceil
from typing import Any
from urllib.parse import urlencode

from config.dataclass import dataclass
from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from connectors.answers import Answer, usual_reason
from connectors.gitlab.questions import Listing, Params
from connectors.gitlab.rows import Node, identity
from connectors.httpx_client import EFFECT
from connectors.json_client import JsonClient
from connectors.lanes import in_order

MOST_PAGES = 1000
SIZE = 100
_KEYSET: Params = (("pagination", "keyset"), ("order_by", "id"), ("sort", "asc"))

Keep = Callable[[Sequence[Node]], None]


@dataclass(slots=True)
class _Taken:
    """Ids of the rows that came, in their order, and the page of each."""

    doing: str
    pages: dict[object, int] = field(default_factory=dict)

    def add(self, nodes: Sequence[Node], number: int) -> None:
        """Add a page. Raises SourceError: a row that was on an earlier page, or is none of GitLab's."""
        for node in nodes:
            try:
                before = self.pages.setdefault(identity(node), number)
            except (KeyError, TypeError):
                raise undocumented_answer(self.doing) from None
            if before != number:
                saw = Message("a row of page {first} is on page {second} again", first=before, second=number)
                raise SourceError(self.doing, saw, effect=EFFECT, advice=_AGAIN)


_AGAIN = Message("Run again, in case rows changed meanwhile; else narrow `filter`, such as by created_after.")


@dataclass(frozen=True, slots=True)
class Walk:
    """One list, read page by page through `pool`."""

    client: JsonClient
    pool: Executor
    listing: Listing
    doing: str

    def count(self) -> tuple[int, Answer]:
        """Return how many rows the list has. Raises SourceError."""
        answer = self._ask((*self.listing.params, ("per_page", "1")), self.doing, "count")
        _nodes(answer, self.doing)
        total = _total(answer, self.doing)
        if total is None:
            return self.take(lambda _nodes: None)
        return total, answer

    def take(self, keep: Keep) -> tuple[int, Answer]:
        """Give all rows to `keep`, page by page; return how many there are, and the last answer. Raises SourceError."""
        first = self._page(1)
        total = _total(first, self.doing)
        if total is not None:
            return self._stated(first, total, keep)
        if not first.next_link:
            return self._short(first, keep)
        if self.listing.has_keyset and (by_key := self._first_by_key()):
            return self._by_key(by_key, keep)
        return self._twice(first, keep)

    def _stated(self, first: Answer, total: int, keep: Keep) -> tuple[int, Answer]:
        """Read the pages that a stated total makes, side by side."""
        last = ceil(total / SIZE)
        if last > MOST_PAGES:
            raise self._too_many()
        taken, answer = _Taken(self.doing), first
        for number, answer in self._from(first, range(2, last + 1)):
            if _total(answer, self._doing(number)) != total:
                saw = Message("the number of rows that GitLab states changed from page to page")
                raise SourceError(self._doing(number), saw, effect=EFFECT, advice=_AGAIN)
            self._add(answer, number, taken, keep)
        if len(taken.pages) != total:
            saw = Message("GitLab states {total:,} rows, but {came:,} came", total=total, came=len(taken.pages))
            raise SourceError(self.doing, saw, effect=EFFECT, advice=_AGAIN)
        return total, answer

    def _short(self, only: Answer, keep: Keep) -> tuple[int, Answer]:
        """Take a single page of a list without a total."""
        taken = _Taken(self.doing)
        self._add(only, 1, taken, keep)
        return len(taken.pages), only

    def _first_by_key(self) -> Answer | None:
        """Ask for the first page by key; None where this GitLab does not offer that. Raises SourceError."""
        try:
            return self._ask((*self.listing.params, *_KEYSET, ("per_page", str(SIZE))), self.doing, "rows")
        except (AuthError, TransientSourceError):
            raise
        except SourceError as exc:
            if exc.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED):
                return None
            raise

    def _by_key(self, answer: Answer, keep: Keep) -> tuple[int, Answer]:
        """Follow the links from page to page; each says by its key where it begins."""
        taken = _Taken(self.doing)
        for number in range(1, MOST_PAGES + 1):
            self._add(answer, number, taken, keep)
            if not answer.next_link:
                return len(taken.pages), answer
            answer = self.client.follow(answer.next_link, answer, doing=self._doing(number + 1), kind="rows")
        raise self._too_many()

    def _twice(self, first: Answer, keep: Keep) -> tuple[int, Answer]:
        """Read the pages up to an empty one, and once more: a row that left meanwhile moved others past the walk."""
        taken, again, answer = _Taken(self.doing), _Taken(self.doing), first
        for number, answer in self._until_empty(first):
            self._add(answer, number, taken, keep)
        for number, answer in self._until_empty(self._page(1)):
            again.add(_nodes(answer, self._doing(number)), number)
        if list(taken.pages) != list(again.pages)[: len(taken.pages)]:
            saw = Message(
                "it changed while it was read; GitLab states no total above 10,000 rows, so it was read twice"
            )
            raise SourceError(self.doing, saw, effect=EFFECT, advice=_AGAIN)
        return len(taken.pages), answer

    def _until_empty(self, first: Answer) -> Iterator[tuple[int, Answer]]:
        for number, answer in self._from(first, range(2, MOST_PAGES + 2)):
            if not _nodes(answer, self._doing(number)):
                return
            if number > MOST_PAGES:
                raise self._too_many()
            yield number, answer

    def _from(self, first: Answer, numbers: Iterable[int]) -> Iterator[tuple[int, Answer]]:
        """Yield the first page and those of these numbers in order; the next ones are under way meanwhile."""
        yield 1, first
        yield from in_order(self.pool, lambda number: (number, self._page(number)), numbers, self.client.lanes)

    def _page(self, number: int) -> Answer:
        pages = (("per_page", str(SIZE)), ("page", str(number)))
        return self._ask((*self.listing.params, *self.listing.order, *pages), self._doing(number), "rows")

    def _ask(self, params: Params, doing: str, kind: str) -> Answer:
        path = f"{self.listing.path}?{urlencode(params)}"
        return self.client.get(path, doing=doing, kind=kind, detail=_reason)

    def _add(self, answer: Answer, number: int, taken: _Taken, keep: Keep) -> None:
        nodes = _nodes(answer, self._doing(number))
        taken.add(nodes, number)
        keep(nodes)

    def _too_many(self) -> SourceError:
        saw = Message("it has more than {most:,} rows", most=MOST_PAGES * SIZE)
        advice = Message("Ask for less, such as by created_after in `filter`.")
        return SourceError(self.doing, saw, effect=EFFECT, advice=advice)

    def _doing(self, number: int) -> str:
        return self.doing if number == 1 else Message("{doing}, page {number}", doing=self.doing, number=number)


def undocumented_answer(doing: str) -> SourceError:
    """Create the error for an answer that is not as GitLab documents."""
    advice = Message("Check the connection's url: it is GitLab's address without /api/v4.")
    return SourceError(doing, Message("the answer is not one of GitLab"), effect=EFFECT, advice=advice)


def _nodes(answer: Answer, doing: str) -> list[dict[str, Any]]:
    """Return the rows of a page. Raises SourceError."""
    document = answer.document
    if not isinstance(document, list) or not all(isinstance(node, dict) for node in document):
        raise undocumented_answer(doing)
    return document


def _total(answer: Answer, doing: str) -> int | None:
    """Return the total that an answer states; None where it states none. Raises SourceError."""
    text = answer.headers.get("x-total", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise undocumented_answer(doing)
    return int(text)


def _reason(document: object) -> str:
    """Return the reason in an error's body, with the scope that is missing."""
    if isinstance(document, dict) and document.get("error") == "insufficient_scope":
        return Message("the token lacks the scope {scope}", scope=document.get("scope") or "read_api")
    return usual_reason(document)
