"""Instant queries of Prometheus."""

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from answers_kit import Answers, answering
from config.errors import SourceError
from config.models import PrometheusConnection
from config.secrets import Secret
from connectors.http import Policy
from connectors.prometheus import samples
from connectors.prometheus.connector import PrometheusSource, open_source
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sandbox.server import Response
from source_contract import Rows

INSTANTS = {"cycle.start": datetime(2026, 10, 1, tzinfo=ZoneInfo("Asia/Taipei"))}


@pytest.fixture
def kept() -> Rows:
    return Rows()


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    return Context(tmp_path, Policy(tries=3, sleep=lambda _: None))


@pytest.fixture
def shop() -> Iterator[Answers]:
    with answering() as made:
        yield made


@pytest.fixture
def source(context: Context, shop: Answers) -> Iterator[PrometheusSource]:
    opened = open_source(
        "shop", PrometheusConnection(type="prometheus", url=shop.url, token=Secret("$SHOP_TOKEN")), context
    )
    yield opened
    opened.close()


def prometheus_read(query: str = "up") -> Read:
    return Read("a", "query", {"query": query}, instants=INSTANTS)


def reading(source: PrometheusSource, read: Read, kept: Rows) -> Reading:
    [answer] = list(source.read([read], kept))
    assert isinstance(answer, Reading), str(answer.error)
    return answer


def refusal(source: PrometheusSource, read: Read, kept: Rows) -> SourceError:
    [answer] = list(source.read([read], kept))
    assert isinstance(answer, ReadError)
    assert kept.rows == {}
    return answer.error


def vector(*samples: tuple[dict[str, str], Any], **more: Any) -> dict[str, Any]:
    result = [{"metric": metric, "value": [1790812800.5, value]} for metric, value in samples]
    return {"status": "success", "data": {"resultType": "vector", "result": result}, **more}


def test_samples_become_rows(source: PrometheusSource, shop: Answers, kept: Rows, context: Context) -> None:
    body = vector(({"job": "api", "value": "x"}, "1.5"), ({"job": "web", "Time": "y"}, "NaN"), ({}, "+Inf"))
    shop.give(body)
    answer = reading(source, prometheus_read("sum(up @ {cycle.start}) + 1"), kept)
    assert shop.seen[-1].first("query") == "sum(up @ 1790784000) + 1"
    assert answer.asked == "sum(up @ 1790784000) + 1"
    assert answer.count == 3
    assert kept.types("a") == {
        "value": "number",
        "time": "timestamp",
        "job": "text",
        "label_Time": "text",
        "label_value": "text",
    }
    at = datetime.fromtimestamp(1790812800.5, UTC)
    assert kept.rows["a"] == [
        {"value": 1.5, "time": at, "job": "api", "label_value": "x", "label_Time": None},
        {"value": None, "time": at, "job": "web", "label_value": None, "label_Time": "y"},
        {"value": None, "time": at, "job": None, "label_value": None, "label_Time": None},
    ]
    assert context.meter.count("shop", "query") == 1


def test_a_scalar_and_an_empty_vector(source: PrometheusSource, shop: Answers, kept: Rows) -> None:
    scalar = {"status": "success", "data": {"resultType": "scalar", "result": [1790812800, "4"]}}
    shop.next += [Response(200, scalar), Response(200, vector())]
    assert reading(source, prometheus_read(), kept).count == 1
    assert kept.rows["a"][0]["value"] == 4.0
    assert reading(source, prometheus_read(), kept).count == 0
    assert kept.types("a") == {"value": "number", "time": "timestamp"}


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"status": "error", "errorType": "bad_data", "error": "parse error: x"}, "HTTP 400 (bad_data: parse"),
        (200, {"status": "error", "errorType": "execution", "error": "too many"}, "execution: too many"),
        (200, vector(({}, "1"), warnings=["store a is down"]), "the server warns: store a is down"),
        (200, {"status": "success", "data": {"resultType": "matrix", "result": []}}, "a range of values"),
        (200, {"status": "success", "data": {"resultType": "string", "result": [1, "x"]}}, "a text"),
        (200, {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": []}]}},
         "native histograms"),
        (200, {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]}},
         "not one of Prometheus"),
        (200, vector(({}, "four")), "not one of Prometheus"),
        (200, {"anything": 1}, "not one of Prometheus"),
        (200, [], "not one of Prometheus"),
    ],
)  # fmt: skip
def test_answers_of_prometheus_that_are_no_rows(
    source: PrometheusSource, shop: Answers, kept: Rows, status: int, body: Any, words: str
) -> None:
    shop.give(body, status=status)
    error = refusal(source, prometheus_read(), kept)
    assert words in str(error)
    assert "prometheus 'shop': query up" in str(error)


def test_infos_are_no_warnings() -> None:
    found = samples.rows_of(vector(({}, "1"), infos=["metric might not be a counter"]), "x")
    assert (len(found.columns), len(found.rows), found.failed) == (2, 1, {})


def test_labels_in_two_spellings_cost_only_those_who_use_them(
    source: PrometheusSource, shop: Answers, kept: Rows
) -> None:
    shop.give(vector(({"a": "1", "b": "x"}, "1"), ({"A": "1"}, "1")))
    found = reading(source, prometheus_read(), kept)
    assert "the labels 'A' and 'a' differ only in case" in str(found.error_of(["a"]))
    assert [row["b"] for row in kept.rows["a"]] == ["x", None]
    assert found.error_of(["value", "b"]) is None


def test_basic_sign_in(context: Context, shop: Answers, kept: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "pass-word-1")
    shop.give(vector(({}, "1")))
    stated = PrometheusConnection(type="prometheus", url=shop.url, user="ann", password=Secret("$SHOP_PASSWORD"))
    opened = open_source("shop", stated, context)
    assert reading(opened, prometheus_read(), kept).count == 1
    opened.close()
    assert b64decode(shop.seen[-1].headers["authorization"].removeprefix("Basic ")) == b"ann:pass-word-1"
