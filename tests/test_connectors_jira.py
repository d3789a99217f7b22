import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import AuthError, SourceError, TransientSourceError
from connectors import registry
from connectors.jira import pages as jira_pages
from connectors.jira import values as jira_values
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.jira.issues import Issue, Sprint, jira_time
from connectors.sandbox.server import Request, Response
from jira_kit import BUGS, NOW, START, TAIPEI, Bench, counted, many, open_bench
from sandbox_kit import Fault


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        yield made


def test_a_count_is_one_request_with_ids(bench: Bench) -> None:
    reading = bench.count()
    assert reading.count == 20
    assert len(set(reading.ids)) == 20
    assert all(key.startswith("CORE-") for key in reading.ids)
    assert reading.asked == f"project = CORE AND type = Bug AND created >= {int(START.timestamp() * 1000)}"
    assert bench.sent() == [("search/jql", {"jql": reading.asked, "fields": ["key"], "maxResults": 5000})]
    link = urlsplit(reading.link)
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{bench.box.service_url('jira')}/issues/"
    assert parse_qs(link.query) == {"jql": [reading.asked]}
    assert reading.read_at.tzinfo is UTC
    assert [(call.connection, call.kind) for call in bench.meter.calls] == [("tracker", "id walk")]
    assert bench.meter.calls[0].bytes_received > 20


def test_a_count_above_5000_walks_on_and_stays_exact(bench: Bench) -> None:
    bench.site().replace(many(12_345))
    reading = bench.count("project = BIG")
    assert (reading.count, len(set(reading.ids))) == (12_345, 12_345)
    assert bench.meter.count(kind="id walk") == 3
    tokens = [body.get("nextPageToken") for _, body in bench.sent()]
    assert tokens[0] is None
    assert len(set(tokens)) == 3


def test_data_center_counts_in_one_request(bench: Bench) -> None:
    reading = bench.count("project = CORE", name="jira-dc")
    assert (reading.count, reading.ids) == (60, ())
    assert bench.sent("jira-dc") == [
        ("search", {"jql": "project = CORE", "startAt": 0, "maxResults": 0, "fields": ["id"]})
    ]
    assert bench.meter.count(kind="count") == 1


def test_data_center_reads_dates_in_the_accounts_zone_and_asks_for_it_once(bench: Bench) -> None:
    first, second = bench.read(counted(BUGS, "a"), counted(f"{BUGS} AND created < {{cycle.end}}", "b"), name="jira-dc")
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    assert (first.count, second.count) == (20, 20)
    assert first.asked.endswith('created >= "2026-09-30 12:00"')
    assert second.asked.endswith('created < "2026-12-31 11:00"')
    assert bench.meter.count(kind="account") == 1


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("name", ["jira", "jira-dc"])
def test_a_quoted_placeholder_is_read_as_meant(bench: Bench, name: str, quote: str) -> None:
    jql = BUGS.replace("{cycle.start}", f"{quote}{{cycle.start}}{quote}")
    assert bench.count(jql, name=name).count == 20


EVERY = {
    "key": "CORE-7",
    "id": "10007",
    "project": "CORE",
    "type": "Story",
    "status": "Done",
    "status_category": "done",
    "priority": "Medium",
    "components": [],
    "fix_versions": ["2.0"],
    "labels": ["payment", "customer"],
    "parent": "CORE-1",
    "sprint": "CORE Sprint 1",
    "resolution": "Done",
    "due": None,
    "story_points": 2.0,
}


@pytest.mark.parametrize("name", ["jira", "jira-dc"])
def test_every_column_has_its_type(bench: Bench, name: str) -> None:
    table = registry.tables("jira", bench.connection(name))["issues"]
    bench.rows("project = CORE", *(column.name for column in table.columns), name=name)
    assert len(bench.store.rows) == 60
    [row] = [row for row in bench.store.rows if row["key"] == "CORE-7"]
    assert {column: row[column] for column in EVERY} == EVERY
    issue = bench.site(name).issues["CORE-7"]
    assert issue.resolved is not None
    assert row["created"] == issue.created
    assert row["resolved"] == row["updated"] == issue.resolved
    assert row["lead_time_hours"] == (issue.resolved - issue.created).total_seconds() / 3600
    assert (row["summary"], row["assignee"], row["reporter"]) == (issue.summary, issue.assignee, issue.reporter)
    assert row["url"] == f"{bench.box.service_url(name)}/browse/CORE-7"
    unsettled = [row for row in bench.store.rows if row["resolved"] is None]
    assert unsettled
    assert all(row["lead_time_hours"] is None and row["resolution"] is None for row in unsettled)
    python = {"text": str, "number": float, "timestamp": datetime, "list": list, "integer": int, "boolean": bool}
    for column in table.columns:
        values = [row[column.name] for row in bench.store.rows]
        assert all(value is None or isinstance(value, python[column.type]) for value in values), column.name
        assert all(not column.values or value in column.values for value in values)
        assert all(not isinstance(value, datetime) or value.tzinfo is UTC for value in values)
    assert {row["status_category"] for row in bench.store.rows} == {"new", "indeterminate", "done"}


def test_only_the_named_fields_are_asked_for(bench: Bench) -> None:
    bench.rows("type = Story", "status_category", "story_points", "lead_time_hours", "url")
    [(path, body)] = bench.sent()
    assert path == "search/jql"
    assert body["fields"] == ["status", "customfield_10016", "created", "resolutiondate", "key"]
    assert body["maxResults"] == 5000
    assert [column.name for column in bench.store.columns] == [
        "status_category",
        "story_points",
        "lead_time_hours",
        "url",
    ]
    done = [row["story_points"] for row in bench.store.rows if row["status_category"] == "done"]
    assert sum(value for value in done if isinstance(value, float)) == 55
    assert {call.kind for call in bench.meter.calls} == {"rows"}


@pytest.mark.parametrize("name", ["jira", "jira-dc"])
def test_a_query_without_issues_is_a_complete_answer(bench: Bench, name: str) -> None:
    assert bench.rows("labels = nobody", "key", "story_points", name=name).count == 0
    assert bench.store.pages == [[]]
    assert [column.name for column in bench.store.columns] == ["key", "story_points"]


def test_a_read_without_columns_brings_keys(bench: Bench) -> None:
    assert bench.rows("type = Epic").count == 2
    assert bench.store.rows == [{"key": "CORE-1"}, {"key": "CORE-2"}]


def test_the_sprint_field_is_looked_up_once_and_only_where_it_is_read(bench: Bench) -> None:
    sprints = (Sprint(9, "late", "closed"), Sprint(8, "early", "active"))
    bench.site().replace([Issue(1, "A-1", "x", NOW, sprints=sprints), Issue(2, "A-2", "x", NOW)])
    reads = [Read(key, "issues", {"jql": "project = A"}, ("key", "sprint")) for key in "ab"]
    bench.read(*reads)
    assert bench.meter.count(kind="fields") == 1
    assert sorted(str(row["sprint"]) for row in bench.store.rows) == ["None", "None", "late", "late"]
    named = {"sprint": {"id": "customfield_10020", "type": "list"}}
    bench.rows("project = A", "sprint", fields=named)
    assert bench.meter.count(kind="fields") == 1
    assert bench.store.rows[-2:] == [{"sprint": ["late", "early"]}, {"sprint": None}]


def test_a_site_without_sprints_says_so(bench: Bench) -> None:
    bench.box.faults.append(Fault("jira", "/field", 200, []))
    error = bench.column_fails("project = CORE", "sprint")
    assert "the site has no sprint field" in str(error)
    assert "connections.tracker.fields.sprint" in str(error)


def test_short_pages_are_followed_to_the_end(bench: Bench) -> None:
    bench.site().replace(many(230))
    assert bench.rows("project = BIG", "story_points").count == 230
    assert [len(page) for page in bench.store.pages] == [230]
    assert bench.meter.count() == 3


def test_many_short_pages_are_read_by_id_side_by_side(bench: Bench) -> None:
    bench.site().replace(many(2_345))
    reading = bench.rows("project = BIG ORDER BY key", "key", "story_points")
    assert reading.count == 2_345
    assert [row["key"] for row in bench.store.rows] == [f"BIG-{at}" for at in range(2_345)]
    paths = [path for path, _ in bench.sent()]
    assert (paths.count("search/jql"), paths.count("issue/bulkfetch")) == (4, 21)
    assert bench.meter.count(kind="id walk") == 1
    assert bench.meter.count(kind="rows") == 24


@pytest.mark.parametrize(("cap", "lanes", "count"), [(400, 1, 2_345), (5000, 8, 12_000)])
def test_long_pages_are_not_worth_reading_by_id(bench: Bench, cap: int, lanes: int, count: int) -> None:
    bench.site().replace(many(count))
    bench.site().page_cap = cap
    assert bench.rows("project = BIG", "key", "summary", lanes=lanes).count == count
    assert len({row["key"] for row in bench.store.rows}) == count
    assert "issue/bulkfetch" not in [path for path, _ in bench.sent()]


def test_long_pages_that_end_early_are_no_smaller_number(bench: Bench) -> None:
    bench.site().replace(many(5_000))
    bench.site().page_cap = 1000
    handle, pages = bench.site().handle, []

    def instead(request: Request) -> Response:
        answer = handle(request)
        if b'"summary"' in request.body:
            pages.append(answer)
            answer.body.pop("nextPageToken" if len(pages) == 4 else "", None)
        return answer

    bench.site().handle = instead  # type: ignore[method-assign]
    error = bench.fails("project = BIG", "summary")
    assert "4000 issues were received in pages, 5000 ids one by one; 1000 differ" in str(error)


def test_an_issue_that_goes_while_it_is_read_by_id_is_no_smaller_number(bench: Bench) -> None:
    bench.site().replace(many(1_000))

    def delete(request: Any) -> None:
        if request.path.endswith("bulkfetch") and "BIG-999" in bench.site().issues:
            bench.site().remove("BIG-999")

    bench.box.hooks["jira"] = delete
    error = bench.fails("project = BIG", "summary")
    assert "1 of 100 issues were not returned" in str(error)
    assert "run again" in error.advice


def test_data_center_pages_side_by_side_in_a_total_order(bench: Bench) -> None:
    bench.site("jira-dc").replace(many(3_500))
    assert bench.rows("project = BIG", "key", name="jira-dc").count == 3_500
    assert [row["key"] for row in bench.store.rows] == [f"BIG-{at}" for at in range(3_500)]
    asked = bench.sent("jira-dc")
    assert sorted(body["startAt"] for _, body in asked) == [0, 1000, 2000, 3000]
    assert {body["jql"] for _, body in asked} == {"project = BIG ORDER BY key"}


@pytest.mark.parametrize(
    ("jql", "sent"),
    [
        ("project = CORE", "project = CORE ORDER BY key"),
        ("project = CORE order by created desc", "project = CORE order by created desc, key"),
        ("project = CORE ORDER  BY issuekey", "project = CORE ORDER  BY issuekey"),
        ("summary ~ 'order by key'", "summary ~ 'order by key' ORDER BY key"),
        ("summary ~ 'order by' order by created", "summary ~ 'order by' order by created, key"),
    ],
)
def test_data_center_queries_end_in_a_total_order(bench: Bench, jql: str, sent: str) -> None:
    reading = bench.rows(jql, "key", name="jira-dc")
    assert bench.sent("jira-dc")[0][1]["jql"] == sent
    assert reading.asked == jql


def test_data_center_that_changes_between_pages_is_no_number(bench: Bench) -> None:
    bench.site("jira-dc").replace(many(2_500))

    def delete(request: Any) -> None:
        if b'"startAt": 0' not in request.body and "BIG-0" in bench.site("jira-dc").issues:
            bench.site("jira-dc").remove("BIG-0")

    bench.box.hooks["jira-dc"] = delete
    assert "2500 issues became 2499" in str(bench.fails("project = BIG", "key", name="jira-dc"))


def test_repeated_issues_count_once(bench: Bench) -> None:
    page = {"issues": [{"id": "1", "key": "A-1"}, {"id": "2", "key": "A-2"}], "nextPageToken": "t"}
    last = {"issues": [{"id": "2", "key": "A-2"}, {"id": "3", "key": "A-3"}]}
    bench.box.faults += [Fault("jira", "", 200, body) for body in (page, last, page, last)]
    assert bench.count("project = CORE").ids == ("A-1", "A-2", "A-3")
    assert bench.rows("project = CORE", "key").count == 3
    assert bench.store.rows == [{"key": "A-1"}, {"key": "A-2"}, {"key": "A-3"}]


def test_data_center_repeats_that_hide_issues_are_an_error(bench: Bench) -> None:
    body = {"total": 3, "issues": [{"id": "1", "key": "A-1"}, {"id": "1", "key": "A-1"}, {"id": "2", "key": "A-2"}]}
    bench.box.faults.append(Fault("jira-dc", "", 200, body))
    error = bench.fails("project = CORE", "key", name="jira-dc")
    assert "2 different issues were received, but Jira counts 3" in str(error)


def test_an_empty_first_page_of_data_center_is_an_error_where_issues_are_counted(bench: Bench) -> None:
    bench.box.faults.append(Fault("jira-dc", "", 200, {"total": 3, "issues": []}))
    assert "0 different issues were received" in str(bench.fails("project = CORE", "key", name="jira-dc"))


def test_one_bad_query_costs_only_itself(bench: Bench) -> None:
    good, bad, also = bench.read(
        counted(BUGS, "a"), counted("project = NOPE", "b"), Read("c", "issues", {"jql": "type = Epic"}, ("key",))
    )
    assert isinstance(good, Reading)
    assert isinstance(also, Reading)
    assert isinstance(bad, ReadError)
    assert str(bad.error) == (
        "jira 'tracker': POST /rest/api/2/search/jql: HTTP 400 (The value 'NOPE' does not exist for the field "
        "'project'.). Its key results were left as they were.\n"
        "Correct the measure's jql; Jira's search page shows the same message."
    )


def test_stopping_early_leaves_nothing_running(bench: Bench) -> None:
    source = bench.open(lanes=1)
    answers = source.read([counted(BUGS, str(at)) for at in range(50)], bench.store)
    next(answers)
    answers.close()
    assert len(bench.box.requests()) < 50


PAGE = "<html><body>" + "Log in " * 100 + "</body></html>"
TOKEN = {"issues": [{"id": "1"}], "nextPageToken": "again"}
HTML = {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    ("faults", "kind", "texts"),
    [
        ([Fault("jira", "", 401, {"errorMessages": ["Nope."]})], AuthError, ["HTTP 401 (Nope.)", "$JIRA_TOKEN"]),
        ([Fault("jira", "", 403, PAGE.encode(), HTML)], AuthError, ["HTTP 403 (an HTML page)", "permissions"]),
        (
            [Fault("jira", "", 403, {}, {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"})],
            AuthError,
            ["sign-in denied: CAPTCHA_CHALLENGE", "connections.tracker.token"],
        ),
        ([Fault("jira", "", 404, {})], SourceError, ["HTTP 404", "connections.tracker.url", "deployment: data_center"]),
        ([Fault("jira", "", 410, {"errorMessages": ["Gone"], "errors": None})], SourceError, ["HTTP 410 (Gone)"]),
        ([Fault("jira", "", 400, {"errors": {"jql": "is odd"}})], SourceError, ["HTTP 400 (is odd)", "jql"]),
        ([Fault("jira", "", 400, {"errorMessages": "x" * 900})], SourceError, ["x…"]),
        ([Fault("jira", "", 413, {"errorMessages": [None, 5]})], SourceError, ["HTTP 413."]),
        ([Fault("jira", "", 500, {"message": None}, times=5)], TransientSourceError, ["HTTP 500", "Try again"]),
        ([Fault("jira", "", 503, b"null", times=5)], TransientSourceError, ["HTTP 503"]),
        ([Fault("jira", "", 503, b"[1", times=5)], TransientSourceError, ["HTTP 503"]),
        ([Fault("jira", "", 429, PAGE.encode(), HTML, times=5)], TransientSourceError, ["HTTP 429 (an HTML page)"]),
        ([Fault("jira", "", 302, b"", {"Location": "https://sso.example/login"})], SourceError, ["302", "sso.example"]),
        ([Fault("jira", "", 200, PAGE.encode(), HTML)], SourceError, ["an HTML page instead of JSON", "login page"]),
        ([Fault("jira", "", 200, PAGE.encode())], SourceError, ["an HTML page instead of JSON"]),
        ([Fault("jira", "", 200, b'{"issues": [{"id"', times=5)], TransientSourceError, ["cut off or no JSON"]),
        ([Fault("jira", "", 200, {"issues": []}, cut=5, times=5)], TransientSourceError, ["the answer broke off"]),
        ([Fault("jira", "", 200, b"", times=5)], TransientSourceError, ["an empty answer"]),
        ([Fault("jira", "", 200, b'{"issues": [NaN]}', times=5)], TransientSourceError, ["no JSON"]),
        ([Fault("jira", "", 200, [1])], SourceError, ["not a JSON object"]),
        ([Fault("jira", "", 200, {})], SourceError, ["no list of issues"]),
        ([Fault("jira", "", 200, {"issues": None})], SourceError, ["no list of issues"]),
        ([Fault("jira", "", 200, {"issues": [{"key": "A-1"}]})], SourceError, ["an issue has no id"]),
        ([Fault("jira", "", 200, {"issues": ["10001"]})], SourceError, ["an issue is not an object"]),
        ([Fault("jira", "", 200, TOKEN, times=2)], SourceError, ["the same page token came twice"]),
        ([Fault("jira", "", 200, {"issues": [], "nextPageToken": 5})], SourceError, ["a page token is not a text"]),
        (
            [Fault("jira", "", 200, TOKEN), Fault("jira", "", 500, {}, times=5)],
            TransientSourceError,
            ["HTTP 500"],
        ),
    ],
)
@pytest.mark.parametrize("columns", [(), ("id",)])
def test_faults_are_errors_and_never_numbers(
    bench: Bench, faults: list[Fault], kind: type[SourceError], texts: list[str], columns: tuple[str, ...]
) -> None:
    bench.box.faults += [Fault(**{name: getattr(fault, name) for name in Fault.__slots__}) for fault in faults]
    error = bench.fails("project = CORE", *columns)
    assert isinstance(error, kind)
    assert isinstance(error, TransientSourceError) == issubclass(kind, TransientSourceError)
    shown = str(error)
    assert all(text in shown for text in texts), shown
    assert shown.startswith(("jira 'tracker': POST /rest/api/2/search/jql: ", "jira 'tracker': reading issues: "))
    assert "Its key results were left as they were." in shown
    assert error.advice in shown
    assert error.advice
    assert "sandbox-token" not in shown + repr(error)
    assert len(shown) < 600


@pytest.mark.parametrize("body", [{}, {"total": "3"}, {"total": True}, {"total": -1}, {"total": None}])
def test_data_center_without_a_total_is_an_error(bench: Bench, body: Mapping[str, object]) -> None:
    bench.box.faults.append(Fault("jira-dc", "", 200, body))
    assert "the answer has no total" in str(bench.fails("project = CORE", name="jira-dc"))


@pytest.mark.parametrize("answer", [{}, [], {"timeZone": "Mars/LastWritten"}, {"timeZone": 8}, {"timeZone": "../x"}])
def test_data_center_without_a_zone_is_an_error(bench: Bench, answer: object) -> None:
    bench.box.faults.append(Fault("jira-dc", "myself", 200, answer))
    error = bench.fails(BUGS, name="jira-dc")
    assert "the account's time zone is not known" in str(error)
    assert len(bench.box.requests()) == 1


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "7"}, [7.0]),
        ({"Retry-After": "0"}, [1.0]),
        ({"Retry-After": "1.5"}, [1.5]),
        ({"retry-after": format_datetime(datetime(2026, 1, 1, tzinfo=UTC), usegmt=True)}, [1.0]),
    ],
)
def test_a_rate_limit_is_waited_out_as_asked(bench: Bench, headers: dict[str, str], waits: list[float]) -> None:
    bench.box.faults.append(Fault("jira", "", 429, PAGE.encode(), {**HTML, **headers}))
    assert bench.count().count == 20
    assert bench.slept == waits
    assert bench.meter.count(kind="id walk") == 2


def test_a_rate_limit_with_a_date_or_without_a_hint(bench: Bench) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    bench.box.faults += [Fault("jira", "", 429, {}, {"Retry-After": soon}), Fault("jira", "", 429, {})]
    assert bench.count().count == 20
    assert 20 < bench.slept[0] <= 30
    assert 0 <= bench.slept[1] <= 20


def test_a_quota_that_asks_for_an_hour_ends_at_once(bench: Bench) -> None:
    headers = {"Retry-After": "3600", "RateLimit-Reason": "jira-quota-tenant-based"}
    bench.box.faults.append(Fault("jira", "", 429, PAGE.encode(), {**HTML, **headers}, times=9))
    error = bench.fails()
    assert isinstance(error, TransientSourceError)
    assert error.retry_after_seconds == 3600
    assert "lanes" in error.advice
    assert bench.slept == []
    assert len(bench.box.requests()) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again_and_no_more_often_than_the_policy_says(bench: Bench, status: int) -> None:
    bench.box.faults.append(Fault("jira", "", status, {}, times=2))
    assert bench.count().count == 20
    assert len(bench.box.requests()) == 3
    bench.box.faults.append(Fault("jira", "", status, {}, times=9))
    bench.fails(tries=2)
    assert len(bench.box.requests()) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_final_answers_are_not_asked_for_again(bench: Bench, status: int) -> None:
    bench.box.faults.append(Fault("jira", "", status, {}))
    bench.fails()
    assert len(bench.box.requests()) == 1
    assert bench.slept == []


def test_a_page_that_fails_in_the_middle_is_tried_again(bench: Bench) -> None:
    bench.site().replace(many(230))
    bench.box.faults.append(Fault("jira", "", 503, {}, skip=1))
    assert bench.rows("project = BIG", "summary").count == 230
    assert len(bench.box.requests()) == 4
    assert len(bench.store.rows) == 230


def test_a_slow_answer_says_what_came(bench: Bench) -> None:
    bench.box.faults.append(Fault("jira", "", 0, delay_seconds=0.3))
    error = bench.fails(timeout=0.05, tries=1)
    assert isinstance(error, TransientSourceError)
    assert "no complete answer within 0.05 s (nothing was received)" in str(error)
    assert "connections.tracker.timeout" in error.advice


def test_a_refused_connection_names_its_type(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jira.resilientsession.time.sleep", None)  # the library must not wait by itself
    error = bench.fails(url="http://127.0.0.1:1", tries=2)
    assert isinstance(error, TransientSourceError)
    assert "ConnectionError" in str(error)
    assert len(bench.slept) == 1
    assert bench.meter.count() == 2


def test_an_address_without_jira_behind_it(bench: Bench) -> None:
    error = bench.fails(url=f"{bench.box.url}/elsewhere")
    assert "HTTP 404" in str(error)
    assert "connections.tracker.url" in error.advice


def test_a_wrong_deployment_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    error = bench.fails(url=bench.box.service_url("jira-dc"), email=None, deployment="cloud")
    assert "deployment: data_center" in error.advice
    site = bench.site()
    monkeypatch.setattr(site, "_allowed", lambda _: True)
    error = bench.fails("project = CORE", name="jira", deployment="data_center")
    assert "HTTP 410" in str(error)
    assert "deployment: cloud" in error.advice


def test_a_wrong_token_stays_secret(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "hunter2-hunter2")
    caplog.set_level(logging.DEBUG)
    for name in ("jira", "jira-dc"):
        error = bench.fails("project = CORE", name=name)
        assert isinstance(error, AuthError)
        assert "Check the token $JIRA_TOKEN (connections.tracker.token)" in error.advice
        assert ("Jira Cloud needs the account's `email` too." in error.advice) == (name == "jira-dc")
        assert "hunter2" not in str(error) + repr(error) + repr(error.__cause__) + caplog.text


@pytest.mark.parametrize(
    ("value", "text"),
    [("", "the environment variable JIRA_TOKEN is not set"), ("tok\nen", "characters that no header can carry")],
)
def test_a_token_that_cannot_be_used_is_named_before_any_request(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, value: str, text: str
) -> None:
    monkeypatch.setenv("JIRA_TOKEN", value)
    with pytest.raises(AuthError, match=text) as caught:
        bench.open()
    assert all((caught.value.doing, caught.value.saw, caught.value.effect, caught.value.advice))
    assert "tok" not in str(caught.value).replace("token", "").replace("$JIRA_TOKEN", "")
    assert bench.box.requests() == []


def test_an_email_may_be_a_reference(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_EMAIL", "demo@example.com")
    assert bench.count("project = CORE", email="$JIRA_EMAIL").count == 60


def test_a_missing_bundle_is_named(bench: Bench) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        bench.open(ca_bundle="certs.pem")
    (bench.base_dir / "certs.pem").write_text("")
    assert bench.count("project = CORE", ca_bundle="certs.pem").count == 60
    [client] = bench.opened[-1]._client._idle
    assert client._session.verify == str(bench.base_dir / "certs.pem")


def raw(**fields: object) -> dict[str, object]:
    return {"issues": [{"id": "1", "key": "A-1", "fields": fields}]}


STATUS = {"name": "Done", "statusCategory": {"key": "done"}}


@pytest.mark.parametrize(
    ("column", "fields", "text"),
    [
        ("story_points", {"customfield_10016": "5"}, "the field customfield_10016 is text, not a number (issue A-1)"),
        ("story_points", {"customfield_10016": True}, "is a boolean, not a number"),
        ("story_points", {"customfield_10016": [5]}, "is a list, not a number"),
        ("story_points", {"status": STATUS}, "the only issue does not have the field customfield_10016 (story_points)"),
        ("status_category", {}, "the field status is missing"),
        ("status_category", {"status": None}, "no category"),
        ("status_category", {"status": {"statusCategory": {"key": "Done"}}}, "no category"),
        ("status", {"status": 3}, "the field status is a number, not text"),
        ("summary", {}, "the field summary is missing"),
        ("labels", {"labels": "web"}, "the field labels is text, not a list"),
        ("labels", {"labels": [None]}, "holds an empty entry"),
        ("created", {"created": "yesterday"}, "the field created is text, not a date"),
        ("created", {"created": 1790784000000}, "the field created is a number, not a date"),
        ("lead_time_hours", {"created": "2026-10-01T00:00:00.000+0800"}, "the field resolutiondate is missing"),
        ("parent", {"parent": {}}, "the field parent is an object, not an object with a key"),
        ("project", {"project": None}, "the field project is empty"),
        ("assignee", {"assignee": 5}, "the field assignee is a number, not text"),
    ],
)
def test_a_field_of_another_form_fails(bench: Bench, column: str, fields: dict[str, object], text: str) -> None:
    bench.box.faults.append(Fault("jira", "", 200, raw(**fields)))
    error = bench.column_fails("project = CORE", column)
    assert text in str(error)
    assert "the connection's `fields`" in error.advice
    assert len(bench.store.rows) == 1


@pytest.mark.parametrize("body", [{"issues": [{"id": "1", "key": "A-1"}]}, {"issues": [{"id": "1", "fields": []}]}])
def test_an_issue_without_fields_is_an_error(bench: Bench, body: dict[str, object]) -> None:
    bench.box.faults.append(Fault("jira", "", 200, body))
    assert "an issue has no fields" in str(bench.fails("project = CORE", "summary"))


@pytest.mark.parametrize(
    ("column", "fields", "value"),
    [
        ("story_points", {"customfield_10016": None}, None),
        ("story_points", {"customfield_10016": 0}, 0),
        ("status_category", {"status": {"statusCategory": {"key": "undefined"}}}, None),
        ("components", {"components": [{"name": "api"}]}, ["api"]),
        ("components", {}, None),
        ("assignee", {"assignee": None}, None),
        ("assignee", {"assignee": {"name": "amy"}}, "amy"),
        ("due", {"duedate": "2026-10-05"}, datetime(2026, 10, 4, 16, tzinfo=UTC)),
        ("created", {"created": "2026-10-01T00:00:00.000+0800"}, datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("team", {"customfield_1": {"value": "Core"}}, "Core"),
        ("skills", {"customfield_2": [{"value": "a"}, "b"]}, ["a", "b"]),
        ("shipped", {"customfield_3": "2026-10-05T08:00:00.000+0800"}, datetime(2026, 10, 5, tzinfo=UTC)),
    ],
)
def test_fields_become_values(bench: Bench, column: str, fields: dict[str, object], value: object) -> None:
    custom = {
        "story_points": "customfield_10016",
        "team": {"id": "customfield_1", "type": "text"},
        "skills": {"id": "customfield_2", "type": "list"},
        "shipped": {"id": "customfield_3", "type": "timestamp"},
    }
    bench.box.faults.append(Fault("jira", "", 200, raw(**fields)))
    bench.rows("project = CORE", column, fields=custom)
    assert bench.store.rows == [{column: value}]


@given(st.datetimes(timezones=st.sampled_from([ZoneInfo(name) for name in ("Asia/Taipei", "America/New_York", "UTC")])))
def test_jiras_timestamps_are_read_as_written(instant: datetime) -> None:
    try:
        whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000).astimezone(UTC)
    except OverflowError:
        return
    if 1900 < whole.year < 9999:
        assert jira_values.instant("created", jira_time(whole, TAIPEI)) == whole


def test_pages_without_an_end_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira_pages, "MOST_PAGES", 3)
    bench.box.faults += [Fault("jira", "", 200, {"issues": [], "nextPageToken": f"t{at}"}) for at in range(5)]
    assert "more than 3 pages" in str(bench.fails("project = CORE"))


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (20_500, ""),
        (30_000, "20000 issues were received, but Jira estimates 30000"),
        ("20000", "has no count"),
        (None, "has no count"),
    ],
)
def test_a_long_walk_is_held_against_the_estimate(bench: Bench, estimate: object, text: str) -> None:
    bench.site().replace(many(20_000))
    bench.box.faults.append(Fault("jira", "approximate-count", 200, {"count": estimate}))
    [answer] = bench.read(counted("project = BIG ORDER BY created"))
    assert isinstance(answer, ReadError) == bool(text)
    assert text in str(answer.error) if isinstance(answer, ReadError) else answer.count == 20_000
    assert bench.sent()[-1] == ("search/approximate-count", {"jql": "project = BIG"})
    assert bench.meter.count(kind="count") == 1


@pytest.mark.parametrize("headers", [{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, {"X-AUSERNAME": "anonymous"}])
def test_an_answer_to_a_stranger_is_no_zero(bench: Bench, headers: dict[str, str]) -> None:
    bench.box.faults.append(Fault("jira", "", 200, {"issues": []}, headers))
    error = bench.fails()
    assert isinstance(error, AuthError)
    assert "did not accept the credentials" in str(error)
    assert "$JIRA_TOKEN" in error.advice


def test_columns_are_named_without_case_and_once(bench: Bench) -> None:
    bench.rows("type = Epic", "KEY", "key", "Status_Category")
    assert [column.name for column in bench.store.columns] == ["key", "status_category"]


def test_the_tables_need_no_network_and_no_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from connectors import registry; table = registry.tables('jira')['issues'];"
        "assert table.key == 'key' and table.link == 'url' and not table.open;"
        "assert table.column('status_category').values == ('new', 'indeterminate', 'done');"
        "assert table.column('LEAD_TIME_HOURS').unit == 'hours'; assert all(c.doc for c in table.columns);"
        "assert not {'jira', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_configured_field_takes_the_place_of_a_column(bench: Bench) -> None:
    connection = bench.connection(fields={"priority": {"id": "customfield_5", "type": "number"}})
    table = registry.tables("jira", connection)["issues"]
    assert [column.type for column in table.columns if column.name == "priority"] == ["number"]
