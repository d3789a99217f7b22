"""Requests of measures, with their placeholders: instants, which are filled at once, and pages."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from config import graphql_queries
from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.placeholders import PAGES, InstantForm, fill, written
from config.row_paths import LINK, RowPath, ValuePath, header_in, parse_path, parse_row_path, parse_value_path
from connectors.http import shorten
from connectors.httpx_client import EFFECT
from connectors.protocol import Read

_LEFT_OUT = object()
_CURSOR = "{cursor}"


@dataclass(frozen=True, slots=True)
class Place:
    """Which page to ask for. `number` counts the pages from 1, whatever the service calls them."""

    number: int = 1
    page: int = 1
    offset: int = 0
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a read asks for, with its instants filled. Equal questions share their answers.

    Attributes:
        url: the path, perhaps with placeholders of pages.
        graphql: a GraphQL query, which is posted with `body` as its variables; empty for other requests.
        body: JSON to post, as text with such placeholders; empty for a GET.
        next: where an answer has the next cursor or address: a path, `link` for the `Link` header, or empty.
        total: the path to a stated total, or the header with it; empty where none is held against the rows.
        first_page: what `{page}` begins with.
        listed: what tells the list from others that comes page by page or is counted; empty where there is no such.
    """

    url: str
    graphql: str = ""
    body: str = ""
    next: str = ""
    total: str = ""
    first_page: int = 1
    listed: str = ""

    @property
    def counter(self) -> str:
        """The placeholder of pages that the request uses: `page`, `offset`, `cursor`, or none."""
        return next((name for name in PAGES if f"{{{name}}}" in f"{self.url} {self.body}"), "")

    @property
    def method(self) -> str:
        """GET or POST."""
        return "POST" if self.body or self.graphql else "GET"

    @property
    def has_pages(self) -> bool:
        """Whether several pages are asked for, or the rows of one are held against a total."""
        return bool(self.counter or self.next or self.total)

    @property
    def counts(self) -> bool:
        """Whether the entries of each page have to be counted."""
        return self.counter in ("page", "offset") or bool(self.total)

    @property
    def follows_header(self) -> bool:
        """Whether the next page is that of the `Link` header."""
        return self.next == LINK

    def next_path(self) -> ValuePath | None:
        """The path to the next cursor or address in an answer."""
        return parse_value_path(self.next) if self.next and not self.follows_header else None

    @property
    def total_header(self) -> str:
        """The header with the stated total, in lower case; empty where it is in the answer, or nowhere."""
        return header_in(self.total)

    def total_path(self) -> ValuePath | None:
        """The path to the stated total in an answer."""
        return parse_value_path(self.total) if self.total and not self.total_header else None

    def path(self, place: Place) -> str:
        """Return the path of a page. A parameter that is nothing but a cursor is left out where there is none yet."""
        route, mark, query = self.url.partition("?")
        if not place.cursor:
            kept = [part for part in query.split("&") if part.partition("=")[2] != _CURSOR]
            query, mark = "&".join(kept), "?" if kept and mark else ""
        return _paged(f"{route}{mark}{query}", place, lambda text: quote(text, safe=""))

    def payload(self, place: Place) -> bytes:
        """Return the body of a page."""
        filled = _changed(json.loads(self.body or "{}"), lambda text: _page_value(text, place))
        if self.graphql:
            filled = {"query": self.graphql, "variables": filled}
        return json.dumps(filled, ensure_ascii=False).encode()


def question_of(read: Read, doing: str) -> Question:
    """Return the question of a read. Raises SourceError: JSON, GraphQL or paths that cannot be used."""
    query = read.query
    form: InstantForm = query.get("instants", "iso")  # type: ignore[assignment] # the config's model checked it

    def instants(text: str) -> str:
        return fill(text, read.instants, lambda moment: written(moment, form))

    try:
        parse_path(query.get("rows") or "@")
        url = fill(query.get("url", ""), read.instants, lambda moment: quote(written(moment, form), safe=""))
        made = Question(
            url,
            instants(query.get("graphql", "")),
            _body(query.get("variables", "") or query.get("body", ""), instants),
            query.get("next", ""),
            query.get("total", ""),
            int(query.get("first_page", 1)),
        )
        if made.graphql:
            graphql_queries.check_query(made.graphql, has_total=bool(made.total))
        made.next_path()
        made.total_path()
        if made.has_pages:
            found = list_of(made, rows_of(read))
            made = replace(made, listed=found.key if found else rows_of(read) or "@")
    except (ValueError, RecursionError) as exc:
        advice = Message("Correct the measure; `okrsync check` says where.")
        raise SourceError(doing, shorten(str(exc) or type(exc).__name__), effect=EFFECT, advice=advice) from None
    return made


def list_of(question: Question, rows: str) -> RowPath | None:
    """Return the path to the list that `rows` picks from; None where it cannot be seen and need not be counted.

    Raises ValueError: it has to be counted.
    """
    try:
        return parse_row_path(rows)
    except ValueError:
        if question.counts:
            raise
        return None


def rows_of(read: Read) -> str:
    """Return the path to the rows, its placeholders filled."""
    form: InstantForm = read.query.get("instants", "iso")  # type: ignore[assignment] # the config's model checked it
    return fill(read.query.get("rows", ""), read.instants, lambda moment: written(moment, form))


def asked_by(read: Read) -> str:
    """Return the request for display, its placeholders filled but not encoded."""
    query = read.query
    form: InstantForm = query.get("instants", "iso")  # type: ignore[assignment] # the config's model checked it

    def shown(key: str) -> str:
        return " ".join(fill(query.get(key, ""), read.instants, lambda moment: written(moment, form)).split())

    parts = [shown("url"), shown("body"), shown("graphql"), shown("variables")]
    rows = f"rows {shown('rows')}" if query.get("rows") else ""
    return " ".join(filter(None, [*parts, rows])) or "/"


def _body(text: str, instants: Callable[[str], str]) -> str:
    """Return JSON to post with its instants filled, or an empty text. Raises ValueError, RecursionError."""
    if not text:
        return ""
    stated = _changed(json.loads(text), instants)
    if any(graphql_queries.writes(one) for one in graphql_queries.queries_in(stated)):
        raise ValueError(Message("the body holds a GraphQL mutation; a measure may only read"))
    return json.dumps(stated, ensure_ascii=False)


def _changed(value: Any, change: Callable[[str], Any]) -> Any:
    """Return JSON with each of its texts changed; entries whose text becomes `_LEFT_OUT` are left out."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        items = [_changed(item, change) for item in value]
        return [item for item in items if item is not _LEFT_OUT]
    if isinstance(value, dict):
        entries = {name: _changed(item, change) for name, item in value.items()}
        return {name: item for name, item in entries.items() if item is not _LEFT_OUT}
    return value


def _page_value(text: str, place: Place) -> Any:
    """Fill the placeholders of pages in a text; one that is nothing but a number's becomes a number."""
    if text == _CURSOR and not place.cursor:
        return _LEFT_OUT
    if text in ("{page}", "{offset}"):
        return place.page if text == "{page}" else place.offset
    return _paged(text, place, str)


def _paged(text: str, place: Place, encode: Callable[[str], str]) -> str:
    for name, value in (("page", str(place.page)), ("offset", str(place.offset)), ("cursor", encode(place.cursor))):
        text = text.replace(f"{{{name}}}", value)
    return text
