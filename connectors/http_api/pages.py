"""Pages of one question: one after the other by cursor or link, several at once where they are counted."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from math import ceil

from config.dataclass import dataclass
from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from connectors.answers import Answer, no_fault
from connectors.http import shorten
from connectors.http_api.graphql_faults import fault_finder
from connectors.http_api.more_pages import page_hint
from connectors.http_api.questions import Place, Question
from connectors.http_api.rows import Listing
from connectors.httpx_client import EFFECT
from connectors.json_client import JsonClient
from connectors.lanes import in_order

MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Walk:
    """One question to the client of a connection. Requests go through `pool`, at most `lanes` at once."""

    client: JsonClient
    pool: Executor
    question: Question
    doing: str

    def take(self, rows: Listing) -> Answer:
        """Add all pages to `rows` and return the last answer. Raises SourceError: a page fails, or more may follow."""
        answer = self._counted(rows) if self.question.counter in ("page", "offset") else self._linked(rows)
        rows.require_whole()
        return answer

    def _linked(self, rows: Listing) -> Answer:
        """Read pages in turn, as each names the next."""
        place, seen = Place(), set[str]()
        answer = self._ask(place).result()
        while True:
            rows.add(answer, place.number)
            token = self._next(answer)
            if not token:
                self._require_last(answer, place)
                return answer
            if token in seen:
                saw = Message("it leads to a next page that was already read")
                raise self._odd(place, saw, Message("Correct `next`; it has to lead on with each page."))
            seen.add(token)
            if place.number == MOST_PAGES:
                raise self._too_many(place)
            place = Place(number=place.number + 1, cursor=token)
            answer = self._after(answer, place)

    def _counted(self, rows: Listing) -> Answer:
        """Read pages several at once: as many as a stated total makes, or until one is empty."""
        place = self._place(1, 0)
        answer = self._ask(place).result()
        size = rows.add(answer, 1)
        total, digests, short = rows.stated(), {answer.digest: 1}, 0
        if size and (total is None or size < total):
            known = MOST_PAGES + 1 if total is None else ceil(total / size)
            if total is not None and known > MOST_PAGES:
                raise self._too_many(place)
            places = (self._place(number, size) for number in range(2, known + 1))
            for place, answer in in_order(self.pool, self._page, places, self.client.lanes):
                self._require_other(answer, place, digests)
                count = rows.add(answer, place.number)
                if not count:
                    break
                if place.number > MOST_PAGES:
                    raise self._too_many(place)
                if short and self.question.counter == "offset":
                    saw = Message("page {number} has fewer rows than the first, and more follow", number=short)
                    advice = Message("Rows between them may be missing: page by `next`, or ask for smaller pages.")
                    raise self._odd(place, saw, advice)
                short = place.number if count < size else 0
        if total is None:
            self._require_last(answer, place)
        return answer

    def _page(self, place: Place) -> tuple[Place, Answer]:
        """Ask for a page after the first. Raises SourceError."""
        advice = Message("Where a service fails after its last page, set `total`, or follow its pages by `next`.")
        return place, self._later(partial(self._send, place), advice)

    def _later(self, ask: Callable[[], Answer], advice: str) -> Answer:
        """Return a page after the first. Raises SourceError, with this advice where the request was refused."""
        try:
            return ask()
        except (AuthError, TransientSourceError):
            raise
        except SourceError as exc:
            if exc.status is None or exc.status < HTTPStatus.BAD_REQUEST:
                raise
            raise SourceError(exc.doing, exc.saw, effect=exc.effect, advice=advice) from None

    def _place(self, number: int, size: int) -> Place:
        before = number - 1
        return Place(number, page=self.question.first_page + before, offset=before * size)

    def _ask(self, place: Place) -> Future[Answer]:
        return self.pool.submit(self._send, place)

    def _send(self, place: Place) -> Answer:
        question, doing = self.question, self._doing(place)
        kind = "graphql" if question.graphql else "json"
        if question.method == "GET":
            return self.client.get(question.path(place), doing=doing, kind=kind)
        fault = fault_finder(doing, self.client.name) if question.graphql else no_fault
        return self.client.post(question.path(place), question.payload(place), doing=doing, kind=kind, fault=fault)

    def _after(self, answer: Answer, place: Place) -> Answer:
        """Ask for the page that the cursor or link of `place` leads to. Raises SourceError."""
        if self.question.counter == "cursor":
            sent = self._ask(place)
        else:
            sent = self.pool.submit(self.client.follow, place.cursor, answer, doing=self._doing(place), kind="json")
        advice = Message("A cursor may have expired: run again, or ask for larger pages, so that fewer follow.")
        return self._later(sent.result, advice)

    def _require_other(self, answer: Answer, place: Place, digests: dict[int, int]) -> None:
        """Refuse a page that is the same as an earlier one. Raises SourceError."""
        before = digests.setdefault(answer.digest, place.number)
        if before != place.number:
            saw = Message("it is the same as page {number}", number=before)
            advice = Message("Correct where the request has {{page}} or {{offset}}: the service does not heed it.")
            raise self._odd(place, saw, advice)

    def _next(self, answer: Answer) -> str:
        """Return the cursor or link to the next page; empty where there is none. Raises SourceError."""
        if self.question.follows_header:
            return answer.next_link
        path = self.question.next_path()
        found = path.find(answer.document) if path else None
        if found is None or found is False or found == "":
            return ""
        if isinstance(found, str) or (isinstance(found, int) and not isinstance(found, bool)):
            return str(found)
        saw = Message("`next: {path}` finds {found}, not a cursor", path=self.question.next, found=shorten(str(found)))
        raise SourceError(self.doing, saw, effect=EFFECT, advice=Message("Correct `next`."))

    def _require_last(self, answer: Answer, place: Place) -> None:
        """Refuse an answer that says that more pages follow, since partial reads are rejected. Raises SourceError."""
        by_header = bool(answer.next_link) and not self.question.follows_header
        hint = page_hint(answer.document)
        if not hint and not by_header:
            return
        says = hint or "Link: rel=next"
        if self.question.next or self.question.counter:
            saw = Message("it looks like the last page, but says that more follow ({hint})", hint=says)
            raise self._odd(place, saw, Message("Correct `next`, or how the request counts pages."))
        saw = Message("the answer is one page of several ({hint})", hint=says)
        advice = (
            Message("Write `next: link`.")
            if by_header
            else Message(
                "Write {{page}}, {{offset}} or {{cursor}} where the request takes it; for a cursor or an address, "
                "also `next: {hint}`.",
                hint=hint,
            )
        )
        raise SourceError(self.doing, saw, effect=EFFECT, advice=advice)

    def _too_many(self, place: Place) -> SourceError:
        saw = Message("it has more than {most:,} pages", most=MOST_PAGES)
        return self._odd(replace(place, number=1), saw, Message("Ask for larger pages, or for less."))

    def _odd(self, place: Place, saw: str, advice: str) -> SourceError:
        return SourceError(self._doing(place), saw, effect=EFFECT, advice=advice)

    def _doing(self, place: Place) -> str:
        if place.number == 1:
            return self.doing
        return Message("{doing}, page {number}", doing=self.doing, number=place.number)
