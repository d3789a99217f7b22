import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from github import Auth

from config.errors import AuthError, SourceError, TransientSourceError
from config.models import GitHubConnection
from connectors import registry
from connectors.github.client import GitHubClient
from connectors.github.errors import HeavyError
from connectors.http import UnreachableError, UntrustedError
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.github.search import stamp
from connectors.sandbox.github.state import item, repository
from connectors.sandbox.server import Request
from github_kit import TOKEN, World, open_world, opened
from source_contract import lanes

START = datetime(2026, 10, 1, tzinfo=timezone(timedelta(hours=8)))
LIMITED = {"message": "API rate limit exceeded for user ID 1."}
EMPTY = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", TOKEN)
    with open_world() as made:
        yield made


@pytest.fixture
def serial(world: World) -> Iterator[World]:
    source = opened(world.sandbox, world.meter, world.waits, lanes=1)
    yield replace(world, source=source)
    source.close()


def counts(number: int, **bad: str) -> list[Read]:
    """Reads that count merged pull requests; `bad` replaces the search of some, by key."""
    searches = {f"k{n}": "repo:acme/app is:merged" for n in range(number)} | bad
    return [Read(key, "pull_requests", {"search": text}, count_only=True) for key, text in searches.items()]


def issues(search: str, *columns: str) -> Read:
    return Read("rows", "issues", {"search": search}, columns)


def busy(number: int, *, spread: timedelta = timedelta(hours=1)) -> dict[str, Any]:
    """A repository of so many open issues, one after another."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    return repository("o/r", items=[item(n + 1, stamp(first + spread * n), title=f"t{n}") for n in range(number)])


def test_the_tables_need_no_vendor_library() -> None:
    import subprocess
    import sys

    vendors = "[name for name in ('github', 'requests', 'graphql') if name in sys.modules]"
    code = f"import sys, connectors.github.connector; connectors.github.connector.tables(None); print({vendors})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_table_names_its_key_and_link() -> None:
    for table in registry.tables("github").values():
        assert table.column(table.key) is not None
        assert table.column(table.link) is not None
        assert all(column.doc for column in table.columns)


def test_an_unset_token_is_named_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OKRSYNC_TEST_TOKEN", raising=False)
    connection = GitHubConnection(type="github", token="$OKRSYNC_TEST_TOKEN")
    with pytest.raises(SourceError, match="OKRSYNC_TEST_TOKEN"):
        registry.open_source("gh", connection, registry.Context(Path()))


def test_sixty_counts_are_two_requests_and_exact_above_a_thousand(world: World) -> None:
    answers = world.read(*counts(60))
    assert len(answers) == 60
    assert {answer.count for answer in answers.values() if isinstance(answer, Reading)} == {1180}
    assert len(world.sandbox.requests("github")) == 2
    assert world.meter.count("gh", "counts") == 2
    assert all(call.bytes_received > 100 for call in world.meter.calls)


def test_a_count_sends_its_search_as_a_variable_and_asks_whether_its_repository_is_there(world: World) -> None:
    world.one(Read("k", "issues", {"search": "repo:acme/app label:bug\n is:closed"}, count_only=True))
    (sent,) = world.sent()
    search = "repo:acme/app label:bug is:closed is:issue"
    assert sent["variables"] == {"query0": search, "owner1": "acme", "name1": "app"}
    assert sent["query"] == (
        "query($query0:String!,$owner1:String!,$name1:String!)"
        "{k0:search(query:$query0,type:ISSUE){issueCount} "
        "k1:repository(owner:$owner1,name:$name1){nameWithOwner isArchived}}"
    )


def test_a_reading_says_what_was_asked_and_where_to_look(world: World) -> None:
    search = "repo:acme/app is:merged merged:>={cycle.start}"
    read = Read("k", "pull_requests", {"search": search}, count_only=True, instants={"cycle.start": START})
    reading = world.one(read)
    assert reading.count == 60
    assert reading.asked == "repo:acme/app is:merged merged:>=2026-10-01T00:00:00+08:00 is:pr"
    base = world.sandbox.service_url("github")
    assert reading.link.startswith(f"{base}/search?q=repo%3Aacme%2Fapp+is%3Amerged")
    assert "%2B08%3A00" in reading.link
    assert reading.link.endswith("&type=pullrequests")
    assert reading.read_at.tzinfo == UTC


@pytest.mark.parametrize("how", ["alias", "whole", "silent"])
@pytest.mark.parametrize("place", ["k0", "k25", "k49"])
def test_one_bad_count_costs_only_itself(world: World, how: Any, place: str) -> None:
    world.service.refused_search = how
    answers = world.read(*counts(50, **{place: "repo:acme/nope is:merged"}))
    wrong = answers.pop(place)
    assert isinstance(wrong, ReadError)
    assert "acme/nope" in str(wrong.error)
    assert "$OKRSYNC_TEST_TOKEN" in wrong.error.advice
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [1180] * 49
    # What became of the repository, and whether its owner is there, are two requests more.
    assert len(world.sandbox.requests("github")) == (4 if how == "whole" else 3)


def test_a_zero_stands_only_where_the_repository_can_be_read(world: World) -> None:
    world.service.refused_search = "silent"
    answers = world.read(
        *counts(
            3,
            k0="repo:acme/app label:nothing",
            k1="repo:acme/hidden label:nothing",
            k2="repo:acme/app repo:acme/hidden",
        )
    )
    assert isinstance(answers["k0"], Reading)
    assert answers["k0"].count == 0
    assert len(world.service.state.search("repo:acme/app repo:acme/hidden")) > 0
    for key in ("k1", "k2"):
        answer = answers[key]
        assert isinstance(answer, ReadError)
        assert "GitHub shows no repository acme/hidden" in str(answer.error)
    assert len(world.sandbox.requests("github")) == 2
    world.read(*counts(1, k0="repo:acme/app label:nothing"))
    assert "repository(" not in world.sent()[-1]["query"]


@pytest.mark.parametrize(("searches", "requests"), [(60, 2), (100, 3)])
def test_zeros_of_a_whole_run_are_confirmed_together(world: World, searches: int, requests: int) -> None:
    world.service.refused_search = "silent"
    texts = {f"k{n}": f"repo:acme/{'hidden' if n % 10 == 9 else 'app'} label:nothing{n}" for n in range(searches)}
    rows = issues("repo:acme/app label:nothing", "number")
    answers = world.read(*counts(searches, **texts), rows)
    hidden = {key for key, answer in answers.items() if isinstance(answer, ReadError)}
    assert hidden == {f"k{n}" for n in range(9, searches, 10)}
    assert {answer.count for answer in answers.values() if isinstance(answer, Reading)} == {0}
    assert len(world.sandbox.requests("github")) == requests + 2
    assert world.meter.count("gh", "rows") == 1


@pytest.mark.parametrize(("beyond", "expected"), [("502", 7), ("partial", 3)])
def test_a_query_too_heavy_is_halved(serial: World, beyond: Any, expected: int) -> None:
    serial.service.alias_limit = 20
    serial.service.beyond_limit = beyond
    answers = serial.read(*counts(50))
    assert {answer.count for answer in answers.values() if isinstance(answer, Reading)} == {1180}
    assert len(answers) == 50
    assert len(serial.sandbox.requests("github")) == expected
    assert serial.waits == []


def test_a_504_for_one_half_keeps_the_other(serial: World) -> None:
    serial.fault(504, times=1)
    serial.fault(502, times=1, skip=1)
    answers = serial.read(*counts(4))
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [1180] * 4
    assert [sent["query"].count(":search(") for sent in serial.sent()] == [4, 3, 1, 1, 0]


def test_one_count_too_heavy_alone_is_an_error_of_its_own(serial: World) -> None:
    heavy = {
        "errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["k0"], "message": "Resource limits"}],
        "data": None,
    }
    serial.fault(200, heavy, times=6)
    error = serial.error(counts(1)[0])
    assert "Narrow the query" in str(error)


def test_a_service_that_is_down_is_not_asked_a_hundred_times(serial: World) -> None:
    serial.fault(502, times=1000)
    answers = serial.read(*counts(50))
    assert all(isinstance(answer, ReadError) for answer in answers.values())
    assert len(serial.sandbox.requests("github")) == 11
    assert len(serial.waits) == 4


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_may_pass_is_tried_again_whole(serial: World, status: int) -> None:
    serial.fault(status, {"message": "later"}, times=2, headers={"Retry-After": "7"} if status == 429 else {})
    assert serial.one(counts(1)[0]).count == 1180
    assert len(serial.sandbox.requests("github")) == 3
    assert len(serial.waits) == 2
    if status == 429:
        assert serial.waits == [7, 7]


@pytest.mark.parametrize(
    ("status", "body", "headers", "least", "most"),
    [
        (403, LIMITED, EMPTY, 28, 32),
        (429, LIMITED, EMPTY, 28, 32),
        (200, {"errors": [{"type": "RATE_LIMITED", **LIMITED}]}, EMPTY, 28, 32),
        (200, {"errors": [{"type": "RATE_LIMIT", **LIMITED}]}, {"Retry-After": "9"}, 9, 9),
        (403, SECONDARY, {}, 60, 60),
        (200, {"errors": [SECONDARY]}, {}, 60, 60),
        (403, SECONDARY, {"Retry-After": "20"}, 20, 20),
    ],
)  # fmt: skip
def test_limits_are_waited_for(
    serial: World, status: int, body: Any, headers: dict[str, str], least: float, most: float
) -> None:
    reset = {
        key: str(int(time.time()) + int(value)) if key.endswith("Reset") else value for key, value in headers.items()
    }
    serial.fault(status, body, headers=reset)
    assert serial.one(counts(1)[0]).count == 1180
    (waited,) = serial.waits
    assert least <= waited <= most


def test_a_limit_longer_than_the_budget_ends_the_connection(serial: World) -> None:
    serial.fault(
        403, LIMITED, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1800)}
    )
    answers = serial.read(*counts(60), issues("repo:acme/app", "number"))
    errors = [answer.error for answer in answers.values() if isinstance(answer, ReadError)]
    assert len(errors) == 61
    assert len(serial.sandbox.requests("github")) == 1
    assert serial.waits == []
    assert "s, and a run waits 60 s at most" in str(errors[0])
    assert "Run again in 31 minutes" in str(errors[0]) or "Run again in 30 minutes" in str(errors[0])


def test_a_wrong_token_is_reported_once(serial: World) -> None:
    serial.service.token = "another"
    answers = serial.read(*counts(60))
    errors = [answer.error for answer in answers.values() if isinstance(answer, ReadError)]
    assert len(errors) == 60
    assert all(isinstance(error, AuthError) for error in errors)
    assert len(serial.sandbox.requests("github")) == 1
    assert "HTTP 401 (Bad credentials)" in str(errors[0])
    assert "$OKRSYNC_TEST_TOKEN (connections.gh.token)" in str(errors[0])


def test_a_403_without_a_limit_is_about_access(serial: World) -> None:
    serial.fault(403, {"message": "Resource protected by organization SAML enforcement."})
    error = serial.error(counts(1)[0])
    assert isinstance(error, AuthError)
    assert "SAML" in str(error)
    assert serial.waits == []
    assert serial.one(counts(1)[0]).count == 1180


def test_a_forbidden_alias_is_about_access(serial: World) -> None:
    body = {
        "data": {"k0": None},
        "errors": [{"type": "FORBIDDEN", "path": ["k0"], "message": "Resource not accessible"}],
    }
    serial.fault(200, body)
    assert isinstance(serial.error(counts(1)[0]), AuthError)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>sign in</html>", b"[]", b"", {"data": "text"}, b'{"data": {"k0": {"issueC',
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_tried_again_and_never_a_number(serial: World, body: Any) -> None:
    serial.fault(200, body)
    assert serial.one(counts(1)[0]).count == 1180
    serial.fault(200, body, times=1000)
    assert isinstance(serial.error(counts(1)[0]), TransientSourceError)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {}}, {"data": None}, {}, {"data": {"k0": None}}, {"data": {"k0": {}}},
        {"data": {"k0": {"issueCount": "x"}}}, {"errors": [{"message": "Parse error"}]},
        {"data": {"k0": {"issueCount": None}}}, {"data": {"k0": {"issueCount": "7"}}},
        {"data": {"k0": {"issueCount": -1}}},
        {"data": {"k0": {"issueCount": True}}}, {"errors": [{"message": "No field 'x'", "path": ["query", "x"]}]},
        {"data": {"k0": {"issueCount": 5}}, "errors": [{"path": ["k0", "issueCount"]}]},
    ],
)  # fmt: skip
def test_an_answer_without_the_number_is_an_error(serial: World, body: Any) -> None:
    serial.fault(200, body)
    serial.error(counts(1)[0])
    assert serial.waits == []


def test_an_error_of_the_whole_query_is_reported_once_and_in_its_words(serial: World) -> None:
    serial.fault(200, {"errors": [{"message": "No field 'x'", "path": ["query", "x"]}]}, times=1000)
    answers = serial.read(*counts(50))
    assert all("No field 'x'" in str(answer.error) for answer in answers.values() if isinstance(answer, ReadError))
    assert len(serial.sandbox.requests("github")) == 2


def test_an_answer_that_breaks_off_is_tried_again(serial: World) -> None:
    serial.fault(200, {"data": {"k0": {"issueCount": 3}}}, cut=10)
    assert serial.one(counts(1)[0]).count == 1180
    assert len(serial.waits) == 1


def test_a_port_without_a_service_is_transient_and_names_the_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sandbox.stop()
    error = world.error(counts(1)[0])
    assert isinstance(error, TransientSourceError)
    assert "ConnectionError" in str(error)
    assert world.sandbox.service_url("github") in error.advice
    monkeypatch.setattr(world.sandbox, "stop", lambda: None)


@pytest.mark.parametrize("reset", ["soon", "1e999", "nan"])
def test_a_header_that_is_no_number_costs_only_its_read(serial: World, reset: str) -> None:
    serial.fault(403, LIMITED, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})
    assert "Error: " in str(serial.error(counts(1)[0]))


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (requests.exceptions.ReadTimeout(), UnreachableError, "ReadTimeout"),
        (requests.exceptions.ConnectTimeout(), UnreachableError, "ConnectTimeout"),
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, TOKEN)), UntrustedError, "ca_bundle"),
        (requests.exceptions.SSLError(ssl.SSLEOFError(8, TOKEN)), UnreachableError, "SSLError"),
        (OSError("no bundle"), SourceError, "no bundle"),
        (RuntimeError("redirected"), SourceError, "redirected"),
    ],
)
def test_faults_below_http(
    serial: World, monkeypatch: pytest.MonkeyPatch, raised: Exception, kind: type[SourceError], words: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise raised

    monkeypatch.setattr("github.Requester.Requester.requestJson", fail)
    error = serial.error(counts(1)[0])
    assert type(error) is kind
    assert words in str(error)


def test_rows_hold_the_columns_asked_and_nothing_more(world: World) -> None:
    reading = world.one(issues("repo:acme/app milestone:v2.0", "state", "closed"))
    assert reading.count == 16
    rows = world.kept.rows["rows"]
    assert list(world.kept.types("rows")) == ["closed", "state"]
    assert sum(row["state"] == "closed" for row in rows) == 10
    assert all((row["closed"] is None) == (row["state"] == "open") for row in rows)
    (sent,) = world.sent()
    assert "nodes{...on Issue{closedAt state url createdAt}}" in sent["query"]
    assert world.meter.count("gh", "rows") == 1


def test_every_column_of_issues(world: World) -> None:
    made = item(
        7, "2026-10-01T00:00:00Z", title="萬", state="closed", state_reason="duplicate", labels=["a", "b"], author=None,
        assignees=["amy"], closed_at="2026-10-02T12:00:00Z", comments=3,
    )  # fmt: skip
    world.service.load({"repositories": {"o/r": repository("o/r", items=[made])}})
    world.one(issues("repo:o/r", *(column.name for column in world.source.tables["issues"].columns)))
    url, ended = f"{world.sandbox.service_url('github')}/o/r/issues/7", datetime(2026, 10, 2, 12, tzinfo=UTC)
    assert world.kept.rows["rows"] == [
        {
            "number": 7, "repository": "o/r", "title": "萬", "author": None, "assignees": ["amy"], "labels": ["a", "b"],
            "milestone": None, "created": datetime(2026, 10, 1, tzinfo=UTC), "closed": ended, "updated": ended,
            "comments": 3, "url": url, "state": "closed",
            "state_reason": "duplicate", "lead_time_hours": 36.0, "parent": None, "sub_issues_total": 0,
            "sub_issues_completed": 0,
        }
    ]  # fmt: skip


def test_every_column_of_pull_requests(world: World) -> None:
    read = Read(
        "rows", "pull_requests", {"search": "repo:acme/app is:merged merged:>={cycle.start} sort:updated-desc"},
        tuple(column.name for column in world.source.tables["pull_requests"].columns), instants={"cycle.start": START},
    )  # fmt: skip
    assert world.one(read).count == 60
    rows = world.kept.rows["rows"]
    leads = sorted(float(str(row["lead_time_hours"])) for row in rows)
    assert leads[0] == 0.5
    assert leads[-1] == pytest.approx(14.5)
    assert {row["state"] for row in rows} == {"merged"}
    assert {row["base_branch"] for row in rows} == {"main"}
    assert all(
        isinstance(row[name], int) for row in rows for name in ("additions", "deletions", "changed_files", "reviews")
    )
    assert all(row["draft"] is False and row["merged"] == row["closed"] for row in rows)


def test_no_row_is_still_given_to_the_store(world: World) -> None:
    assert world.one(issues("repo:acme/app label:nothing", "number")).count == 0
    assert world.kept.rows["rows"] == []


def test_a_read_without_columns_brings_what_identifies_a_row(world: World) -> None:
    world.one(issues("repo:acme/app milestone:v2.0"))
    assert list(world.kept.types("rows")) == ["url"]


def test_more_than_a_thousand_rows_are_cut_by_creation_date(world: World) -> None:
    read = Read("rows", "pull_requests", {"search": "repo:acme/app"}, ("number", "merged"))
    assert world.one(read).count == 1240
    rows = world.kept.rows["rows"]
    assert len({row["number"] for row in rows}) == len(rows) == 1240
    assert sum(row["merged"] is not None for row in rows) == 1180
    assert all(len(sent["variables"]) <= 50 for sent in world.sent())


def totals(*numbers: int) -> dict[str, Any]:
    return {"data": {f"k{n}": {"issueCount": number} for n, number in enumerate(numbers)}}


@pytest.mark.parametrize("times", [1, 3])
def test_slices_that_do_not_add_up_are_measured_again(serial: World, times: int) -> None:
    read = Read("rows", "pull_requests", {"search": "repo:acme/app"}, ("number",))
    serial.fault(200, totals(1240, 400, 400, 400), match="/graphql", skip=1, times=times)
    if times == 1:
        assert serial.one(read).count == 1240
    else:
        assert "do not add up" in str(serial.error(read))
        assert serial.kept.rows == {}


@pytest.mark.parametrize("count", [{}, {"issueCount": "400"}, {"issueCount": None}])
def test_a_slice_without_its_number_is_an_error(serial: World, count: dict[str, Any]) -> None:
    data = totals(1240, 840, 400)["data"] | {"k2": count}
    serial.fault(200, {"data": data}, skip=1)
    error = serial.error(Read("rows", "pull_requests", {"search": "repo:acme/app"}, ("number",)))
    assert "not as documented" in str(error)


def test_parts_of_a_slice_that_do_not_add_up_are_an_error(serial: World) -> None:
    serial.fault(200, totals(1240, 1100, 100, 40), skip=1)
    serial.fault(200, totals(1240, 500, 500, 99), skip=1)
    assert "do not add up" in str(serial.error(Read("rows", "pull_requests", {"search": "repo:acme/app"}, ("number",))))


def test_a_slice_that_has_grown_too_large_is_an_error(serial: World) -> None:
    grown = {"issueCount": 1001, "pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []}
    serial.fault(200, {"data": {"search": grown}}, skip=2)
    assert "do not add up" in str(serial.error(Read("rows", "pull_requests", {"search": "repo:acme/app"}, ("number",))))


def test_the_searches_own_created_is_narrowed_not_doubled(world: World) -> None:
    world.service.load({"repositories": {"o/r": busy(2500)}})
    first = datetime(2026, 1, 1, tzinfo=UTC)
    search = f"repo:o/r created:>{stamp(first + timedelta(hours=99))}"
    assert world.one(issues(search, "number")).count == 2400
    numbers = [row["number"] for row in world.kept.rows["rows"]]
    assert len(numbers) == 2400
    assert set(numbers) == set(range(101, 2501))


def test_a_crowd_on_one_day_is_cut_further(world: World) -> None:
    crowd = busy(3000, spread=timedelta(seconds=2))
    crowd["items"].append(item(9999, "2020-01-01T00:00:00Z", title="old"))
    world.service.load({"repositories": {"o/r": crowd}})
    assert world.one(issues("repo:o/r", "number")).count == 3001
    assert len({row["number"] for row in world.kept.rows["rows"]}) == 3001


def test_a_thousand_within_one_second_is_an_error_not_a_smaller_number(world: World) -> None:
    world.service.load({"repositories": {"o/r": busy(1001, spread=timedelta())}})
    assert "within one second" in str(world.error(issues("repo:o/r", "number")))
    assert world.one(Read("k", "issues", {"search": "repo:o/r"}, count_only=True)).count == 1001


@pytest.mark.parametrize("page", [2, 3])
def test_a_list_that_changes_while_it_is_read_is_read_again(serial: World, page: int) -> None:
    serial.service.load({"repositories": {"o/r": busy(250)}})
    seen: list[Request] = []

    def close_one(request: Request) -> None:
        seen.append(request)
        if len(seen) == page:
            serial.service.state.change_item({"repository": "o/r", "number": 5, "state": "closed"})

    serial.sandbox.hooks["github"] = close_one
    assert serial.one(issues("repo:o/r is:open", "number")).count == 249
    numbers = {row["number"] for row in serial.kept.rows["rows"]}
    assert numbers == set(range(1, 251)) - {5}


def test_a_list_that_never_rests_is_an_error(serial: World) -> None:
    serial.service.load({"repositories": {"o/r": busy(250)}})
    seen: list[Request] = []

    def close_one(request: Request) -> None:
        seen.append(request)
        serial.service.state.change_item({"repository": "o/r", "number": len(seen), "state": "closed"})

    serial.sandbox.hooks["github"] = close_one
    assert "The list kept changing" in str(serial.error(issues("repo:o/r is:open", "number")))
    assert "rows" not in serial.kept.rows


def test_a_page_too_heavy_is_asked_for_in_smaller_ones(serial: World) -> None:
    serial.fault(502, times=2)
    assert serial.one(issues("repo:acme/app", "number")).count == 80
    assert [sent["variables"]["first"] for sent in serial.sent()] == [100, 50, 25, 25, 25, 25]
    assert serial.waits == []
    partial = {
        "data": {"search": None},
        "errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["search"], "message": "x"}],
    }
    serial.fault(200, partial)
    assert serial.one(issues("repo:acme/app", "number")).count == 80


def test_a_page_that_stays_too_heavy_is_an_error(serial: World) -> None:
    serial.fault(502, times=1000)
    assert isinstance(serial.error(issues("repo:acme/app", "number")), HeavyError)
    assert [sent["variables"]["first"] for sent in serial.sent()] == [100, 50, 25, 20, 20, 20, 20, 20]


def test_a_second_page_that_fails_leaves_no_rows(serial: World) -> None:
    serial.service.load({"repositories": {"o/r": busy(150)}})
    serial.fault(404, {"message": "Not Found"}, skip=1)
    serial.error(issues("repo:o/r", "number"))
    assert serial.kept.rows == {}


@pytest.mark.parametrize(
    "node",
    [
        {"url": "u", "createdAt": "2026-10-01T00:00:00Z", "number": "seven"},
        {"createdAt": "2026-10-01T00:00:00Z", "number": 7},
        None,
    ],
)
def test_a_node_that_is_not_as_documented_is_an_error(serial: World, node: Any) -> None:
    connection = {"issueCount": 1, "pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [node]}
    serial.fault(200, {"data": {"search": connection}}, times=3)
    serial.error(issues("repo:acme/app", "number"))
    assert serial.kept.rows == {}


@pytest.mark.parametrize("cursor", [None, "again"])
def test_a_cursor_that_stands_still_is_not_followed_for_ever(serial: World, cursor: str | None) -> None:
    node = {"url": "u", "createdAt": "2026-10-01T00:00:00Z", "number": 7}
    page = {"issueCount": 2, "pageInfo": {"hasNextPage": True, "endCursor": cursor}, "nodes": [node]}
    serial.fault(200, {"data": {"search": page}}, times=1000)
    assert "1 of 2 rows were received" in str(serial.error(issues("repo:acme/app", "number")))
    assert len(serial.sandbox.requests("github")) == (3 if cursor is None else 6)


@pytest.mark.parametrize("body", [{"data": {"search": {"issueCount": 1}}}, {"data": {"search": None, "x": 1}}])
def test_a_page_that_is_not_as_documented_is_an_error(serial: World, body: Any) -> None:
    serial.fault(200, body)
    assert "answer" in serial.error(issues("repo:acme/app", "number")).saw
    assert serial.kept.rows == {}


@pytest.mark.parametrize(
    ("table", "search", "words"),
    [
        ("issues", "repo:acme/app is:pr", "pull_requests"),
        ("issues", "repo:acme/app is:merged", "pull_requests"),
        ("pull_requests", "repo:acme/app type:issue", "issues"),
        ("issues", " ", "the search is missing"),
    ],
)
def test_a_search_of_the_other_type_is_refused_before_it_is_sent(
    world: World, table: str, search: str, words: str
) -> None:
    assert words in str(world.error(Read("k", table, {"search": search}, count_only=True)))
    assert world.sandbox.requests("github") == []


def test_milestones_count_issues_truly(world: World) -> None:
    world.service.state.repositories["acme/app"]["items"][200]["milestone"] = "v2.0"
    columns = tuple(column.name for column in world.source.tables["milestones"].columns)
    reading = world.one(Read("m", "milestones", {"repository": "acme/app"}, columns))
    assert (reading.count, reading.asked) == (3, "acme/app")
    assert reading.link == f"{world.sandbox.service_url('github')}/acme/app/milestones"
    rows = {row["title"]: row for row in world.kept.rows["m"]}
    assert (rows["v2.0"]["open_issues"], rows["v2.0"]["closed_issues"], rows["v2.0"]["progress"]) == (6, 10, 0.625)
    assert (rows["v2.1"]["open_issues"], rows["v2.1"]["progress"]) == (0, None)
    assert (rows["v1.9"]["state"], rows["v2.0"]["repository"]) == ("closed", "acme/app")
    assert isinstance(rows["v2.0"]["due"], datetime)
    assert rows["v2.1"]["due"] is None


@pytest.mark.parametrize("heavy", [False, True])
def test_more_milestones_than_a_page_holds_are_paged(serial: World, heavy: bool) -> None:
    sample = serial.service.state.repositories["acme/app"]["milestones"][0]
    many = [{**sample, "number": n, "title": f"m{n}"} for n in range(1, 251 if not heavy else 21)]
    serial.service.load({"repositories": {"o/r": repository("o/r", milestones=many)}})
    if heavy:
        limits = {"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["k0"], "message": "x"}
        serial.fault(200, {"data": {"k0": None}, "errors": [limits]})
    read = Read("m", "milestones", {"repository": "o/r"}, ("number", "progress"))
    assert serial.one(read).count == len(many)
    assert [row["number"] for row in serial.kept.rows["m"]] == [one["number"] for one in many]
    assert len(serial.sandbox.requests("github")) == (2 if heavy else 4)


@pytest.mark.parametrize("connection", [None, {}, {"totalCount": 1, "pageInfo": {"hasNextPage": False}, "nodes": [1]}])
def test_milestones_that_are_not_as_documented_are_an_error(serial: World, connection: Any) -> None:
    serial.fault(200, {"data": {"k0": {"milestones": connection}}})
    error = serial.error(Read("m", "milestones", {"repository": "o/r"}, ("number",)))
    assert "milestones of o/r" in str(error)
    assert serial.kept.rows == {}


def test_sixty_counts_and_what_stands_below_repositories_are_two_requests(world: World) -> None:
    reads = [
        Read("r", "repositories", {"repository": "acme/app"}, ("stars", "closed_issues")),
        Read("m", "milestones", {"repository": "acme/app"}, ("title", "progress")),
        Read("x", "releases", {"repository": "acme/app"}, ("tag", "published")),
        Read("y", "releases", {"repository": "acme/app"}, count_only=True),
    ]
    answers = world.read(*counts(60, k7="repo:acme/app label:nothing"), *reads)
    found = {key: answer.count for key, answer in answers.items() if isinstance(answer, Reading)}
    assert {key: found[key] for key in ("r", "m", "x", "y", "k7")} == {"r": 1, "m": 3, "x": 5, "y": 5, "k7": 0}
    assert sum(count == 1180 for count in found.values()) == 59
    assert len(found) == 64
    assert len(world.sandbox.requests("github")) == 2


def test_releases_of_two_repositories(world: World) -> None:
    sample = world.service.state.repositories["acme/app"]
    world.service.load({"repositories": {"acme/app": sample, "acme/web": {**sample, "releases": []}}})
    columns = tuple(column.name for column in world.source.tables["releases"].columns)
    reading = world.one(Read("r", "releases", {"repository": "acme/app  acme/web acme/app"}, columns))
    assert (reading.count, reading.asked, reading.link) == (5, "acme/app acme/web", "")
    published = [row["published"] for row in world.kept.rows["r"]]
    assert sum(isinstance(at, datetime) and at >= START for at in published) == 3
    assert world.kept.rows["r"][-1]["tag"] == "v2.0.2"


def test_repositories_and_counts_share_one_request(world: World) -> None:
    columns = tuple(column.name for column in world.source.tables["repositories"].columns)
    answers = world.read(
        Read("r", "repositories", {"repository": "acme/app"}, columns),
        Read("m", "milestones", {"repository": "acme/app"}, count_only=True),
        Read("x", "releases", {"repository": "acme/app"}, count_only=True),
        Read("n", "repositories", {"repository": "acme/app acme/nope"}, ("stars",)),
        *counts(1),
    )
    assert {key: answer.count for key, answer in answers.items() if isinstance(answer, Reading)} == {
        "r": 1, "m": 3, "x": 5, "k0": 1180,
    }  # fmt: skip
    assert len(world.sandbox.requests("github")) == 2
    (row,) = world.kept.rows["r"]
    known = {
        "stars": 640,
        "open_issues": 30,
        "closed_issues": 50,
        "open_pull_requests": 40,
        "merged_pull_requests": 1180,
    }
    assert {name: row[name] for name in known} == known
    assert row["releases"] == 5
    assert isinstance(answers["n"], ReadError)
    assert "repository acme/nope" in str(answers["n"].error)
    assert "n" not in world.kept.rows


@pytest.mark.parametrize("table", ["milestones", "releases", "workflow_runs", "repositories"])
def test_an_unknown_repository_is_an_error_with_advice(world: World, table: str) -> None:
    error = world.error(Read("k", table, {"repository": "acme/nope"}, ("url",)))
    assert "Check the name, and that the token in $OKRSYNC_TEST_TOKEN can read it." in str(error)


@pytest.mark.parametrize("repository", ["", "acme", "acme/app/x", "https://github.com/acme/app"])
def test_what_is_no_repository_is_refused_before_it_is_sent(world: World, repository: str) -> None:
    assert "write owner/name" in str(world.error(Read("k", "releases", {"repository": repository})))
    assert world.sandbox.requests("github") == []


def runs(**query: str) -> Read:
    columns = tuple(column.name for column in registry.tables("github")["workflow_runs"].columns)
    return Read("runs", "workflow_runs", {"repository": "acme/app", **query}, columns, instants={"cycle.start": START})


def test_workflow_runs(world: World) -> None:
    reading = world.one(runs(created=">={cycle.start}", workflow="ci.yml"))
    assert reading.asked == "acme/app created:>=2026-10-01T00:00:00+08:00 workflow:ci.yml"
    rows = world.kept.rows["runs"]
    assert reading.count == len(rows) == 36
    assert {row["conclusion"] for row in rows} == {"success", "failure", None}
    assert all((row["duration_hours"] is None) == (row["status"] != "completed") for row in rows)
    assert {row["workflow"] for row in rows} == {"ci.yml"}
    assert world.meter.count("gh", "workflow runs") == 1
    assert world.one(Read("k", "workflow_runs", {"repository": "acme/app"}, count_only=True)).count == 48


def many_runs(world: World, number: int, spread: timedelta = timedelta(minutes=10)) -> None:
    repo = world.service.state.repositories["acme/app"]
    first = datetime(2026, 10, 1, tzinfo=UTC)
    repo["runs"] = [{**repo["runs"][1], "id": n, "created_at": stamp(first + spread * n)} for n in range(number)]


@pytest.mark.parametrize("created", [{}, {"created": ">={cycle.start}"}, {"created": "2026-10-01..2026-11-20"}])
def test_more_than_a_thousand_runs_are_cut_by_date(world: World, created: dict[str, str]) -> None:
    many_runs(world, 2345)
    assert world.one(runs(**created)).count == 2345
    assert {row["id"] for row in world.kept.rows["runs"]} == set(range(2345))
    assert len(world.kept.rows["runs"]) == 2345
    count = Read("k", "workflow_runs", {"repository": "acme/app", "created": ">=2026-10-01"}, count_only=True)
    assert world.one(count).count == 2345


def test_runs_that_get_lost_are_an_error(world: World) -> None:
    many_runs(world, 1500)
    world.fault(200, {"total_count": 0, "workflow_runs": []}, skip=1)
    assert "of 1500 runs were received" in str(world.error(runs()))


def test_runs_that_cannot_be_cut_are_an_error(world: World) -> None:
    many_runs(world, 1500, timedelta())
    assert "within one second" in str(world.error(runs()))


def test_runs_that_come_in_while_they_are_read_are_read_again(world: World) -> None:
    many_runs(world, 250)
    repo = world.service.state.repositories["acme/app"]
    seen: list[Request] = []

    def start_one(request: Request) -> None:
        seen.append(request)
        if len(seen) == 2:
            repo["runs"].append({**repo["runs"][0], "id": 9999, "created_at": "2026-11-21T00:00:00Z"})

    world.sandbox.hooks["github"] = start_one
    assert world.one(runs()).count == 251
    assert len({row["id"] for row in world.kept.rows["runs"]}) == 251


def test_a_renamed_repository_is_named(world: World) -> None:
    run = {"id": 1, "repository": {"full_name": "acme/product"}}
    world.fault(200, {"total_count": 1, "workflow_runs": [run]})
    error = world.error(runs())
    assert "called acme/product now" in str(error)
    assert "Write acme/product" in error.advice


@pytest.mark.parametrize(
    "body",
    [
        {"workflow_runs": []},
        {"total_count": 1},
        [],
        {"total_count": 1, "workflow_runs": [{"id": 1}]},
        {"total_count": None, "workflow_runs": []},
    ],
)
def test_runs_that_are_not_as_documented_are_an_error(world: World, body: Any) -> None:
    world.fault(200, body)
    world.error(runs())
    assert "runs" not in world.kept.rows


def test_an_unknown_workflow_and_a_bad_date_are_errors(world: World) -> None:
    assert "404" in str(world.error(runs(workflow="nope yml")))
    assert "Validation Failed" in str(world.error(runs(created="soon")))


def test_lanes_use_clients_of_their_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = GitHubClient._open

    def counted(client: GitHubClient, sign_in: Auth.Auth) -> Any:
        made.append(client)
        return real(client, sign_in)

    monkeypatch.setattr(GitHubClient, "_open", counted)
    world.sandbox.latency_seconds = 0.02
    reads = [Read(f"k{n}", "issues", {"search": f"repo:acme/app milestone:v2.0 t{n}"}, ("number",)) for n in range(20)]
    assert len(world.read(*reads)) == 20
    assert 1 < len(made) <= 8


def test_a_source_may_be_closed_twice_and_abandoned(world: World) -> None:
    before, batches = lanes(), 40
    world.sandbox.latency_seconds = 0.02
    answers = iter(world.source.read(counts(50 * batches), world.kept))
    next(answers)
    del answers
    world.source.close()
    world.source.close()
    assert lanes() <= before
    assert len(world.sandbox.requests("github")) < batches
