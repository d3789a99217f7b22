"""JSON endpoints of one answer: types, addresses, faults. `test_http_pages.py` has those of several."""

import gzip
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import respx

from answers_kit import HTML, Answers, answering
from config.errors import AuthError, SourceError, TransientSourceError
from config.models import HttpConnection
from config.secrets import Secret
from connectors.http import Policy, UnreachableError
from connectors.http_api import connector as http
from connectors.http_api.connector import HttpSource, open_source
from connectors.protocol import Read, ReadError, Reading, Row
from connectors.registry import Context
from connectors.sandbox.server import Response
from source_contract import Rows

BASE = "https://shop.example/api"
TAIPEI = ZoneInfo("Asia/Taipei")
INSTANTS = {"cycle.start": datetime(2026, 10, 1, tzinfo=TAIPEI)}


@pytest.fixture
def kept() -> Rows:
    return Rows()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def context(tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    monkeypatch.setenv("SHOP_KEY", "k3y-value")
    return Context(tmp_path, Policy(tries=3, sleep=waits.append))


def connection(**given: Any) -> HttpConnection:
    return HttpConnection(type="http", **{"url": BASE, "token": Secret("$SHOP_TOKEN"), **given})


@pytest.fixture
def shop() -> Iterator[Answers]:
    with answering() as made:
        yield made


@pytest.fixture
def source(context: Context, shop: Answers) -> Iterator[HttpSource]:
    stated = connection(url=shop.url, headers={"X-Key": Secret("$SHOP_KEY")})
    opened = open_source("shop", stated, context)
    yield opened
    opened.close()
    opened.close()


def json_read(key: str = "a", url: str = "/orders", rows: str | None = None, *, count_only: bool = False) -> Read:
    query = {"url": url} if rows is None else {"url": url, "rows": rows}
    return Read(key, "json", query, count_only=count_only, instants=INSTANTS)


def one(source: HttpSource, read: Read, kept: Rows) -> Reading | ReadError:
    (answer,) = list(source.read([read], kept))
    return answer


def reading(source: HttpSource, read: Read, kept: Rows) -> Reading:
    answer = one(source, read, kept)
    assert isinstance(answer, Reading), str(answer.error)
    return answer


def refusal(source: HttpSource, read: Read, kept: Rows) -> SourceError:
    answer = one(source, read, kept)
    assert isinstance(answer, ReadError)
    assert kept.rows == {}
    return answer.error


def test_objects_become_typed_rows(source: HttpSource, shop: Answers, kept: Rows) -> None:
    items = [
        {"id": 1, "amount": 10, "stage": "成交", "at": "2026-10-02T08:00:00+08:00", "paid": True, "tags": ["x"]},
        {"id": 2, "amount": 2.5, "stage": "0123", "at": None, "paid": False, "customer": {"name": "B"}},
    ]
    shop.give({"data": {"items": items}})
    answer = reading(source, json_read(rows="data.items"), kept)
    assert answer.count == 2
    assert answer.asked == "/orders rows data.items"
    assert kept.types("a") == {
        "id": "integer",
        "amount": "number",
        "stage": "text",
        "at": "timestamp",
        "paid": "boolean",
    }
    assert kept.rows["a"] == [
        {"id": 1, "amount": 10.0, "stage": "成交", "at": datetime(2026, 10, 2, tzinfo=UTC), "paid": True},
        {"id": 2, "amount": 2.5, "stage": "0123", "at": None, "paid": False},
    ]
    sent = shop.seen[-1].headers
    assert (sent["authorization"], sent["x-key"]) == ("Bearer s3cret-token", "k3y-value")


AT_MIDNIGHT = datetime(2026, 9, 30, 16, tzinfo=UTC)
AT_13 = datetime(2026, 10, 12, 16, tzinfo=UTC)
AT_SEPTEMBER = datetime(2026, 8, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "types", "expected"),
    [
        (({"n": 7}, "n"), {"value": "integer"}, [{"value": 7}]),
        (({"n": [1, 2.5]}, "n"), {"value": "number"}, [{"value": 1.0}, {"value": 2.5}]),
        (([{"a": 1}, {"b": "x"}], None), {"a": "integer", "b": "text"}, [{"a": 1, "b": None}, {"a": None, "b": "x"}]),
        (({"total": 3, "ok": True}, None), {"total": "integer", "ok": "boolean"}, [{"total": 3, "ok": True}]),
        (([{"a": 1}, {"a": "2"}], None), {"a": "text"}, [{"a": "1"}, {"a": "2"}]),
        (([{"a": "2026-10-01"}], None), {"a": "timestamp"}, [{"a": AT_MIDNIGHT}]),
        (([{"a": "2026-10-01"}, {"a": "soon"}], None), {"a": "text"}, [{"a": "2026-10-01"}, {"a": "soon"}]),
        (([{"a": "2026-10-01"}, {"a": ""}], None), {"a": "timestamp"}, [{"a": AT_MIDNIGHT}, {"a": None}]),
        (([{"a": "13/10/2026"}, {"a": "1/9/2026"}], None), {"a": "timestamp"}, [{"a": AT_13}, {"a": AT_SEPTEMBER}]),
        (([{"a": 2**70}, {"a": 1}], None), {"a": "text"}, [{"a": str(2**70)}, {"a": "1"}]),
        (([], None), {}, []),
        (({"items": []}, "items"), {}, []),
    ],
)
def test_shapes_of_json(
    source: HttpSource,
    shop: Answers,
    kept: Rows,
    answer: tuple[Any, str | None],
    types: dict[str, str],
    expected: list[Row],
) -> None:
    body, rows = answer
    shop.give(body)
    assert reading(source, json_read(rows=rows), kept).count == len(expected)
    assert kept.types("a") == types
    assert kept.rows["a"] == expected


def test_nan_in_json_is_unknown(source: HttpSource, shop: Answers, kept: Rows) -> None:
    shop.give(b'[{"a": NaN}, {"a": Infinity}, {"a": 1.5}]')
    reading(source, json_read(), kept)
    assert [row["a"] for row in kept.rows["a"]] == [None, None, 1.5]


def test_a_count_keeps_no_rows(source: HttpSource, shop: Answers, kept: Rows) -> None:
    shop.give([{"a": 1}, {"a": 2}])
    assert reading(source, json_read(count_only=True), kept).count == 2
    assert kept.rows == {}


def test_reads_of_one_address_share_a_request(source: HttpSource, shop: Answers, kept: Rows, context: Context) -> None:
    shop.give({"a": [1], "b": [1, 2], "c": "x"})
    reads = [json_read("a", rows="a"), json_read("b", rows="b"), json_read("c", rows="missing")]
    answers = {answer.read.key: answer for answer in source.read(reads, kept)}
    assert len(shop.seen) == 1
    assert context.meter.count("shop", "json") == 1
    assert isinstance(answers["a"], Reading)
    assert isinstance(answers["b"], Reading)
    assert isinstance(answers["c"], ReadError)
    assert "`rows: missing` finds nothing" in str(answers["c"].error)
    assert "`rows: a`" in str(answers["c"].error)


def test_placeholders_are_escaped_where_they_stand_in_an_address(source: HttpSource, shop: Answers, kept: Rows) -> None:
    shop.give([])
    answer = reading(source, json_read(url="orders?since={cycle.start}&x={y}"), kept)
    assert shop.seen[-1].first("since") == "2026-10-01T00:00:00+08:00"
    assert answer.asked == "orders?since=2026-10-01T00:00:00+08:00&x={y}"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "@evil.example/x",
        ":8080/x",
        "../admin",
        "/a/../../admin",
        "/a/%2e%2e/%2e%2e/admin",
        "/a/%252e%252e/admin",
        "\\\\evil.example/x",
        "/x\r\nHost: evil.example",
        "/x%0d%0ay",
    ],
)
def test_an_address_that_leads_away_is_never_asked(source: HttpSource, shop: Answers, kept: Rows, url: str) -> None:
    shop.give([])
    error = refusal(source, json_read(url=url), kept)
    assert "is not below" in str(error)
    assert "Nothing was sent" in str(error)
    assert shop.seen == []


@pytest.mark.parametrize("url", ["/users/@me", "/range?x=a..b", "/time/10:00", "/", ""])
def test_an_address_below_is_asked(source: HttpSource, shop: Answers, kept: Rows, url: str) -> None:
    shop.give([])
    reading(source, json_read(url=url), kept)
    asked = shop.seen[-1]
    assert (asked.path, dict(asked.query)) == (url.partition("?")[0] or "/", {"x": ["a..b"]} if "?" in url else {})


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        ("https://evil.example/x?token=abc", "https://evil.example/x"),
        ("/login", "/login"),
        ("", "nowhere"),
        ("http://[", "nowhere"),
    ],
)
def test_a_redirect_is_reported_and_not_followed(
    source: HttpSource, shop: Answers, kept: Rows, to: str, shown: str
) -> None:
    shop.give(status=302, Location=to)
    error = refusal(source, json_read(), kept)
    assert f"HTTP 302: redirected to {shown}." in str(error)
    assert "abc" not in str(error)
    assert len(shop.seen) == 1


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (Response(401, {"message": "no"}), AuthError, "HTTP 401 (no)"),
        (Response(403, b"s3cret-token is not allowed"), AuthError, "HTTP 403 (*** is not allowed)"),
        (Response(404, b"<html>not here</html>", HTML), SourceError, "HTTP 404 (an HTML page)"),
        (Response(400, {"error": {"x": 1}}), SourceError, "HTTP 400"),
        (Response(200, b"<!doctype html><p>Sign in", HTML), SourceError, "an HTML page instead of JSON"),
        (Response(200, b"  <xml/>"), SourceError, "an HTML page instead of JSON"),
        (Response(200, b"{'a': 1}"), SourceError, "the answer is not JSON"),
        (Response(200, b"[" * 200_000), SourceError, "nested too deeply"),
        (Response(200, b""), SourceError, "an empty answer"),
        (Response(200, {"items": [1]}), SourceError, "one object, not a list of rows"),
        (Response(200, [[1, 2]]), SourceError, "the rows are lists"),
        (Response(200, [1], {"Link": '<x?page=2>; rel="next"'}), SourceError, "one page of several"),
    ],
)
def test_answers_that_are_no_rows(
    source: HttpSource, shop: Answers, kept: Rows, response: Response, kind: type[SourceError], words: str
) -> None:
    shop.next.append(response)
    error = refusal(source, json_read(), kept)
    assert type(error) is kind
    assert words in str(error)
    assert "http 'shop': GET /orders" in str(error)
    assert "left as they were" in str(error) or error.advice
    assert len(shop.seen) == 1


def test_names_in_two_spellings_cost_only_those_who_use_them(source: HttpSource, shop: Answers, kept: Rows) -> None:
    shop.give([{"id": 1, "ID": 2, "n": 3}])
    orders = reading(source, json_read(), kept)
    assert "the fields 'id' and 'ID' differ only in case" in orders.failed["id"].saw
    assert kept.rows["a"] == [{"n": 3}]


@pytest.mark.parametrize(
    "body",
    [
        {"next": "https://shop.example/api/orders?page=2", "results": [1]},
        {"has_more": True, "results": [1]},
        {"nextPageToken": "x", "results": [1]},
    ],
)
def test_one_page_of_several_is_no_reading(source: HttpSource, shop: Answers, kept: Rows, body: Any) -> None:
    shop.give(body)
    assert "one page of several" in str(refusal(source, json_read(rows="results"), kept))


@pytest.mark.parametrize("body", [{"next": None, "results": []}, {"has_more": False, "results": []}])
def test_the_last_page_is_whole(source: HttpSource, shop: Answers, kept: Rows, body: Any) -> None:
    shop.give(body)
    assert reading(source, json_read(rows="results"), kept).count == 0


@pytest.mark.parametrize("rows", ["items[", "length(", "items[?x == 1"])
def test_a_wrong_path_costs_no_request(source: HttpSource, shop: Answers, kept: Rows, rows: str) -> None:
    shop.give([])
    assert "is not valid JMESPath" in str(refusal(source, json_read(rows=rows), kept))
    assert shop.seen == []


def test_a_path_that_does_not_fit_is_named(source: HttpSource, shop: Answers, kept: Rows) -> None:
    shop.give({"n": 1})
    assert "does not fit" in str(refusal(source, json_read(rows="length(n)"), kept))


def test_what_may_pass_is_tried_again(
    source: HttpSource, shop: Answers, kept: Rows, waits: list[float], context: Context
) -> None:
    shop.next += [Response(429, headers={"Retry-After": "7"}), Response(503), Response(200, [1])]
    assert reading(source, json_read(), kept).count == 1
    assert waits[0] == 7.0
    assert len(waits) == 2
    assert context.meter.count("shop", "json") == 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Response(200, b"zzz", {"Content-Encoding": "gzip"}), "DecodingError"),
        (Response(200, b"[1]", {"Content-Encoding": "br"}), "DecodingError"),
        (Response(200, gzip.compress(b"[1, 2, 3]")[:-1], {"Content-Encoding": "gzip"}), "DecodingError"),
        (Response(503, b"busy"), "HTTP 503 (busy)"),
    ],
)
def test_what_does_not_pass_is_transient(
    source: HttpSource, shop: Answers, kept: Rows, fault: Response, words: str
) -> None:
    shop.next.append(fault)
    error = refusal(source, json_read(), kept)
    assert isinstance(error, TransientSourceError)
    assert words in str(error)
    assert len(shop.seen) == 3


def test_an_answer_that_breaks_off(source: HttpSource, shop: Answers, kept: Rows) -> None:
    shop.break_off(times=3)
    error = refusal(source, json_read(), kept)
    assert isinstance(error, UnreachableError)
    assert "the answer broke off" in error.saw
    shop.break_off()
    shop.give([1])
    assert reading(source, json_read(), kept).count == 1


@respx.mock
@pytest.mark.parametrize(
    ("cause", "tries"),
    [
        (ssl.SSLCertVerificationError(1, "verify failed"), 1),
        (ConnectionResetError(), 3),
    ],
)
def test_a_strange_certificate_is_not_tried_again(context: Context, kept: Rows, cause: Exception, tries: int) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(cause)  # type: ignore[arg-type]  # respx replaces its cause

    route = respx.get(f"{BASE}/orders").mock(side_effect=fail)
    error = refusal(open_source("shop", connection(), context), json_read(), kept)
    assert "ConnectError" in error.saw
    assert ("ca_bundle" in error.advice) == (tries == 1)
    assert route.call_count == tries


def test_a_proxy_that_cannot_be_used(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy.example")
    with pytest.raises(SourceError, match="the proxy of the environment cannot be used"):
        open_source("shop", connection(), context)


def test_certificates_that_cannot_be_read(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/none.pem")
    with pytest.raises(SourceError, match="the certificates of the environment cannot be read") as caught:
        open_source("shop", connection(), context)
    assert "REQUESTS_CA_BUNDLE" in caught.value.advice


@pytest.mark.parametrize("members", [1, 3])
def test_packed_answers(source: HttpSource, shop: Answers, kept: Rows, members: int) -> None:
    body = b"[" + b"7," * 50_000 + b"7]"
    step = -(-len(body) // members)
    packed = b"".join(gzip.compress(body[start : start + step]) for start in range(0, len(body), step))
    shop.next.append(Response(200, packed, {"Content-Encoding": "gzip"}))
    assert reading(source, json_read(), kept).count == 50_001


def test_nobody_listens(context: Context, kept: Rows) -> None:
    source = open_source("shop", connection(url="http://127.0.0.1:1"), context)
    error = refusal(source, json_read(), kept)
    assert isinstance(error, UnreachableError)
    assert error.saw == "ConnectError (ConnectionRefusedError)"


def test_secrets_are_needed_and_never_shown(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AuthError, match="NO_SUCH is not set"):
        open_source("shop", connection(token=Secret("$NO_SUCH")), context)
    monkeypatch.setenv("SHOP_TOKEN", "tok\nen“x")
    with pytest.raises(AuthError, match=re.escape("$SHOP_TOKEN holds characters")) as caught:
        open_source("shop", connection(), context)
    assert "tok" not in str(caught.value).replace("SHOP_TOKEN", "")
    monkeypatch.setenv("SHOP_TOKEN", "is-fine")
    with pytest.raises(SourceError, match="not the name of a header"):
        open_source("shop", connection(headers={"X Y": Secret("$SHOP_TOKEN")}), context)


def test_certificates_that_are_no_file(context: Context) -> None:
    with pytest.raises(SourceError, match=r"missing\.pem cannot be read"):
        open_source("shop", connection(ca_bundle="missing.pem"), context)


def test_tables_are_documented() -> None:
    for table in http.tables(None).values():
        assert table.open
        assert table.doc
        assert all(key.doc for key in table.query)
