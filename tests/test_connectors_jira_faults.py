"""What a fault costs: its own read and nothing else, never a wrong number."""

import json
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from config.errors import AuthError, SourceError, TransientSourceError
from connectors.http import UnreachableError, UntrustedError
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.jira.issues import Issue
from connectors.sandbox.server import Request, Response
from jira_kit import INSTANTS, NOW, Bench, counted, many, open_bench
from sandbox_kit import Fault, cut

READS = 200
BOTH = pytest.mark.parametrize("name", ["jira", "jira-dc"])
HTML = {"Content-Type": "text/html"}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        yield made


def size(number: int) -> int:
    """How many issues the read of that number finds."""
    return number % 5 + 1


def labelled() -> list[Issue]:
    found: list[Issue] = []
    for number in range(READS):
        for _ in range(size(number)):
            at = len(found)
            found.append(
                Issue(1 + at, f"F-{1 + at}", "x", NOW - timedelta(minutes=at), labels=(f"l{number}",), points=2)
            )
    return found


def reads() -> list[Read]:
    """Counts and row reads in turn."""
    return [
        counted(f"labels = l{number}", f"r{number}")
        if number % 2
        else Read(f"r{number}", "issues", {"jql": f"labels = l{number}"}, ("key", "story_points"), instants=INSTANTS)
        for number in range(READS)
    ]


def answer_to(bench: Bench, name: str, part: str, response: Response) -> None:
    """Requests whose body holds `part` get this answer, each time."""
    site = bench.site(name)
    handle = site.handle

    def instead(request: Request) -> Response:
        return response if part.encode() in request.body else handle(request)

    site.handle = instead  # type: ignore[method-assign]


FAULTS = {
    "refused": Response(400, {"errorMessages": ["no"]}),
    "forbidden": Response(403, {"errorMessages": ["no"]}),
    "failing": Response(500, {}),
    "cut": cut(Response(200, {"issues": [{"id": "1"}], "total": 1}), 9),
    "truncated": Response(200, b'{"issues": [{"id": "1"'),
    "page": Response(200, b"<html>Log in</html>", HTML),
}


@BOTH
@pytest.mark.parametrize(
    ("kind", "position"),
    [*((kind, 101) for kind in FAULTS), ("failing", 0), ("failing", READS - 1), ("refused", 0), ("refused", READS - 1)],
)
def test_one_failing_read_among_200_costs_itself_alone(bench: Bench, name: str, kind: str, position: int) -> None:
    bench.site(name).replace(labelled())
    answer_to(bench, name, f"labels = l{position}", FAULTS[kind])
    answers = bench.read(*reads(), name=name)
    failed = [number for number, answer in enumerate(answers) if isinstance(answer, ReadError)]
    assert failed == [position]
    assert [a.count for a in answers if isinstance(a, Reading)] == [size(n) for n in range(READS) if n != position]
    kept = [row for row in bench.store.rows if row["story_points"] == 2]
    assert len(kept) == sum(size(n) for n in range(0, READS, 2) if n != position)


def long_read(
    bench: Bench, name: str, when: Callable[[dict[str, Any]], bool], response: Response, size: int = 3_500
) -> list[Any]:
    """Five reads, of which one is long and fails on the pages that `when` names."""
    bench.site(name).replace([*labelled(), *many(size)])
    site = bench.site(name)
    handle = site.handle

    def instead(request: Request) -> Response:
        body = json.loads(request.body or b"{}")
        return response if when(body) else handle(request)

    site.handle = instead  # type: ignore[method-assign]
    reads_ = [counted(f"labels = l{number}", str(number)) for number in (1, 2, 3, 4)]
    long = Read("long", "issues", {"jql": "project = BIG"}, ("key", "story_points"), instants=INSTANTS)
    return bench.read(*reads_[:2], long, *reads_[2:], name=name)


@pytest.mark.parametrize("kind", ["refused", "failing", "cut", "truncated", "page"])
@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("jira", lambda body: "1800" in body.get("issueIdsOrKeys", ())),
        ("jira", lambda body: body.get("fields") == ["key"] and body["jql"] == "project = BIG"),
        ("jira-dc", lambda body: body.get("startAt") == 2000),
    ],
)
def test_a_page_in_the_middle_of_a_long_read_costs_that_read_alone(
    bench: Bench, name: str, when: Callable[[dict[str, Any]], bool], kind: str
) -> None:
    answers = long_read(bench, name, when, FAULTS[kind])
    assert [answer.read.key for answer in answers if isinstance(answer, ReadError)] == ["long"]
    assert [answer.count for answer in answers if isinstance(answer, Reading)] == [size(n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("kind", ["refused", "failing", "cut", "truncated", "page"])
def test_a_failed_page_of_ids_during_the_fetches_costs_that_read_alone(bench: Bench, kind: str) -> None:
    """The ids are walked while issues are fetched; a walk that breaks off is never a smaller number."""

    def second(body: dict[str, Any]) -> bool:
        return body.get("fields") == ["key"] and body["jql"] == "project = BIG" and "nextPageToken" in body

    answers = long_read(bench, "jira", second, FAULTS[kind], size=6_000)
    assert [answer.read.key for answer in answers if isinstance(answer, ReadError)] == ["long"]
    assert [answer.count for answer in answers if isinstance(answer, Reading)] == [size(n) for n in (1, 2, 3, 4)]
    assert any("1800" in body.get("issueIdsOrKeys", ()) for _, body in bench.sent())


PASSING = [
    Fault("", "search", 503, {}),
    Fault("", "search", 429, {}, {"Retry-After": "3"}),
    Fault("", "search", 200, {"issues": [], "total": 0}, cut=7),
    Fault("", "search", 200, b'{"issues": [{"id'),
    Fault("", "search", 200, b""),
]


@BOTH
@pytest.mark.parametrize("place", range(len(PASSING)))
@pytest.mark.parametrize("skip", [0, 1])
def test_what_passes_leaves_no_trace(bench: Bench, name: str, place: int, skip: int) -> None:
    if name == "jira-dc":
        bench.site(name).replace(many(2_500))
    else:
        bench.site(name).replace(many(230))
    fault = PASSING[place]
    bench.box.faults.append(
        Fault(name, fault.match, fault.status, fault.body, fault.headers, times=1, skip=skip, cut=fault.cut)
    )
    assert bench.rows("project = BIG", "key", "story_points", name=name).count == (2_500 if name == "jira-dc" else 230)
    assert (
        len({row["key"] for row in bench.store.rows}) == len(bench.store.rows) == (2_500 if name == "jira-dc" else 230)
    )
    assert len(bench.slept) == 1


@BOTH
def test_a_reset_in_the_middle_of_every_body_opens_the_circuit(bench: Bench, name: str) -> None:
    bench.box.faults.append(Fault(name, "", 200, {"issues": [], "total": 0}, times=999, cut=5))
    answers = bench.read(*reads()[:40], name=name, lanes=1)
    errors = [answer.error for answer in answers if isinstance(answer, ReadError)]
    assert len(errors) == 40
    assert sum(isinstance(error, UnreachableError) for error in errors) == 1
    assert sum("gave up: 5 requests in a row had no answer" in str(error) for error in errors) == 39
    assert len(bench.box.requests()) == 5


def test_a_hang_ends_at_the_time_out(bench: Bench) -> None:
    bench.box.faults.append(Fault("jira", "", 0, times=2, delay_seconds=0.2))
    error = bench.fails("project = CORE", timeout=0.05, tries=2)
    assert isinstance(error, UnreachableError)
    assert error.saw == "no complete answer within 0.05 s (nothing was received)"


def test_an_expired_page_token_says_what_to_do(bench: Bench) -> None:
    bench.site().replace(many(12_000))
    text = "The provided next page token is invalid or expired."
    bench.box.faults.append(Fault("jira", "search/jql", 400, {"errorMessages": [text]}, skip=1))
    error = bench.fails("project = BIG")
    assert text in error.saw
    assert error.advice == "Run again; Jira no longer knew the page that it had named."


@BOTH
def test_a_sign_in_refused_in_the_middle_of_a_run_ends_it(bench: Bench, name: str) -> None:
    bench.site(name).replace(labelled())
    bench.box.faults.append(Fault(name, "", 401, {"errorMessages": ["expired"]}, skip=20, times=1))
    answers = bench.read(*reads(), name=name, lanes=1)
    good = [answer for answer in answers if isinstance(answer, Reading)]
    errors = [answer.error for answer in answers if isinstance(answer, ReadError)]
    assert [answer.count for answer in good] == [size(number) for number in range(0, 40, 2)]  # rows first
    assert len(errors) == READS - 20
    assert all(isinstance(error, AuthError) and "$JIRA_TOKEN" in error.advice for error in errors)
    assert all("HTTP 401 (expired)" in str(error) for error in errors)
    assert len(bench.box.requests()) == 21


@BOTH
def test_a_wait_of_an_hour_in_the_middle_of_a_run_ends_it(bench: Bench, name: str) -> None:
    bench.site(name).replace(labelled())
    bench.box.faults.append(Fault(name, "", 429, {}, {"Retry-After": "3600"}, skip=7, times=99))
    answers = bench.read(*reads(), name=name, lanes=1)
    good = [answer.count for answer in answers if isinstance(answer, Reading)]
    assert good == [size(number) for number in range(0, 14, 2)]  # rows first
    errors = [answer.error for answer in answers if isinstance(answer, ReadError)]
    assert all("it asks to wait 3600 s, and a run waits 60 s at most" in str(error) for error in errors)
    assert len(bench.box.requests()) == 8
    assert bench.slept == []


@BOTH
def test_a_limit_for_all_lanes_is_waited_out_together(bench: Bench, name: str) -> None:
    bench.site(name).replace(labelled())
    bench.box.faults.append(Fault(name, "", 429, {}, {"Retry-After": "20"}, skip=5))
    answers = bench.read(*reads(), name=name)
    assert [answer.count for answer in answers if isinstance(answer, Reading)] == [
        size(number) for number in range(READS)
    ]


def error_without_an_answer(bench: Bench, url: str) -> SourceError:
    """Read much from a host that never answers, until the circuit opens; return the error of the first read."""
    answers = bench.read(*reads()[:20], url=url, lanes=1)
    errors = [answer.error for answer in answers if isinstance(answer, ReadError)]
    assert len(errors) == 20
    assert "gave up" in errors[-1].saw
    assert all(error.advice and error.effect for error in errors)
    assert bench.meter.count() == 5
    return errors[0]


def test_a_host_that_does_not_exist(bench: Bench) -> None:
    error = error_without_an_answer(bench, "https://nowhere.invalid")
    assert isinstance(error, UnreachableError)
    assert "NameResolutionError" in error.saw


def test_a_port_that_does_not_speak_tls(bench: Bench) -> None:
    error = error_without_an_answer(bench, bench.box.service_url("jira").replace("http:", "https:"))
    assert isinstance(error, UntrustedError)
    assert "SSLError" in error.saw
    assert bench.slept == []


@pytest.mark.parametrize(
    ("raised", "kind", "advice"),
    [
        (ssl.SSLCertVerificationError(1, "expired"), UntrustedError, "ca_bundle"),
        (ssl.SSLEOFError(8, "broken off"), UnreachableError, "Check the network"),
    ],
)
def test_a_connection_that_breaks_off_is_no_certificate_to_check(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, raised: ssl.SSLError, kind: type[SourceError], advice: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise requests.exceptions.SSLError(raised)

    monkeypatch.setattr("requests.Session.send", fail)
    error = bench.fails(tries=2)
    assert type(error) is kind
    assert advice in error.advice
    assert len(bench.slept) == (kind is UnreachableError)


def test_a_port_without_a_service(bench: Bench) -> None:
    error = error_without_an_answer(bench, "http://127.0.0.1:1")
    assert isinstance(error, UnreachableError)
    assert "ConnectionError" in error.saw


def test_issues_that_come_twice_across_pages_count_once(bench: Bench) -> None:
    def page(*numbers: int, token: str | None) -> Fault:
        issues = [{"id": str(n), "key": f"A-{n}", "fields": {"customfield_10016": n}} for n in numbers]
        return Fault("jira", "", 200, {"issues": issues} | ({"nextPageToken": token} if token else {}))

    bench.box.faults += [page(1, 2, token="t"), page(2, 3, token="u"), page(3, 1, token=None)]
    assert bench.rows("project = CORE", "story_points").count == 3
    assert [row["story_points"] for row in bench.store.rows] == [1, 2, 3]


def test_data_center_that_repeats_across_pages_is_no_number(bench: Bench) -> None:
    bench.site("jira-dc").replace(many(1_500))
    first = {"total": 1_500, "issues": [{"id": str(100 + n), "key": f"BIG-{n}"} for n in range(500)]}
    bench.box.faults.append(Fault("jira-dc", "", 200, first, skip=1))
    error = bench.fails("project = BIG", "key", name="jira-dc")
    assert "1000 different issues were received, but Jira counts 1500" in error.saw
    assert not isinstance(error, TransientSourceError)
