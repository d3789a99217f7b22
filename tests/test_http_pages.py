"""Lists that come page by page are read as a whole, or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.models import HttpConnection
from connectors import registry
from connectors.http_api import pages, rows
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.server import Request, Response
from pages_kit import Api, Reader, compact, serving
from source_contract import INSTANTS, Rows

GRAPHQL = """
query Orders($after: String) {
  orders(first: 5, after: $after) { nodes { id amount } pageInfo { hasNextPage endCursor } }
}
"""
WAYS: dict[str, dict[str, str]] = {
    "page": {"url": "/page?page={page}", "rows": "items"},
    "page with a total": {"url": "/page?page={page}", "rows": "items", "total": "meta.total"},
    "page with a total in a header": {
        "url": "/page?page={page}", "rows": "items", "total": "header X-Total-Count",
    },
    "offset": {"url": "/offset?offset={offset}&limit=5", "rows": "items"},
    "offset with a total": {"url": "/offset?offset={offset}&limit=5", "rows": "items", "total": "meta.total"},
    "cursor": {"url": "/cursor?limit=5&after={cursor}", "rows": "items", "next": "paging.next.after"},
    "link header": {"url": "/link", "next": "link"},
    "link header with a total": {"url": "/link", "next": "link", "total": "header  x-total-count"},
    "link in the answer": {"url": "/next", "rows": "items", "next": "next"},
    "cursor in a body": {
        "url": "/search", "body": '{"limit": 5, "after": "{cursor}"}', "rows": "items",
        "next": "paging.next.after", "total": "total",
    },
    "page in a body": {"url": "/counted", "body": '{"page": "{page}"}', "rows": "items"},
    "graphql": {
        "url": "/graphql", "graphql": GRAPHQL, "variables": '{"after": "{cursor}"}', "rows": "data.orders.nodes",
        "next": "data.orders.pageInfo.endCursor",
    },
}  # fmt: skip
COUNTED = (
    "page", "page with a total", "page with a total in a header", "offset", "offset with a total", "page in a body",
)  # fmt: skip


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api()) as made:
        yield made


@pytest.fixture
def reader(api: Api, tmp_path: Path) -> Reader:
    return Reader(api, tmp_path)


@pytest.mark.parametrize("count", [0, 1, 5, 10, 23])
@pytest.mark.parametrize("way", WAYS)
def test_all_rows_come_once_and_in_order(api: Api, reader: Reader, way: str, count: int) -> None:
    api.count = count
    assert reader.ids(WAYS[way]) == list(range(count))


@pytest.mark.parametrize("way", WAYS)
def test_no_more_is_asked_for_than_it_takes(api: Api, reader: Reader, way: str) -> None:
    answer = reader.read(WAYS[way], {"lanes": 1})
    assert isinstance(answer, Reading)
    pages_read = 6 if way in COUNTED and "total" not in way else 5
    assert len(api.seen) == pages_read
    assert answer.notes == (f"read page by page: {pages_read} pages",)
    assert reader.context.meter.count("shop") == len(api.seen)


def test_pages_that_count_from_zero(api: Api, reader: Reader) -> None:
    api.first_page = 0
    assert reader.ids({**WAYS["page"], "first_page": "0"}) == list(range(23))


def test_a_filter_does_not_end_the_list(reader: Reader) -> None:
    """A page of which no row is picked is not the last one, and the total counts what came before the filter."""
    assert reader.ids({**WAYS["page with a total"], "rows": "items[?id >= `20`]"}) == [20, 21, 22]
    assert reader.ids({**WAYS["offset"], "rows": "items[?id >= `20`].{id: id}"}) == [20, 21, 22]


@pytest.mark.parametrize("way", [name for name in WAYS if name in COUNTED])
def test_a_service_that_does_not_heed_the_page(api: Api, reader: Reader, way: str) -> None:
    api.heeds = False
    error = reader.error(WAYS[way])
    assert error.saw == "it is the same as page 1"
    assert error.doing.endswith(", page 2")
    assert "does not heed it" in error.advice


@pytest.mark.parametrize("way", ["cursor", "link in the answer", "link header", "graphql"])
def test_a_next_page_that_repeats(api: Api, reader: Reader, way: str) -> None:
    """The second page leads to itself."""
    handle = api.handle

    def circle(request: Request) -> Response:
        answer = handle(request)
        text = json.dumps(answer.body).replace('"c10"', '"c5"').replace("?start=10", "?start=5")
        headers = {name: value.replace("start=10", "start=5") for name, value in answer.headers.items()}
        return Response(answer.status, json.loads(text), headers)

    assert api.sandbox is not None
    api.sandbox.services["api"].handle = circle  # type: ignore[method-assign]
    assert reader.error(WAYS[way]).saw == "it leads to a next page that was already read"


def test_a_row_on_two_pages(api: Api, reader: Reader) -> None:
    """A row that was added meanwhile moves the others on: the last of a page is the first of the next."""
    moved: Any = api._offset
    api.instead["/offset"] = lambda request: moved(
        Request(**{**{name: getattr(request, name) for name in request.__slots__},
                   "query": {"offset": [str(max(int(request.first("offset")) - 1, 0))]}})
    )  # fmt: skip
    error = reader.error(WAYS["offset"])
    assert error.saw == "the row with id 4 is on page 1 and on page 2"
    assert "in a fixed order" in error.advice


@pytest.mark.parametrize(
    "way",
    [
        "page with a total", "page with a total in a header", "link header with a total", "offset with a total",
        "cursor in a body",
    ],
)  # fmt: skip
@pytest.mark.parametrize("total", [22, 24, 40])
def test_a_total_that_does_not_match(api: Api, reader: Reader, way: str, total: int) -> None:
    api.total = total
    error = reader.error(WAYS[way])
    assert error.saw == f"it states a total of {total}, but 23 came"
    assert "Run again" in error.advice


def test_a_total_that_changes(api: Api, reader: Reader) -> None:
    answers = iter(range(23, 99))
    listed = api._listed
    api._listed = lambda start: Response(  # type: ignore[method-assign]
        200, {**listed(start).body, "meta": {"total": next(answers)}}
    )
    error = reader.error(WAYS["page with a total"], lanes=1)
    assert error.saw == "the total that it states changed from page to page: 23, 24, 25, 26, 27"


@pytest.mark.parametrize(
    ("total", "found"),
    [
        ("meta", "{'total': 23}"),
        ("meta.totl", "nothing"),
        ("header X-Total", "nothing"),
        ("header Content-Type", "application/json; charset=utf-8"),
    ],
)
def test_a_total_that_is_no_number(reader: Reader, total: str, found: str) -> None:
    error = reader.error({**WAYS["page with a total"], "total": total})
    assert error.saw == f"`total: {total}` finds {found}, not a number"


def test_a_total_as_text_and_of_one_answer(api: Api, reader: Reader) -> None:
    api.total = 99
    query = {"url": "/page?page=1", "rows": "items", "total": "to_string(meta.total)"}
    assert reader.error(query).saw == "it states a total of 99, but 5 came"


@pytest.mark.parametrize(
    ("way", "hint", "advice"),
    [
        ("cursor", "paging.next.after", "also `next: paging.next.after`"),
        ("link header", "Link: rel=next", "Write `next: link`."),
        ("cursor in a body", "paging.next.after", "also `next: paging.next.after`"),
        ("graphql", "data.orders.pageInfo.endCursor", "also `next: data.orders.pageInfo.endCursor`"),
    ],
)
def test_one_page_of_several_says_what_to_write(reader: Reader, way: str, hint: str, advice: str) -> None:
    left = {name: text for name, text in WAYS[way].items() if name not in ("next", "total")}
    error = reader.error({name: text.replace("{cursor}", "c0") for name, text in left.items()})
    assert error.saw == f"the answer is one page of several ({hint})"
    assert advice in error.advice


@pytest.mark.parametrize("wrong", ["paging.nxt.after", "paging.next.aftr"])
def test_a_wrong_next_does_not_end_the_list(reader: Reader, wrong: str) -> None:
    error = reader.error({**WAYS["cursor"], "next": wrong})
    assert error.saw == "it looks like the last page, but says that more follow (paging.next.after)"
    assert "Correct `next`" in error.advice


def test_a_next_that_is_no_cursor(reader: Reader) -> None:
    assert reader.error({**WAYS["cursor"], "next": "paging"}).saw.startswith("`next: paging` finds {'next': {")


def test_pages_of_fewer_rows_in_the_middle(api: Api, reader: Reader) -> None:
    """Offsets go by the first page: where a later one is shorter, rows may be missing between them."""
    items = api.items
    api.items = lambda start: items(start)[: 3 if start == 10 else 5]  # type: ignore[method-assign]
    error = reader.error(WAYS["offset"])
    assert error.saw == "page 3 has fewer rows than the first, and more follow"
    assert len(reader.ids(WAYS["page"])) == 21


def test_a_cursor_that_expires(api: Api, reader: Reader) -> None:
    cursor = api._cursor
    expired = Response(400, {"status": "error", "message": "The cursor is invalid or has expired."})
    api.instead["/cursor"] = lambda request: expired if request.first("after") == "c10" else cursor(request)
    error = reader.error(WAYS["cursor"])
    assert error.doing == "http 'shop': GET /cursor?limit=5&after={cursor}, page 3"
    assert error.saw == "HTTP 400 (The cursor is invalid or has expired.)"
    assert "A cursor may have expired" in error.advice
    assert error.effect == "Its key results were left as they were."


@pytest.mark.parametrize("way", WAYS)
def test_a_later_page_that_fails_costs_the_whole(api: Api, reader: Reader, way: str) -> None:
    handle, sent = api.handle, [0]

    def fails(request: Request) -> Response:
        sent[0] += 1
        return handle(request) if sent[0] < 3 else Response(500)

    assert api.sandbox is not None
    api.sandbox.services["api"].handle = fails  # type: ignore[method-assign]
    error = reader.error(WAYS[way], lanes=1)
    assert error.saw == "HTTP 500"
    assert error.doing.endswith(", page 3")


def test_a_page_that_fails_after_the_end_costs_nothing(api: Api, reader: Reader) -> None:
    """Pages are asked for ahead; what comes after the first empty one does not count."""
    page = api._page
    api.instead["/page"] = lambda request: page(request) if int(request.first("page")) <= 6 else Response(404)
    assert reader.ids(WAYS["page"]) == list(range(23))


@pytest.mark.parametrize("way", ["page", "page with a total", "cursor", "link header"])
def test_too_many_pages(api: Api, reader: Reader, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 4)
    error = reader.error(WAYS[way])
    assert error.saw == "it has more than 4 pages"
    api.count = 20
    assert len(reader.ids(WAYS[way])) == 20


def test_too_many_rows(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 20)
    assert reader.error(WAYS["page"]).saw == "it has more than 20 rows or 800,000 values"


def test_rows_that_are_no_list(reader: Reader) -> None:
    error = reader.error({**WAYS["page"], "rows": "meta"})
    assert error.saw == "`rows` does not lead to a list"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/link?start=5",
        "//evil.example/link",
        "/other/link?start=5",
        "/api/../other/link",
        "{url}/../other",
        "{url}/%2e%2e/other",
        "{url}/%252E%252e/other",
        "{url}/..%5cother",
        "{url}\\..\\other",
        "{url}x/link",
        "{url}@evil.example/link",
        "http://user@{host}/api/link",
        "http://[",
    ],
)
def test_a_next_link_that_leads_away_is_not_followed(api: Api, reader: Reader, link: str) -> None:
    assert api.sandbox is not None
    link = link.format(url=api.url, host=api.url.removeprefix("http://").partition("/")[0])
    api.instead["/next"] = lambda _: Response(200, {"items": api.items(0), "next": link})
    error = reader.error(WAYS["link in the answer"])
    assert error.saw == f"the link to the next page leads away from {api.url}"
    assert "Nothing was sent there." in error.effect
    assert len(api.seen) == 1


@pytest.mark.parametrize(("status", "follows"), [(301, True), (302, True), (307, True), (308, True)])
@pytest.mark.parametrize("to", ["{url}/next", "/api/next", "./next"])
def test_a_redirect_below_the_connection_is_followed(
    api: Api, reader: Reader, status: int, follows: bool, to: str
) -> None:
    assert api.sandbox is not None
    location = to.format(url=api.url)
    api.instead["/old"] = lambda _: Response(status, headers={"Location": location})
    assert (reader.ids({"url": "/old", "rows": "items", "next": "next"}) == list(range(23))) is follows


@pytest.mark.parametrize(("status", "answered"), [(302, False), (303, False), (307, True), (308, True)])
def test_a_redirected_post_stays_one(api: Api, reader: Reader, status: int, answered: bool) -> None:
    api.instead["/old"] = lambda _: Response(status, headers={"Location": "/api/search"})
    answer = reader.read({**WAYS["cursor in a body"], "url": "/old"})
    assert isinstance(answer, Reading) is answered
    assert {request.method for request in api.seen} == {"POST"}


@pytest.mark.parametrize("to", ["/login", "https://evil.example/api/next", "/api/%2e%2e/next", "/api/old"])
def test_other_redirects_are_errors(api: Api, reader: Reader, to: str) -> None:
    api.instead["/old"] = lambda _: Response(302, headers={"Location": to})
    error = reader.error({"url": "/old"})
    assert "HTTP 302: redirected to" in error.saw
    assert len(api.seen) <= 5


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("iso", "2026-10-01T00:00:00+08:00"),
        ("utc", "2026-09-30T16:00:00Z"),
        ("date", "2026-10-01"),
        ("seconds", "1790784000"),
        ("milliseconds", "1790784000000"),
    ],
)
def test_placeholders_in_every_part(api: Api, reader: Reader, form: str, sent: str) -> None:
    graphql = '{ orders(since: "{cycle.start}") { id } }'
    api.instead["/rest"] = lambda _: Response(200, [{"id": 1, "at": sent}])
    variables = compact({"since": "{cycle.start}", "in": [{"from": "x {cycle.start}"}], "n": 3, "none": None})
    picked = "[?at == '{cycle.start}']"
    asked = {"url": "/rest?since={cycle.start}", "graphql": graphql, "variables": variables, "rows": picked}
    assert reader.ids({**asked, "instants": form}) == [1]
    request = api.seen[-1]
    assert request.first("since") == sent
    assert request.json()["query"] == f'{{ orders(since: "{sent}") {{ id }} }}'
    assert request.json()["variables"] == {"since": sent, "in": [{"from": f"x {sent}"}], "n": 3, "none": None}


def test_a_cursor_is_only_text(api: Api, reader: Reader) -> None:
    """Whatever the service puts into a cursor, it cannot change the request."""
    odd = 'a&page=2#x/../"}, {page} é'
    api.instead["/odd"] = lambda request: Response(
        200, {"items": [{"id": len(api.seen)}], "next": None if request.first("after") or request.json() else odd}
    )
    assert reader.ids({"url": "/odd?after={cursor}", "rows": "items", "next": "next"}) == [1, 2]
    assert dict(api.seen[1].query) == {"after": [odd]}
    body = {"url": "/odd", "body": '{"after": "{cursor}"}', "rows": "items", "next": "next"}
    assert reader.ids(body) == [3, 4]
    assert api.seen[3].json() == {"after": odd}


def test_a_projection_without_values_is_named(reader: Reader) -> None:
    query = {**WAYS["page"], "rows": "items[].{id: id, amount: amont}"}
    answer = reader.read(query)
    assert isinstance(answer, Reading)
    assert answer.warnings == ("'amount' has no value in any of 23 rows; its path in `rows` may be wrong",)


@pytest.mark.parametrize("way", WAYS)
def test_measures_of_one_list_share_its_pages(api: Api, reader: Reader, way: str) -> None:
    """They pick different rows of the same list; a path that fits no page costs its own measure alone."""
    base = WAYS[way].get("rows", "@")
    paths = {"all": base, "even": f"{base}[?note == 'even']", "ids": f"{base}[].{{id: id}}"}
    paths["wrong"] = f"{base} | [].{{id: abs(note)}}"
    table = "graphql" if "graphql" in way else "json"
    reads = [Read(key, table, {**WAYS[way], "rows": text}, ("id",), instants=INSTANTS) for key, text in paths.items()]
    connection = HttpConnection.model_validate({"type": "http", "url": api.url, "lanes": 1})
    source, kept = registry.open_source("shop", connection, reader.context), Rows()
    answers = {answer.read.key: answer for answer in source.read(reads, kept)}
    source.close()
    assert isinstance(answers["wrong"], ReadError)
    assert {key: len(found) for key, found in kept.rows.items()} == {"all": 23, "even": 12, "ids": 23}
    assert len(api.seen) <= 6


def test_measures_of_different_lists_ask_for_their_own(api: Api, reader: Reader) -> None:
    both = [Read(key, "json", {**WAYS["page"], "rows": key}, instants=INSTANTS) for key in ("items", "meta")]
    connection = HttpConnection.model_validate({"type": "http", "url": api.url})
    source, kept = registry.open_source("shop", connection, reader.context), Rows()
    answers = {answer.read.key: answer for answer in source.read(both, kept)}
    source.close()
    assert isinstance(answers["items"], Reading)
    assert isinstance(answers["meta"], ReadError)


def test_a_service_that_fails_after_its_last_page(api: Api, reader: Reader) -> None:
    page = api._page
    api.instead["/page"] = lambda request: page(request) if int(request.first("page")) <= 5 else Response(404)
    error = reader.error(WAYS["page"])
    assert error.doing.endswith(", page 6")
    assert error.saw == "HTTP 404"
    assert "set `total`" in error.advice
    assert reader.ids(WAYS["page with a total"]) == list(range(23))


@pytest.mark.parametrize("way", ["page", "cursor", "page with a total"])
def test_an_empty_list_written_as_null(api: Api, reader: Reader, way: str) -> None:
    api.count = 0
    listed = {"items": None, "meta": {"total": 0}}
    api.instead[f"/{way.partition(' ')[0]}"] = lambda _: Response(200, listed)
    assert "finds nothing" in reader.error(WAYS[way]).saw, "null alone is unknown"
    assert reader.ids({**WAYS[way], "rows": "items || `[]`"}) == []
