import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.jira import jql
from connectors.sandbox.jira.issues import STORY_POINTS, Issue, Sprint, issues_from_csv
from connectors.sandbox.jira.sample import sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from connectors.sandbox.server import Request, Response
from sandbox_kit import Sandbox

TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=TAIPEI)
BASIC = "Basic " + base64.b64encode(b"demo@example.com:sandbox-token").decode()
CLOUD = {"authorization": BASIC}
SERVER = {"authorization": "Bearer sandbox-token"}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


def issues() -> list[Issue]:
    return [
        Issue(1, "CORE-1", "Login fails", day("2026-10-01"), type="Bug", status="Done", resolved=day("2026-10-02"),
              points=3, labels=("web", "Urgent"), assignee="林怡君", due=date(2026, 10, 5)),
        Issue(2, "CORE-2", "Login is slow", day("2026-10-01 00:01"), type="Bug", labels=("web",), components=("api",)),
        Issue(3, "CORE-10", "Pay by card", day("2026-11-17"), type="Story", status="In Progress", points=5,
              parent="CORE-1", sprints=(Sprint(7, "S 7", "active"),), fix_versions=("2.0",)),
        Issue(4, "APP-1", "Crash", day("2026-09-30 23:59"), type="Bug", priority=None, description="on login page",
              sprints=(Sprint(6, "S 6", "closed"),)),
    ]  # fmt: skip


def cloud(found: list[Issue] | None = None) -> JiraSandbox:
    return JiraSandbox(issues() if found is None else found, now=lambda: NOW)


def many(count: int) -> list[Issue]:
    return [Issue(100 + at, f"BIG-{at}", "x", NOW - timedelta(minutes=at)) for at in range(count)]


def send(
    site: JiraSandbox, method: str, path: str, body: object = None, headers: Mapping[str, str] = CLOUD
) -> Response:
    path, _, query = path.partition("?")
    pairs = [pair.split("=", 1) for pair in query.split("&") if pair]
    params: dict[str, list[str]] = {}
    for name, value in pairs:
        params.setdefault(name, []).append(value)
    data = b"" if body is None else json.dumps(body).encode()
    return site.handle(Request(method, path, params, headers, data, "http://127.0.0.1/jira"))


def search(site: JiraSandbox, **body: object) -> dict[str, Any]:
    response = send(site, "POST", "/rest/api/3/search/jql", body)
    assert response.status == 200, response.body
    return dict(response.body)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("project = core", "CORE-1 CORE-2 CORE-10"),
        ("project != CORE", "APP-1"),
        ("type = Bug AND status = Done", "CORE-1"),
        ("issuetype in (Bug, Story) and not project = APP", "CORE-1 CORE-2 CORE-10"),
        ("statusCategory = Done", "CORE-1"),
        ("statusCategory != done", "CORE-2 CORE-10 APP-1"),
        ('statusCategory = "In Progress" OR statusCategory = "To Do"', "CORE-2 CORE-10 APP-1"),
        ("project = CORE and type = Bug or project = APP", "CORE-1 CORE-2 APP-1"),
        ("project = CORE and (type = Story or project = APP)", "CORE-10"),
        ("labels = web", "CORE-1 CORE-2"),
        ("labels != urgent", "CORE-2"),
        ("NOT labels = urgent", "CORE-2"),
        ("labels not in (urgent)", "CORE-2"),
        ("labels is EMPTY", "CORE-10 APP-1"),
        ("labels IS NOT EMPTY", "CORE-1 CORE-2"),
        ("labels in (urgent, EMPTY)", "CORE-1 CORE-10 APP-1"),
        ("component = API", "CORE-2"),
        ("fixVersion = 2.0", "CORE-10"),
        ("assignee = 林怡君", "CORE-1"),
        ("assignee is null", "CORE-2 CORE-10 APP-1"),
        ("priority = EMPTY", "APP-1"),
        ("resolution = Unresolved", "CORE-2 CORE-10 APP-1"),
        ("resolution != Unresolved", "CORE-1"),
        ("parent = CORE-1", "CORE-10"),
        ("sprint in openSprints()", "CORE-10"),
        ("sprint not in openSprints()", "APP-1"),
        ('sprint = "S 6" or sprint = 7', "CORE-10 APP-1"),
        ("key in (CORE-1, CORE-99)", "CORE-1"),
        ("issuekey != CORE-1 and id = 4", "APP-1"),
        ("created >= 1790784000000", "CORE-1 CORE-2 CORE-10"),
        ('created > "2026-10-01" and created < "2026/10/01 00:02"', "CORE-2"),
        ("created >= -2d", "CORE-10"),
        ('created >= "-1w 2d"', "CORE-10"),
        ("created >= startOfMonth()", "CORE-10"),
        ("created >= startOfMonth(-1) and created < startOfMonth()", "CORE-1 CORE-2"),
        ("created <= endOfMonth(-2)", "APP-1"),
        ("created >= startOfDay('-1d') and created <= now()", "CORE-10"),
        ("created >= startOfYear() and created <= endOfWeek()", "CORE-1 CORE-2 CORE-10 APP-1"),
        ("not created < '2026-11-01'", "CORE-10"),
        ("resolved >= '2026-10-02'", "CORE-1"),
        ("resolutiondate is empty", "CORE-2 CORE-10 APP-1"),
        ("due <= '2026-10-05'", "CORE-1"),
        ("duedate = '2026-10-05'", "CORE-1"),
        ('"Story Points" > 3', "CORE-10"),
        ("cf[10016] in (3, 5)", "CORE-1 CORE-10"),
        ("'story points' is not empty and not \"Story Points\" = 5", "CORE-1"),
        ("summary ~ login", "CORE-1 CORE-2"),
        ('text ~ "login page"', "APP-1"),
        ("project = CORE ORDER BY key DESC", "CORE-10 CORE-2 CORE-1"),
        ("created < 1900000000000 order by 'Story Points' desc, created", "CORE-10 CORE-1 APP-1 CORE-2"),
        ("created < 1900000000000 order by assignee, priority, id desc", "CORE-1 CORE-10 CORE-2 APP-1"),
        ("project=CORE AND type=Bug AND labels=web ORDER BY summary DESC", "CORE-2 CORE-1"),
    ],
)
def test_jql_finds(query: str, keys: str) -> None:
    assert " ".join(issue.key for issue in cloud().select(query)) == keys


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Unbounded JQL queries are not allowed here"),
        ("order by created", "Unbounded JQL queries are not allowed here"),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("status = Doen", "The value 'Doen' does not exist for the field 'status'."),
        ("status = To Do", "Expecting either 'OR' or 'AND' but got 'Do'"),
        ("sprint = 99", "Sprint with name '99' does not exist"),
        ("storypoints = 1", "Field 'storypoints' does not exist or you do not have permission to view it."),
        ("project ~ CORE", "The operator '~' is not supported by the 'project' field."),
        ("status > Done", "The operator '>' is not supported by the 'status' field."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("created >= '1790784000000'", "Date value '1790784000000' for field 'created' is invalid."),
        ("created >= 2026-13-01", "is invalid"),
        ("created >= EMPTY", "is invalid"),
        ('"Story Points" > many', "Value 'many' is invalid"),
        ("assignee = currentUser()", "Unable to find JQL function 'currentUser()'."),
        ("created > startOfMonth(1, 2)", "Unable to find JQL function"),
        ("status was Done", "does not know the operator 'was'"),
        ("status changed", "does not know the operator 'changed'"),
        ("summary !~ x", "does not know the operator '!~'"),
        ("project", "Expecting operator before the end of the query."),
        ("project = ", "Expecting either a value, list or function"),
        ("project in (CORE", "Expecting ')'"),
        ("(project = CORE", "Expecting ')'"),
        ("project = CORE)", "Expecting either 'OR' or 'AND' but got ')'"),
        ("project = CORE and", "Expecting a field name"),
        ("project is CORE", "Expecting 'EMPTY' or 'NULL'"),
        ("project = CORE order", "Expecting 'BY'"),
        ("project = CORE order by text", "not sortable"),
        ("project = 'CORE", "reserved JQL character or an open quote"),
        ("created >= {cycle.start}", "'{' is a reserved JQL character"),
        ("project = CORE && type = Bug", "'&' is a reserved JQL character"),
        ("project = CORE order by " + ", ".join(["key"] * 8), "maximum number of fields to order by is 7"),
    ],
)
def test_jql_refuses(query: str, message: str) -> None:
    response = send(cloud(), "POST", "/rest/api/2/search/jql", {"jql": query})
    assert response.status == 400
    assert message in response.body["errorMessages"][0]
    assert response.body["errors"] == {}


def test_a_query_nested_too_deep_is_refused() -> None:
    assert send(cloud(), "POST", "/rest/api/2/search/jql", {"jql": "(" * 5000}).status == 400


def test_data_center_knows_its_keys_and_takes_no_milliseconds() -> None:
    site = JiraSandbox(issues(), cloud=False, now=lambda: NOW)
    for query, message in (("key = CORE-99", "An issue with key 'CORE-99'"), ("created > 1790784000000", "is invalid")):
        response = send(site, "POST", "/rest/api/2/search", {"jql": query}, SERVER)
        assert response.status == 400
        assert message in response.body["errorMessages"][0]
    assert [issue.key for issue in site.select("")] == ["CORE-1", "CORE-2", "CORE-10", "APP-1"]


@given(st.text(alphabet="project=core ANDnotin()'\",<>~!-7d[]{}&\\\n", max_size=60))
def test_any_text_is_a_query_or_a_refusal(text: str) -> None:
    with suppress(jql.JqlError):
        assert isinstance(jql.parse(text), jql.Query)


CLAUSES = st.sampled_from(
    [
        "type = Bug",
        "labels != web",
        "labels is empty",
        "created >= -2d",
        '"Story Points" > 3',
        "sprint in openSprints()",
    ]
)


@given(CLAUSES, CLAUSES)
def test_a_negation_goes_through_parentheses(one: str, two: str) -> None:
    site = cloud()
    assert site.select(f"not ({one} or {two})") == site.select(f"not {one} and not {two}")
    assert site.select(f"not ({one} and {two})") == site.select(f"not {one} or not {two}")
    assert site.select(f"not not ({one})") == site.select(one)


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone_on_cloud(method: str, version: str) -> None:
    response = send(cloud(), method, f"/rest/api/{version}/search", {} if method == "POST" else None)
    assert response.status == 410
    assert "CHANGE-2046" in response.body["errorMessages"][0]


@pytest.mark.parametrize("size", [0, -1, 5001, "many", 1.5, True])
def test_page_sizes_out_of_range_are_refused(size: object) -> None:
    body = {"jql": "project = CORE", "maxResults": size}
    assert send(cloud(), "POST", "/rest/api/3/search/jql", body).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"startAt": 0},
        {"validateQuery": "strict"},
        {"jql": 5},
        {"fields": "summary"},
        {"fields": [1]},
        {"nextPageToken": "odd"},
        {"nextPageToken": "d2FsazE6MQ=="},
    ],
)
def test_odd_bodies_are_refused(body: dict[str, object]) -> None:
    assert send(cloud(), "POST", "/rest/api/3/search/jql", {"jql": "project = CORE", **body}).status == 400


def test_known_body_fields_are_taken() -> None:
    extra: dict[str, object] = {"expand": None, "properties": None, "reconcileIssues": [], "fieldsByKeys": False}
    assert len(search(cloud(), jql="project = CORE", **extra)["issues"]) == 3


def test_ids_alone_come_by_default_and_the_last_page_has_no_token() -> None:
    site = cloud(many(120))
    page = search(site, jql="project = BIG")
    assert page["issues"][0] == {"id": "100"}
    assert len(page["issues"]) == 50
    assert page["isLast"] is False
    last = search(site, jql="project = BIG", maxResults=5000, nextPageToken=page["nextPageToken"])
    assert [issue["id"] for issue in last["issues"]] == [str(number) for number in range(150, 220)]
    assert "nextPageToken" not in last


def test_pages_with_fields_are_shortened() -> None:
    site = cloud(many(250))
    assert len(search(site, jql="project = BIG", maxResults=5000, fields=["id"])["issues"]) == 250
    assert len(search(site, jql="project = BIG", maxResults=5000, fields=["summary"])["issues"]) == 100
    site.page_cap = 30
    assert len(search(site, jql="project = BIG", maxResults=5000, fields=["summary"])["issues"]) == 30


def test_a_token_belongs_to_its_query() -> None:
    site = cloud(many(120))
    token = search(site, jql="project = BIG")["nextPageToken"]
    body = {"jql": "project = BIG order by key", "nextPageToken": token}
    assert send(site, "POST", "/rest/api/3/search/jql", body).status == 400


def test_a_get_repeats_fields_or_joins_them() -> None:
    path = "/rest/api/3/search/jql?jql=key = CORE-1&fields=summary,labels&fields=status&maxResults=1"
    issue = send(cloud(), "GET", path).body["issues"][0]
    assert set(issue["fields"]) == {"summary", "labels", "status"}
    assert issue["key"] == "CORE-1"


def test_fields_have_jiras_forms() -> None:
    fields = search(cloud(), jql="key = CORE-1", fields=["*all", "-description"])["issues"][0]["fields"]
    assert fields["created"] == "2026-10-01T00:00:00.000+0800"
    assert fields["status"]["statusCategory"]["key"] == "done"
    assert fields["duedate"] == "2026-10-05"
    assert fields["customfield_10016"] == 3
    assert fields["assignee"]["displayName"] == "林怡君"
    assert "parent" not in fields
    assert "description" not in fields
    assert "customfield_99999" not in search(cloud(), jql="id = 1", fields=["customfield_99999"])["issues"][0]["fields"]


def test_sprints_are_objects_on_cloud_and_texts_on_data_center() -> None:
    assert search(cloud(), jql="id = 3", fields=["customfield_10020"])["issues"][0]["fields"]["customfield_10020"] == [
        {"id": 7, "name": "S 7", "state": "active", "boardId": 1}
    ]
    site = JiraSandbox(issues(), cloud=False)
    body = {"jql": "id = 3", "fields": ["customfield_10020"]}
    [text] = send(site, "POST", "/rest/api/2/search", body, SERVER).body["issues"][0]["fields"]["customfield_10020"]
    assert "id=7,incompleteIssuesDestinationId=<null>,name=S 7,rapidViewId=1," in text


def test_counts() -> None:
    body = {"jql": "type = Bug"}
    assert send(cloud(), "POST", "/rest/api/3/search/approximate-count", body).body == {"count": 3}


def test_bulkfetch_takes_a_hundred_and_names_the_missing() -> None:
    site = cloud(many(101))
    ids = [str(100 + at) for at in range(101)]
    assert send(site, "POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ids}).status == 400
    assert send(site, "POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": []}).status == 400
    body = {"issueIdsOrKeys": ["100", "BIG-1", "7"], "fields": ["summary"]}
    answer = send(site, "POST", "/rest/api/3/issue/bulkfetch", body).body
    assert [(issue["key"], issue["fields"]) for issue in answer["issues"]] == [
        ("BIG-0", {"summary": "x"}),
        ("BIG-1", {"summary": "x"}),
    ]
    assert [error["id"] for error in answer["issueErrors"]] == ["7"]


def test_changelogs_of_a_thousand_issues_and_ten_fields() -> None:
    site = cloud()
    send_admin(site, "POST", "/issues/CORE-2", {"status": "Done"})
    path = "/rest/api/3/changelog/bulkfetch"
    body: dict[str, object] = {"issueIdsOrKeys": ["CORE-2"], "fieldIds": ["status"]}
    answer = send(site, "POST", path, body).body
    [log] = answer["issueChangeLogs"]
    [item] = log["changeHistories"][0]["items"]
    assert (item["fieldId"], item["fromString"], item["toString"]) == ("status", "To Do", "Done")
    names = {status["id"]: status["name"] for status in send(site, "GET", "/rest/api/2/status").body}
    assert (names[item["from"]], names[item["to"]]) == ("To Do", "Done")
    assert set(names.values()) == {"To Do", "In Progress", "In Review", "Done"}
    assert "nextPageToken" not in answer
    unchanged = {"issueIdsOrKeys": ["CORE-1"]}
    assert send(site, "POST", path, unchanged).body == {"issueChangeLogs": []}
    for wrong in ({"maxResults": 0}, {"maxResults": 10_001}, {"nextPageToken": "changes:x"}, {"nextPageToken": "t:1"}):
        assert send(site, "POST", path, {**body, **wrong}).status == 400
    assert send(site, "POST", path, {"issueIdsOrKeys": ["1"] * 1001}).status == 400
    assert send(site, "POST", path, {**body, "fieldIds": ["f"] * 11}).status == 400


def test_changelogs_come_in_pages_across_issues() -> None:
    site = cloud()
    site.history_cap = 2
    for key, status in (("CORE-2", "In Progress"), ("APP-1", "In Progress"), ("CORE-2", "Done")):
        send_admin(site, "POST", f"/issues/{key}", {"status": status})
    body = {"issueIdsOrKeys": ["CORE-2", "4", "CORE-2", "gone"]}
    path = "/rest/api/3/changelog/bulkfetch"
    first = send(site, "POST", path, body).body
    assert [log["issueId"] for log in first["issueChangeLogs"]] == ["2", "4"] or len(first["issueChangeLogs"]) == 1
    last = send(site, "POST", path, {**body, "nextPageToken": first["nextPageToken"]}).body
    pages = [*first["issueChangeLogs"], *last["issueChangeLogs"]]
    assert sum(len(log["changeHistories"]) for log in pages) == 3
    assert "nextPageToken" not in last


def test_data_center_gives_changes_with_the_issues() -> None:
    site = JiraSandbox(issues(), cloud=False, now=lambda: NOW)
    send_admin(site, "POST", "/issues/CORE-2", {"status": "Done"})
    asked = {"jql": "key = CORE-2", "fields": ["status"], "expand": ["changelog"]}
    [issue] = send(site, "POST", "/rest/api/2/search", asked, SERVER).body["issues"]
    assert issue["changelog"]["total"] == 1
    [history] = issue["changelog"]["histories"]
    assert history["created"] == "2026-11-18T12:00:00.000+0800"
    assert history["items"][0]["toString"] == "Done"
    found = send(site, "GET", "/rest/api/2/search?jql=key = CORE-2&expand=names,changelog", None, SERVER).body
    assert found["issues"][0]["changelog"]["histories"] == [history]


def test_data_center_pages_by_offset_and_counts_exactly() -> None:
    site = JiraSandbox(many(1500), cloud=False, now=lambda: NOW)
    path = "/rest/api/2/search"
    count = send(site, "POST", path, {"jql": "project = BIG", "maxResults": 0}, SERVER).body
    assert (count["total"], count["issues"]) == (1500, [])
    page = send(site, "POST", path, {"jql": "project = BIG", "maxResults": 5000, "startAt": 700}, SERVER).body
    assert (len(page["issues"]), page["maxResults"]) == (800, 1000)
    assert (
        send(site, "GET", f"{path}?jql=project = BIG&startAt=1499", None, SERVER).body["issues"][0]["key"] == "BIG-1499"
    )
    assert send(site, "POST", path, {"jql": "", "startAt": -1}, SERVER).status == 400
    assert send(site, "POST", f"{path}/jql", {"jql": "project = BIG"}, SERVER).status == 404
    assert send(site, "POST", "/rest/api/3/search", {"jql": "project = BIG"}, SERVER).status == 404


def test_each_deployment_wants_its_own_credentials() -> None:
    server = JiraSandbox(issues(), cloud=False)
    for site, headers in ((cloud(), {}), (cloud(), SERVER), (server, CLOUD), (server, {})):
        response = send(site, "GET", "/rest/api/2/myself", None, headers)
        assert response.status == 401
        assert "must be authenticated" in json.dumps(response.body)
    assert send(cloud(), "GET", "/rest/api/3/myself").body["timeZone"] == "Asia/Taipei"
    assert send(server, "GET", "/rest/api/2/serverInfo", None, SERVER).body["deploymentType"] == "Server"


def test_rate_limit_headers() -> None:
    headers = send(cloud(), "GET", "/rest/api/3/field").headers
    assert headers["X-RateLimit-Reset"] == "2026-11-18T04:00Z"
    assert int(headers["X-RateLimit-Remaining"]) < int(headers["X-RateLimit-Limit"])
    server = send(JiraSandbox(cloud=False), "GET", "/rest/api/2/field", None, SERVER).headers
    assert {"X-RateLimit-FillRate", "X-RateLimit-Interval-Seconds", "Retry-After"} <= set(server)


def test_links_lead_to_a_page_without_a_token() -> None:
    site = cloud([Issue(1, "CORE-1", "<b>&", NOW)])
    page = send(site, "GET", "/browse/CORE-1", None, {})
    assert page.status == 200
    assert "CORE-1 &lt;b&gt;&amp;" in page.body.decode()
    assert send(site, "GET", "/browse/CORE-2", None, {}).status == 404


def send_admin(site: JiraSandbox, method: str, path: str, body: object = None) -> Response:
    data = b"" if body is None else json.dumps(body).encode()
    return site.admin(Request(method, path, {}, {}, data, "http://127.0.0.1"))


def test_a_transition_moves_what_jira_moves() -> None:
    site = cloud()
    answer = send_admin(site, "POST", "/issues/CORE-2", {"status": "Done", "points": 8}).body
    assert (answer["resolution"], answer["points"]) == ("Done", 8)
    assert datetime.fromisoformat(answer["resolved"]) == datetime.fromisoformat(answer["updated"]) == NOW
    assert [issue.key for issue in site.select("statusCategory = Done and updated = now()")] == ["CORE-2"]
    again = send_admin(site, "POST", "/issues/CORE-2", {"status": "To Do"}).body
    assert (again["resolved"], again["resolution"]) == (None, None)
    assert [(old, new) for _, name, old, new in again["changelog"] if name == "status"] == [
        ("To Do", "Done"),
        ("Done", "To Do"),
    ]
    assert [(old, new) for _, name, old, new in again["changelog"] if name == STORY_POINTS] == [("", "8")]


def test_issues_are_created_and_deleted() -> None:
    site = cloud()
    made = send_admin(site, "POST", "/issues", {"key": "NEW-1", "summary": "new", "labels": ["a"]})
    assert made.status == 201
    assert [issue.id for issue in site.select("project = NEW")] == [5]
    assert send_admin(site, "POST", "/issues", {"key": "NEW-1", "summary": "again"}).status == 409
    assert send_admin(site, "DELETE", "/issues/NEW-1").status == 200
    assert send_admin(site, "DELETE", "/issues/NEW-1").status == 404
    assert len(send_admin(site, "GET", "/issues").body) == 4
    assert send_admin(site, "GET", "/other").status == 404
    with pytest.raises(ValueError, match="does not exist"):
        site.select("project = NEW")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"summary": "x"}, "needs key"),
        ({"key": "X-1", "summary": "x", "colour": 1}, "unknown field 'colour'"),
        ({"key": "X", "summary": "x"}, "is not a key"),
        ({"key": "X-1", "summary": "x", "created": "yesterday"}, "Invalid isoformat"),
    ],
)
def test_odd_issues_are_refused(body: dict[str, object], message: str) -> None:
    response = send_admin(cloud(), "POST", "/issues", body)
    assert response.status == 400
    assert message in response.body["errorMessages"][0]


def test_a_dump_loads_into_the_same_site() -> None:
    site, other = cloud(), cloud([])
    send_admin(site, "POST", "/issues/CORE-2", {"status": "Done", "custom": {"customfield_10300": "x"}})
    site.page_cap = 7
    state = json.loads(json.dumps(site.dump()))
    other.load(state)
    assert other.dump() == state
    assert other.page_cap == 7
    assert list(other.issues.values()) == list(site.issues.values())


CSV = (
    "\ufeffissuekey,title,description,storypoint,status,created,resolved,labels,assignee,extra\r\n"
    'usr-1,"Forum: ""reply"", by e-mail","' + "long, text\n" * 1800 + '",5,,,,,,\r\n'
    "USR-2,Plain,,2.5,Done,2026-10-01T00:00:00+08:00,2026-10-03T00:00:00+08:00,web api,林怡君,x\r\n"
    "\r\n"
    "USR-3,No points,,,,2026-10-01,,,,\r\n"
)


def test_issues_come_from_a_csv(tmp_path: Any) -> None:
    path = tmp_path / "issues.csv"
    path.write_bytes(CSV.encode())
    found = issues_from_csv(path, now=NOW)
    assert found == issues_from_csv(CSV.splitlines(keepends=True), now=NOW) == issues_from_csv(str(path), now=NOW)
    one, two, three = found
    assert (one.key, one.summary, one.points, one.status) == ("USR-1", 'Forum: "reply", by e-mail', 5.0, "To Do")
    assert len(one.description) > 19_000
    assert one.created == NOW - timedelta(days=30)
    assert (two.status, two.labels, two.assignee, two.points) == ("Done", ("web", "api"), "林怡君", 2.5)
    assert two.resolved == day("2026-10-03")
    assert three.points is None
    assert three.created == datetime(2026, 10, 1, tzinfo=UTC)
    assert len(JiraSandbox(found, now=lambda: NOW).select("text ~ 'long' or 'Story Points' = 2.5")) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column issuekey, title"),
        ("issuekey,storypoint\nA-1,3\n", "has no column title"),
        ("issuekey,title\nA-1\n", "row 2: 1 cells where the header has 2"),
        ("issuekey,title\nA1,x\n", "row 2: 'A1' is not an issue key"),
        ("issuekey,title\nA-1,x\na-1,y\n", "row 3: A-1 occurs twice"),
        ("issuekey,title,storypoint\nA-1,x,many\n", "row 2: could not convert"),
    ],
)
def test_odd_csv_is_refused_with_its_row(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        issues_from_csv(text.splitlines(keepends=True))


@pytest.mark.parametrize("today", ["2026-10-02 00:00", "2026-11-21 09:30", "2026-12-31 23:00"])
@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_sample_holds_what_the_demo_says(today: str, language: Any) -> None:
    now = day(today)
    found = sample_issues(date(2026, 10, 1), now, language)
    assert found == sample_issues(date(2026, 10, 1), now, language)
    site = JiraSandbox(found, now=lambda: now)
    assert len(found) == len(site.issues) == len({issue.id for issue in found}) == 60
    bugs = "project = CORE and type = Bug and created >= '2026-10-01'"
    assert len(site.select(bugs)) == 20
    assert len(site.select(f"{bugs} and statusCategory = Done")) == 15
    stories = site.select("type = Story")
    assert sum(issue.points or 0 for issue in stories) == 80
    assert sum(issue.points or 0 for issue in stories if issue.status_category == "done") == 55
    assert {issue.parent for issue in stories} == {issue.key for issue in site.select("type = Epic")}
    assert site.select("sprint in openSprints()")
    for issue in found:
        assert issue.updated is not None
        assert issue.created <= issue.updated <= now
        assert issue.resolved is None or issue.created <= issue.resolved <= now
        assert issue.assignee or issue.type == "Epic"
        assert any(ord(letter) > 0x3000 for letter in issue.summary) == (language == "zh-TW")


def test_thirty_thousand_ids_are_selected_once() -> None:
    site = cloud([Issue(at, f"BIG-{at}", "x", NOW) for at in range(30_000)])
    page = search(site, jql="project = BIG", maxResults=5000)
    site.select = None  # type: ignore[assignment,method-assign]  # later pages must not filter again
    walked = len(page["issues"])
    while token := page.get("nextPageToken"):
        page = search(site, jql="project = BIG", maxResults=5000, nextPageToken=token)
        walked += len(page["issues"])
    assert walked == 30_000


def test_the_jira_library_talks_to_it() -> None:
    from jira import JIRA

    with Sandbox([cloud(), JiraSandbox(issues(), cloud=False)]) as box:
        library = JIRA(box.service_url("jira"), basic_auth=("demo@example.com", "sandbox-token"), max_retries=0)
        assert library.deploymentType == "Cloud"
        assert [issue.key for issue in library.search_issues("project = CORE", maxResults=False)] == [
            "CORE-1",
            "CORE-2",
            "CORE-10",
        ]
        assert library.approximate_issue_count("type = Bug") == 3
        library.close()  # type: ignore[no-untyped-call]
        library = JIRA(box.service_url("jira-dc"), token_auth="sandbox-token", max_retries=0)
        found = library.search_issues('"Story Points" > 3', fields=["Story Points"])
        assert found[0].fields.customfield_10016 == 5
        library.close()  # type: ignore[no-untyped-call]


def test_a_site_without_jira_software_has_no_sprints_and_no_epic_links() -> None:
    site = JiraSandbox(issues(), cloud=False)
    named = {field["name"] for field in send(site, "GET", "/rest/api/2/field", None, SERVER).body}
    assert {"Sprint", "Epic Link", "Story Points"} <= named
    site.software = False
    assert named - {field["name"] for field in send(site, "GET", "/rest/api/2/field", None, SERVER).body} == {
        "Sprint",
        "Epic Link",
    }
    body = {"jql": "id = 3", "fields": ["customfield_10020", "customfield_10014", "customfield_10016"]}
    [issue] = send(site, "POST", "/rest/api/2/search", body, SERVER).body["issues"]
    assert list(issue["fields"]) == ["customfield_10016"]
    refused = send(site, "POST", "/rest/api/2/search", {"jql": "sprint = 'S 7'"}, SERVER)
    assert (refused.status, refused.body["errorMessages"]) == (
        400,
        ["Field 'sprint' does not exist or you do not have permission to view it."],
    )
