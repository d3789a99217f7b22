"""Projects v2 of GitHub: their items, and their own fields by name and type."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from config.errors import AuthError, SourceError, TransientSourceError
from config.models import GitHubConnection
from connectors import registry
from connectors.github.errors import HeavyError
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.github.projects import item
from connectors.sandbox.server import Request
from github_kit import TOKEN, World, open_world, opened

TAIPEI = {"today": datetime(2026, 11, 16, tzinfo=ZoneInfo("Asia/Taipei"))}
FIELDS: Mapping[str, Any] = {
    "points": "Estimate",
    "sprint": {"name": "Iteration", "type": "text"},
    "sprint_start": {"name": "Iteration", "type": "timestamp", "part": "start"},
    "sprint_end": {"name": "Iteration", "type": "timestamp", "part": "end"},
    "target_date": {"name": "Target date", "type": "timestamp"},
    "team": {"name": "Team", "type": "text"},
}


@contextmanager
def board(world: World, **fields: Any) -> Iterator[World]:
    source = opened(world.sandbox, world.meter, world.waits, lanes=1, fields=fields)
    yield replace(world, source=source)
    source.close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", TOKEN)
    with open_world() as made, board(made, **FIELDS) as opened_board:
        yield opened_board


def items(*columns: str, project: str = "acme/7", **given: Any) -> Read:
    return Read("rows", "project_items", {"project": project}, columns, instants=TAIPEI, **given)


def count(project: str = "acme/7") -> Read:
    return replace(items(project=project), key="count", count_only=True)


def plan(world: World, fields: Mapping[str, str], *values: Mapping[str, Any], **given: Any) -> None:
    """Let acme/7 have these fields, and a draft for each of the values."""
    drafts = [item(n, {"title": f"t{n}"}, one, **given) for n, one in enumerate(values)]
    world.service.state.projects["acme/7"] = {"title": "Plan", "fields": dict(fields), "items": drafts}


def test_every_column_of_an_issue(world: World) -> None:
    columns = tuple(column.name for column in world.source.tables["project_items"].columns)
    reading = world.one(items(*columns))
    base = world.sandbox.service_url("github")
    assert (reading.count, reading.asked, reading.warnings) == (64, "project:acme/7", ())
    assert reading.link == f"{base}/orgs/acme/projects/7"
    assert world.kept.rows["rows"][1] == {
        "id": "PVTI_1", "type": "issue", "status": "Done", "archived": False,
        "added": datetime(2026, 10, 1, 14, tzinfo=UTC), "number": 2, "repository": "acme/app",
        "title": "Support case 2", "author": "ben", "assignees": ["chia"], "labels": ["feature"], "milestone": "v2.0",
        "created": datetime(2026, 10, 30, 0, 32, 42, tzinfo=UTC),
        "closed": datetime(2026, 10, 30, 12, 32, 42, tzinfo=UTC),
        "updated": datetime(2026, 10, 30, 12, 32, 42, tzinfo=UTC), "url": f"{base}/acme/app/issues/2",
        "state": "closed", "state_reason": "completed", "lead_time_hours": 12.0, "parent": None,
        "points": 2.0, "sprint": "Iteration 2", "sprint_start": datetime(2026, 10, 14, 16, tzinfo=UTC),
        "sprint_end": datetime(2026, 10, 28, 16, tzinfo=UTC), "target_date": None, "team": "Core",
    }  # fmt: skip


def test_pull_requests_and_drafts_have_the_columns_that_they_have(world: World) -> None:
    world.one(items("type", "state", "number", "title", "author", "labels", "url", "status", "points"))
    rows = {str(row["type"]): row for row in world.kept.rows["rows"]}
    pull, draft = rows["pull_request"], rows["draft_issue"]
    assert (pull["state"], pull["status"], pull["points"], pull["labels"]) == ("closed", "In Progress", None, [])
    assert str(pull["url"]).endswith(f"/acme/app/pull/{pull['number']}")
    assert (draft["title"], draft["author"], draft["status"]) == ("Idea 4", "amy", "Todo")
    assert {draft[name] for name in ("state", "number", "labels", "url", "points")} == {None}


def test_points_done_and_what_was_archived_counts(world: World) -> None:
    world.one(items("status", "points", "archived", "type"))
    rows = world.kept.rows["rows"]
    done = [row for row in rows if row["status"] == "Done"]
    assert sum(float(str(row["points"])) for row in done) == 75
    assert sum(bool(row["archived"]) for row in rows) == sum(bool(row["archived"]) for row in done) == 5
    assert len(world.sandbox.requests("github")) == 1
    assert world.meter.count("gh", "rows") == 1


def test_only_what_the_columns_need_is_asked_for(world: World) -> None:
    world.one(items("type"))
    [sent] = world.sent()
    assert sent["query"] == (
        "query($login:String!,$number:Int!,$first:Int!,$after:String){repositoryOwner(login:$login)"
        "{...on ProjectV2Owner{projectV2(number:$number){url "
        " items(first:$first,after:$after,archivedStates:[ARCHIVED,NOT_ARCHIVED])"
        "{totalCount pageInfo{hasNextPage endCursor} nodes{type id content{__typename }}}}}}}"
    )
    assert sent["variables"] == {"login": "acme", "number": 7, "first": 100, "after": None}


@pytest.mark.parametrize(
    "project",
    [
        "https://github.com/orgs/acme/projects/7",
        "https://github.com/users/acme/projects/7/views/2?pane=issue&itemId=3",
        "http://127.0.0.1:8765/github/orgs/acme/projects/7",
        "acme/7 acme/7",
    ],
)
def test_a_project_may_be_pasted_as_its_address_and_counts_once(world: World, project: str) -> None:
    assert world.one(count(project)).count == 64


@pytest.mark.parametrize(
    "project", ["", "7", "acme", "acme/app", "acme/app/7", "https://github.com/acme/7", "acme/7 x"]
)
def test_what_is_no_project_is_refused_before_it_is_sent(world: World, project: str) -> None:
    assert "is not a project; write one such as acme/7" in str(world.error(count(project)))
    assert world.sandbox.requests("github") == []


def test_projects_of_a_person_and_several_in_one_list(world: World) -> None:
    state = world.service.state
    state.users.add("amy")
    state.projects["amy/1"] = {"title": "Mine", "fields": {}, "items": [item(99, {"title": "x"}, {})]}
    assert world.one(count("amy/1")).link == f"{world.sandbox.service_url('github')}/users/amy/projects/1"
    both = world.one(items("title", project="acme/7 amy/1"))
    assert (both.count, both.link, len(world.kept.rows["rows"])) == (65, "", 65)
    assert both.asked == "project:acme/7 project:amy/1"


def test_a_field_that_one_of_the_projects_lacks_fails_its_column(world: World) -> None:
    world.service.state.projects["acme/8"] = {"title": "Other", "fields": {}, "items": [item(99, {"title": "x"}, {})]}
    both = world.one(items("title", "points", project="acme/7 acme/8"))
    assert list(both.failed) == ["points"]
    assert "project acme/8, for connections.gh.fields.points" in both.failed["points"].doing


def test_over_a_hundred_items_are_paged_and_held_against_the_count(world: World) -> None:
    plan(world, {"Estimate": "NUMBER"}, *({"Estimate": n} for n in range(1000)))
    assert world.one(items("points", "title")).count == 1000
    assert {row["points"] for row in world.kept.rows["rows"]} == set(range(1000))
    assert len(world.sandbox.requests("github")) == 10


MULTI = {"areas": {"name": "Areas", "type": "list"}}


def test_values_of_each_type_and_none(world: World) -> None:
    kinds = {"Areas": "MULTI_SELECT", "Estimate": "NUMBER", "Team": "TEXT", "Target date": "DATE"}
    full = {"Areas": ["web", "app"], "Estimate": 2, "Team": "核心", "Target date": "2026-12-31"}
    plan(world, kinds, full, {})
    with board(world, **FIELDS, **MULTI) as made:
        made.one(items("areas", "points", "team", "target_date"))
    assert world.kept.rows["rows"] == [
        {"areas": ["web", "app"], "points": 2, "team": "核心", "target_date": datetime(2026, 12, 30, 16, tzinfo=UTC)},
        dict.fromkeys(("areas", "points", "team", "target_date")),
    ]


def test_a_field_is_found_whatever_its_case_as_the_project_spells_it(world: World) -> None:
    with board(world, points="estimate", team={"name": "TEAM", "type": "text"}) as made:
        reading = made.one(items("points", "team"))
    assert reading.failed == {}
    assert world.kept.rows["rows"][1] == {"points": 2.0, "team": "Core"}
    assert [sent["variables"]["f0"] for sent in world.sent()] == ["estimate", "Estimate"]


@pytest.mark.parametrize(
    ("field", "saw", "advice"),
    [
        (
            "Estimates",
            "no field 'Estimates'; did you mean 'Estimate'? (it has Assignees, Estimate, Iteration, Labels, Status, Ta",
            "Correct the name in connections.gh.fields.points.",
        ),
        (
            "Status",
            "the field 'Status' is a single select, not a number",
            "Write `type: text` in connections.gh.fields.points.",
        ),
        ("Target date", "is a date, not a number", "Write `type: timestamp` in connections"),
        ({"name": "Estimate", "type": "text"}, "is a number, not a text", "Write `type: number`"),
        (
            {"name": "Team", "type": "list"},
            "is a text, not a multi select",
            "Write `type: text` in connections.gh.fields.points.",
        ),
        (
            {"name": "Target date", "type": "timestamp", "part": "end"},
            "is a date, not an end of an iteration",
            "Write `type: timestamp` without `part` in connections",
        ),
        (
            {"name": "Iteration", "type": "timestamp"},
            "is an iteration, which has a start and an end",
            "Write `part: start` or `part: end` in connections.gh.fields.points.",
        ),
        ("Assignees", "is a field of type ASSIGNEES, not a number", "Use one of the columns"),
    ],
)
def test_a_field_that_is_not_as_stated_costs_its_column(world: World, field: Any, saw: str, advice: str) -> None:
    with board(world, points=field) as made:
        reading = made.one(items("title", "points", "status"))
    error = reading.failed["points"]
    assert error.doing == "github 'gh': project acme/7, for connections.gh.fields.points"
    assert saw in error.saw
    assert advice in error.advice
    assert reading.count == 64
    assert {row["points"] for row in world.kept.rows["rows"]} == {None}
    assert {row["status"] for row in world.kept.rows["rows"]} == {"Done", "In Progress", "Todo"}


def test_a_project_without_a_status_field(world: World) -> None:
    plan(world, {"Phase": "SINGLE_SELECT"}, {"Phase": "Beta"})
    error = world.one(items("title", "status")).failed["status"]
    assert error.saw == "the project has no field 'Status' (it has Phase)"
    with board(world, status={"name": "Phase", "type": "text"}) as made:
        assert made.one(replace(items("status"), key="named")).failed == {}
    assert world.kept.rows["named"] == [{"status": "Beta"}]


def test_two_fields_of_one_name_differ_by_case_alone(world: World) -> None:
    plan(world, {"Size": "NUMBER", "SIZE": "NUMBER"}, {"Size": 1, "SIZE": 2})
    with board(world, size="SIZE", other="size") as made:
        reading = made.one(items("size", "other"))
    assert world.kept.rows["rows"] == [{"size": 2, "other": None}]
    assert "no field 'size'" in reading.failed["other"].saw


ISSUE_FIELDS = ("Areas", "Effort", "Note", "Priority", "Target date")


def test_issue_fields_of_the_organisation_are_read_like_the_projects_own(world: World) -> None:
    kinds = {"Effort": "NUMBER", "Priority": "SINGLE_SELECT", "Target date": "DATE", "Note": "TEXT", "Size": "NUMBER",
             "Areas": "MULTI_SELECT"}  # fmt: skip
    full = {"Effort": 3.5, "Priority": "High", "Target date": "2026-12-31", "Note": "x", "Size": 2, "Areas": ["web"]}
    plan(world, kinds, *([{"Size": 1}] * 150), full, *([{"Size": 1}] * 99))
    world.service.state.projects["acme/7"]["issue_fields"] = ISSUE_FIELDS
    fields = {
        "effort": "Effort", "priority": {"name": "priority", "type": "text"}, "size": "Size", **MULTI,
        "note": {"name": "Note", "type": "text"}, "target_date": {"name": "Target date", "type": "timestamp"},
    }  # fmt: skip
    with board(world, **fields) as made:
        reading = made.one(items(*fields))
    assert (reading.count, reading.failed) == (250, {})
    assert world.kept.rows["rows"][150] == {
        "effort": 3.5, "priority": "High", "size": 2, "areas": ["web"], "note": "x",
        "target_date": datetime(2026, 12, 30, 16, tzinfo=UTC),
    }  # fmt: skip
    assert world.kept.rows["rows"][0] == {**dict.fromkeys(fields), "size": 1}
    asked = ["issueFieldValue" in sent["query"] for sent in world.sent()]
    assert asked == [False] * 2 + [True] * 3, "as far as the first value of an issue field, and all"


def test_a_project_without_issue_fields_is_not_asked_for_them(world: World) -> None:
    world.one(items("points", "status"))
    assert ["issueFieldValue" in sent["query"] for sent in world.sent()] == [False]


def test_an_issue_field_without_a_value_is_unknown(world: World) -> None:
    given = {"__typename": "ProjectV2ItemIssueFieldValue"}
    world.fault(200, page([{**NODE, "f0": given}], 1))
    world.fault(200, page([{**NODE, "f0": {**given, "issueFieldValue": None}}], 1))
    assert world.one(items("title", "points")).failed == {}
    assert world.kept.rows["rows"] == [{"title": "t", "points": None}]


def test_a_value_that_okrsync_does_not_read_costs_its_column(world: World) -> None:
    text = {"__typename": "ProjectV2ItemFieldTextValue", "text": "x"}
    other = {"__typename": "ProjectV2ItemFieldRatingValue"}
    nodes = [{**NODE, "id": f"PVTI_{n}", "f0": other if n else None, "f1": text} for n in range(3)]
    world.fault(200, page(nodes, 3))
    reading = world.one(items("title", "points", "team"))
    error = reading.failed["points"]
    assert error.saw == "values of the field 'Estimate' are of type ProjectV2ItemFieldRatingValue"
    assert "leave the column `points` out" in error.advice
    assert [row["team"] for row in world.kept.rows["rows"]] == ["x"] * 3


FIELD_NODES = [{"name": "Estimate", "dataType": "NUMBER"}, {"name": "Team", "dataType": "TEXT"}]


def page(nodes: list[Any], total: int, **more: Any) -> dict[str, Any]:
    """An answer with these items."""
    connection = {"totalCount": total, "pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": nodes}
    fields = {"totalCount": len(FIELD_NODES), "nodes": FIELD_NODES}
    project = {"url": "u", "fields": fields, "items": connection, **more}
    return {"data": {"repositoryOwner": {"projectV2": project}}}


NODE = {"id": "a", "type": "DRAFT_ISSUE", "content": {"__typename": "DraftIssue", "title": "t"}, "f0": None}


@pytest.mark.parametrize(
    ("nodes", "total", "more", "words"),
    [
        ([NODE], 2, {}, "1 of 2 rows were received"),
        ([NODE, None], 2, {}, "1 of 2 rows were received"),
        ([NODE, NODE], 2, {}, "1 of 2 rows were received"),
        ([{**NODE, "content": {"__typename": "Discussion"}}], 1, {}, "KeyError: 'Discussion'"),
        ([{**NODE, "content": {"__typename": "DraftIssue", "title": 7}}], 1, {}, "title is int, not text"),
        ([{**NODE, "f0": {"__typename": "ProjectV2ItemFieldNumberValue", "number": "3"}}], 1, {}, "points is str"),
        ([{**NODE, "f0": {"__typename": "ProjectV2ItemFieldNumberValue"}}], 1, {}, "KeyError: 'number'"),
        ([{**NODE, "f0": []}], 1, {}, "TypeError"),
        ([{**NODE, "id": None, "content": None}], 1, {"url": None, "fields": None}, "TypeError"),
        ([NODE], 1, {"fields": {"totalCount": 101, "nodes": FIELD_NODES}}, "not all fields of the project came"),
        ([NODE], 1, {"fields": {"totalCount": 1, "nodes": [{"name": "x"}]}}, "KeyError: 'dataType'"),
    ],
)
def test_a_project_that_is_not_as_documented_is_an_error(
    world: World, nodes: list[Any], total: int, more: dict[str, Any], words: str
) -> None:
    world.fault(200, page(nodes, total, **more), times=3)
    error = world.error(items("title", "points"))
    assert "project acme/7" in error.doing
    assert words in error.saw
    assert world.kept.rows == {}


@pytest.mark.parametrize("cursor", [None, "again"])
def test_a_cursor_that_stands_still_is_not_followed_for_ever(world: World, cursor: str | None) -> None:
    body = page([NODE], 2)
    body["data"]["repositoryOwner"]["projectV2"]["items"]["pageInfo"] = {"hasNextPage": True, "endCursor": cursor}
    world.fault(200, body, times=1000)
    assert "1 of 2 rows were received" in world.error(items("title")).saw
    assert len(world.sandbox.requests("github")) == (3 if cursor is None else 6)


def test_a_project_that_changes_while_it_is_read_is_read_again(world: World) -> None:
    plan(world, {}, *({} for _ in range(250)))
    seen: list[Request] = []

    def add(request: Request) -> None:
        seen.append(request)
        if len(seen) == 2:
            world.service.state.projects["acme/7"]["items"].append(item(999, {"title": "new"}, {}))

    world.sandbox.hooks["github"] = add
    assert world.one(items("title")).count == 251
    assert len(world.kept.rows["rows"]) == 251


def test_hidden_items_are_rows_without_content_and_a_warning(world: World) -> None:
    plan(world, {"Status": "SINGLE_SELECT"}, *({"Status": "Todo"} for _ in range(3)))
    for one in world.service.state.projects["acme/7"]["items"][:2]:
        one["hidden"] = True
    reading = world.one(items("type", "title", "status"))
    assert [row["type"] for row in world.kept.rows["rows"]] == ["redacted", "redacted", "draft_issue"]
    assert [row["title"] for row in world.kept.rows["rows"]] == [None, None, "t2"]
    assert list(map(str, reading.warnings)) == [
        "2 items of project acme/7 are hidden from the token: only their places in it are known"
    ]


CLASSIC = ("repo", "read:org")
SCOPE = "the token lacks the scope read:project"


def test_a_token_without_the_scope_says_which_one(world: World) -> None:
    world.service.state.scopes = CLASSIC
    answers = world.read(items("title"), count())
    for answer in answers.values():
        assert isinstance(answer, ReadError)
        assert isinstance(answer.error, AuthError)
        assert answer.error.doing == "github 'gh': project acme/7"
        assert answer.error.saw == SCOPE
        assert answer.error.advice == "Give the token in $OKRSYNC_TEST_TOKEN the scope read:project."
    assert len(world.sandbox.requests("github")) == 2
    world.service.state.scopes = ("project",)
    assert world.one(count()).count == 64


def test_other_reads_of_the_connection_are_not_touched(world: World) -> None:
    world.service.state.scopes = CLASSIC
    merged = Read("m", "pull_requests", {"search": "repo:acme/app is:merged"}, count_only=True)
    answers = world.read(items("title"), merged)
    assert isinstance(answers["m"], Reading)
    assert answers["m"].count == 1180


@pytest.mark.parametrize(
    ("message", "saw"),
    [
        ("Your token may not", "Your token may not"),
        ("The 'x' field requires one of the following scopes: ['a', 'b'], but", "the token lacks the scope a, b"),
    ],
)
def test_a_scope_error_in_other_words(world: World, message: str, saw: str) -> None:
    world.fault(200, {"errors": [{"type": "INSUFFICIENT_SCOPES", "message": message}]})
    assert world.error(items("title")).saw == saw


FORBIDDEN = {"type": "FORBIDDEN", "path": ["repositoryOwner", "projectV2"], "message": "Resource not accessible"}


def test_a_fine_grained_token_without_the_permission(world: World) -> None:
    world.fault(200, {"data": {"repositoryOwner": {"projectV2": None}}, "errors": [FORBIDDEN]})
    error = world.error(items("title"))
    assert isinstance(error, AuthError)
    assert "a fine-grained one or an App the organisation's permission Projects" in error.advice


@pytest.mark.parametrize(
    ("project", "saw"),
    [
        ("acme/99", "Could not resolve to a ProjectV2 with the number 99."),
        ("nobody/7", "GitHub shows no such project: it is not there, or hidden from the token"),
    ],
)
def test_a_project_that_is_not_there(world: World, project: str, saw: str) -> None:
    for read in (items("title", project=project), count(project)):
        error = world.error(read)
        assert error.doing == f"github 'gh': project {project}"
        assert error.saw == saw
        assert "Check owner and number against the project's address" in error.advice


def test_a_count_is_one_request(world: World) -> None:
    assert world.one(count()).count == 64
    [sent] = world.sent()
    assert "projectV2(number:7){url items(archivedStates:[ARCHIVED,NOT_ARCHIVED]){totalCount}}" in sent["query"]
    assert world.kept.rows == {}


@pytest.mark.parametrize("body", [{"projectV2": None}, {"projectV2": {"url": "u", "items": {"totalCount": "7"}}}, {}])
def test_a_count_that_is_none_is_an_error(world: World, body: Any) -> None:
    world.fault(200, {"data": {"k0": body}})
    assert "not as documented" in world.error(count()).saw


def test_a_server_without_archived_items_is_asked_again_and_named_in_a_warning(world: World) -> None:
    undefined = {
        "path": ["query", "repositoryOwner", "... on ProjectV2Owner", "projectV2", "items", "archivedStates"],
        "extensions": {"code": "argumentNotAccepted", "typeName": "Field", "argumentName": "archivedStates"},
        "message": "Field 'items' doesn't accept argument 'archivedStates'",
    }
    for read in (items("title"), count()):
        world.fault(200, {"errors": [undefined]})
        reading = world.one(read)
        assert reading.count == 59
        assert "cannot be asked for archived items" in str(reading.warnings[0])


def test_an_older_server_costs_only_the_columns_that_it_lacks(world: World) -> None:
    world.service.missing_fields = frozenset({"Issue.parent"})
    reading = world.one(items("title", "parent", "points"))
    assert (reading.count, list(reading.failed)) == (64, ["parent"])
    assert set(world.kept.rows["rows"][0]) == {"title", "points"}


def test_a_type_of_fields_that_an_older_server_lacks_costs_its_column(world: World) -> None:
    undefined = {
        "path": ["query", "repositoryOwner", "... on ProjectV2Owner", "projectV2", "items", "nodes", "f1",
                 "... on ProjectV2ItemFieldMultiSelectValue"],
        "extensions": {"code": "undefinedType", "typeName": "ProjectV2ItemFieldMultiSelectValue"},
        "message": "No such type ProjectV2ItemFieldMultiSelectValue, so it can't be a fragment condition",
    }  # fmt: skip
    world.fault(200, {"errors": [undefined]})
    with board(world, points="Estimate", **MULTI) as made:
        reading = made.one(items("points", "areas", "title"))
    assert (reading.count, list(reading.failed)) == (64, ["areas"])
    assert "update GitHub Enterprise Server" in reading.failed["areas"].advice
    assert {row["points"] for row in world.kept.rows["rows"]} == {1.0, 2.0, 3.0, 4.0, 5.0, None}


def test_a_server_without_projects_says_so(world: World) -> None:
    world.service.missing_fields = frozenset({"ProjectV2.items"})
    assert "Field 'items' doesn't exist on type 'ProjectV2'" in world.error(items("title")).saw


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_may_pass_is_tried_again(world: World, status: int) -> None:
    world.fault(status, {"message": "later"}, times=2)
    assert world.one(items("points")).count == 64
    assert len(world.waits) == 2


def test_a_page_too_heavy_is_asked_for_in_smaller_ones(world: World) -> None:
    world.fault(502, times=1)
    assert world.one(items("labels", "assignees")).count == 64
    assert [sent["variables"]["first"] for sent in world.sent()] == [100, 50, 50]
    world.fault(502, times=1000)
    assert isinstance(world.error(replace(items("labels"), key="again")), HeavyError)


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b'{"data": {"repositoryOwner": {"projec'])
def test_an_answer_that_is_none_is_transient(world: World, body: bytes) -> None:
    world.fault(200, body, times=1000)
    assert isinstance(world.error(items("title")), TransientSourceError)
    assert world.kept.rows == {}


@pytest.mark.parametrize(("status", "kind"), [(401, AuthError), (403, AuthError), (404, SourceError)])
def test_a_refusal_of_the_whole_request_is_not_about_the_project(
    world: World, status: int, kind: type[SourceError]
) -> None:
    world.fault(status, {"message": "no"})
    error = world.error(items("title"))
    assert isinstance(error, kind)
    assert (error.doing, error.saw) == ("github 'gh': POST /graphql", f"HTTP {status} (no)")
    assert "project" not in error.advice


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ({"name": "Iteration", "part": "end"}, "write `type: timestamp` with it"),
        ({"name": "Iteration", "type": "timestamp", "part": "middle"}, "start"),
        ({"type": "text"}, "name"),
        ({"name": "X", "type": "date"}, "number"),
    ],
)
def test_a_field_of_the_config_is_checked(field: Any, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        GitHubConnection.model_validate({"type": "github", "token": "$TOKEN", "fields": {"x": field}})


def test_fields_are_columns_and_replace_built_in_ones() -> None:
    stated = {"title": {"name": "Code name", "type": "text"}, "points": "Estimate"}
    connection = GitHubConnection.model_validate({"type": "github", "token": "$TOKEN", "fields": stated})
    table = registry.tables("github", connection)["project_items"]
    titles = [column for column in table.columns if column.name == "title"]
    assert [column.doc for column in titles] == ["the project's field Code name"]
    points = table.column("points")
    assert points is not None
    assert points.type == "number"
    assert registry.tables("github")["project_items"].column("points") is None
    assert registry.tables("github", connection)["issues"] is registry.tables("github")["issues"]
