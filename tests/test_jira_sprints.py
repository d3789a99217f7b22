"""Sprints of boards and their velocity, by the documented means: lists, the board's setup, histories of issues."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import AuthError, SourceError
from connectors.jira.boards import NoSprintsError
from connectors.jira.velocity import Course, SprintIssue, Tally, velocity_of
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.jira import issue_json
from connectors.sandbox.jira.boards import Board, BoardSprint
from connectors.sandbox.jira.issues import SPRINT, STORY_POINTS, Issue, Sprint
from connectors.sandbox.server import Request, Response
from jira_kit import INSTANTS, Bench, open_bench
from sandbox_kit import Fault

BOTH = pytest.mark.parametrize("name", ["jira", "jira-dc"])
FIGURES = tuple(
    f"{what}_{unit}" for what in ("committed", "completed", "added", "removed") for unit in ("points", "issues")
)
BEGIN = datetime(2026, 11, 2, 1, tzinfo=UTC)
PARAMETERS: Mapping[str, set[str]] = {
    "board": {
        "startAt", "maxResults", "type", "name", "projectKeyOrId", "accountIdLocation", "projectLocation",
        "includePrivate", "negateLocationFiltering", "orderBy", "expand", "projectTypeLocation", "filterId",
    },
    "sprint": {"startAt", "maxResults", "state"},
    "configuration": set(),
}  # fmt: skip
"""What Atlassian's OpenAPI file of Jira Software names for these lists, as github.com/MrRefactoring/jira.js (MIT) of
2026-08-19 has it. There the lists of a sprint's issues have left `/rest/agile/1.0`, so they must not be asked for."""


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        for name in ("jira", "jira-dc"):
            made.box.hooks[name] = require_documented
        yield made


def require_documented(request: Request) -> None:
    """Hold what is asked of Jira Software against its published parameters."""
    path = request.path.partition("/rest/agile/1.0/")[2]
    if path:
        kind = path.rpartition("/")[2]
        assert request.method == "GET"
        assert set(request.query) <= PARAMETERS[kind], request
        assert int(request.first("maxResults", "50")) <= 50
        assert set(request.first("state", "closed").split(",")) <= {"future", "active", "closed"}


def after(days: float) -> datetime:
    return BEGIN + timedelta(days=days)


def sprint(number: int, state: str = "closed", *, start: float = 0, days: float = 7, origin: int = 1) -> BoardSprint:
    """A sprint from `start` days after BEGIN on."""
    if state == "future":
        return BoardSprint(number, f"Sprint {number}", state, origin=origin)
    end = after(start + days)
    return BoardSprint(
        number, f"Sprint {number}", state, after(start), end, end if state == "closed" else None, "", origin
    )


def board(*sprints: BoardSprint, number: int = 1, **more: Any) -> Board:
    return Board(number, f"Board {number}", "F", more.pop("jql", "project = F"), sprints=sprints, **more)


def issue(
    number: int, sprints: Sequence[int], points: float | None, *changes: tuple[float, str, str, str], **more: Any
) -> Issue:
    """An issue in sprints as they are now, with changes so many days after BEGIN: status, sprint or points."""
    names = {"status": "status", "sprint": SPRINT, "points": STORY_POINTS}
    log = [(after(days), names[field], old, new) for days, field, old, new in changes]
    status = next((new for _, field, _, new in reversed(changes) if field == "status"), more.pop("status", "To Do"))
    updated = max([at for at, *_ in log], default=after(-9))
    made = tuple(Sprint(id_, f"Sprint {id_}", "closed") for id_ in sprints)
    return Issue(
        number, f"F-{number}", "x", more.pop("created", after(-9)), status=status, points=points, sprints=made,
        changelog=log, updated=updated, **more,
    )  # fmt: skip


def asking(*columns: str, **query: str) -> Read:
    return Read("r", "sprints", query or {"board": "1"}, columns, count_only=not columns, instants=INSTANTS)


def reading(bench: Bench, read: Read, name: str = "jira", **more: Any) -> Reading:
    [answer] = bench.read(read, name=name, **more)
    assert isinstance(answer, Reading), answer
    return answer


def refused(bench: Bench, read: Read, name: str = "jira", **more: Any) -> SourceError:
    [answer] = bench.read(read, name=name, **more)
    assert isinstance(answer, ReadError), answer
    assert answer.error.saw
    assert answer.error.effect == "Its key results were left as they were."
    assert answer.error.advice
    assert bench.store.rows == []
    return answer.error


def world(bench: Bench, name: str, boards: Sequence[Board], issues: Sequence[Issue] = ()) -> None:
    site = bench.site(name)
    site.boards = {one.id: one for one in boards}
    site.replace(issues)


def figures(bench: Bench, name: str, issues: Sequence[Issue], *sprints: BoardSprint) -> dict[int, tuple[Any, ...]]:
    """(points, issues) of committed, completed, added and removed, by sprint."""
    world(bench, name, [board(*sprints)], issues)
    found = reading(bench, asking("id", *FIGURES), name)
    assert not found.failed
    return {int(str(row["id"])): tuple(row[column] for column in FIGURES) for row in bench.store.rows}


@BOTH
def test_the_sprints_of_a_board(bench: Bench, name: str) -> None:
    world(bench, name, [board(sprint(1), sprint(2, "active", start=7), sprint(3, "future", origin=4))])
    columns = ("id", "board", "name", "state", "start", "due", "closed", "goal", "origin_board")
    found = reading(bench, asking(*columns), name)
    assert [tuple(row[column] for column in columns) for row in bench.store.rows] == [
        (1, 1, "Sprint 1", "closed", after(0), after(7), after(7), None, 1),
        (2, 1, "Sprint 2", "active", after(7), after(14), None, None, 1),
        (3, 1, "Sprint 3", "future", None, None, None, None, 4),
    ]
    assert (found.count, found.asked) == (3, "board: 1")
    assert list(found.warnings) == ["Sprint 3 was made on another board; `sprints: own` leaves it out"]
    assert [entry.target for entry in bench.box.requests(name)] == ["/rest/agile/1.0/board/1/sprint"]
    assert reading(bench, asking(), name).count == 3
    assert bench.meter.count(kind="sprints") == 2


@BOTH
def test_committed_is_what_was_in_the_sprint_when_it_began(bench: Bench, name: str) -> None:
    found = figures(
        bench,
        name,
        [
            issue(1, [7], 5, (2, "status", "To Do", "In Progress"), (3, "status", "In Progress", "Done")),
            issue(2, [7], 8, (1, "points", "3", "8"), (6, "status", "To Do", "Done")),
            issue(3, [7], 2, (8, "status", "To Do", "Done")),
            issue(4, [7], 1, (1, "sprint", "", "7"), (2, "status", "To Do", "Done")),
            issue(5, [], 13, (3, "sprint", "7", "")),
            issue(6, [8], 3, (7, "sprint", "7", "7, 8"), (8, "sprint", "7, 8", "8")),
            issue(7, [7], None, (1, "status", "To Do", "Done")),
            issue(8, [7], 5, (-1, "status", "To Do", "Done")),
            issue(9, [7], 2, (4, "status", "To Do", "Done"), (5, "status", "Done", "In Progress")),
            issue(10, [7], 4, (1, "status", "To Do", "Done"), created=after(0.5)),
            issue(11, [7], 100, (1, "status", "To Do", "Done"), type="Sub-task", parent="F-1"),
            issue(12, [], 50, (-2, "sprint", "7", ""), (3, "status", "To Do", "Done")),
        ],
        sprint(7),
        sprint(8, "active", start=7),
    )
    # committed: 1, 2 (as 3), 3, 5, 6, 7, 8, 9; completed: 1, 2 (as 8), 4, 7, 10; added: 4, 10; removed: 5
    assert found[7] == (5 + 3 + 2 + 13 + 3 + 0 + 5 + 2, 8, 5 + 8 + 1 + 0 + 4, 5, 1 + 4, 2, 13, 1)
    assert found[8] == (3, 1, 0, 0, 0, 0, 0, 0)


@BOTH
def test_a_future_sprint_has_no_figures_and_an_active_one_those_up_to_the_run(bench: Bench, name: str) -> None:
    done = issue(1, [1], 3, (2, "status", "To Do", "Done"))
    found = figures(bench, name, [done, issue(2, [1, 2], 5)], sprint(1, "active", days=60), sprint(2, "future"))
    assert found == {1: (8, 2, 3, 1, 0, 0, 0, 0), 2: (None,) * 8}


@BOTH
def test_done_is_the_last_column_of_the_board(bench: Bench, name: str) -> None:
    columns = {"Open": ("To Do", "Done"), "Ready": ("In Review",), "Empty": ()}
    world(
        bench,
        name,
        [board(sprint(1), columns=columns)],
        [issue(1, [1], 3, (2, "status", "To Do", "Done")), issue(2, [1], 5, (2, "status", "To Do", "In Review"))],
    )
    reading(bench, asking("completed_points"), name)
    assert bench.store.rows == [{"completed_points": 5}]


@BOTH
def test_what_is_asked_for_figures(bench: Bench, name: str) -> None:
    world(bench, name, [board(sprint(1), sprint(2, "future"))], [issue(1, [1], 3, (1, "status", "To Do", "Done"))])
    reading(bench, asking("completed_points"), name)
    targets = [entry.target.partition("/rest/")[2] for entry in bench.box.requests(name)]
    search = "api/2/search/jql" if name == "jira" else "api/2/search"
    others = ["api/2/changelog/bulkfetch"] if name == "jira" else []
    zone = [] if name == "jira" else ["api/2/myself"]
    assert targets == [
        "agile/1.0/board/1/sprint", "agile/1.0/board/1/configuration", "api/2/field", *zone, search, *others,
    ]  # fmt: skip
    asked = next(body for path, body in bench.sent(name) if path.startswith("search"))
    since = "1793581200000" if name == "jira" else '"2026-11-01 20:00"'
    order = "" if name == "jira" else " ORDER BY key"
    assert asked["jql"] == f"filter = 10001 AND (sprint in (1) OR updated >= {since}){order}"
    assert asked["fields"] == ["issuetype", "created", "status", SPRINT, STORY_POINTS]
    if name == "jira":
        [(_, fetched)] = [sent for sent in bench.sent(name) if sent[0] == "changelog/bulkfetch"]
        assert fetched["fieldIds"] == ["status", SPRINT, STORY_POINTS]
    bench.box.log.clear()
    reading(bench, asking("completed_issues"), name)
    assert STORY_POINTS not in next(body for path, body in bench.sent(name) if path.startswith("search"))["fields"]


def test_many_sprints_come_fifty_a_page(bench: Bench) -> None:
    world(bench, "jira", [board(*(sprint(number, start=number) for number in range(1, 121)))])
    assert reading(bench, asking("id")).count == 120
    assert [row["id"] for row in bench.store.rows] == list(range(1, 121))
    assert bench.meter.count(kind="sprints") == 3


@BOTH
def test_the_last_closed_sprints(bench: Bench, name: str) -> None:
    sprints = [sprint(1, start=7), sprint(2, start=0), sprint(3, start=14), sprint(4, "active", start=21)]
    world(bench, name, [board(*sprints, sprint(9, start=30, origin=5))])
    reading(bench, asking("id", board="1", last="2", sprints="own"), name)
    assert [row["id"] for row in bench.store.rows] == [1, 3]
    bench.store.pages.clear()
    reading(bench, asking("id", board="1", state="active"), name)
    assert [row["id"] for row in bench.store.rows] == [4]


@BOTH
def test_the_boards_of_a_project_that_have_sprints(bench: Bench, name: str) -> None:
    boards = [
        board(sprint(1)),
        board(number=2, kind="kanban"),
        board(sprint(2, origin=3), number=3, kind="simple"),
    ]
    world(bench, name, boards, [issue(1, [1], 3)])
    reading(bench, asking("board", "id", project="F"), name)
    assert bench.store.rows == [{"board": 1, "id": 1}, {"board": 3, "id": 2}]


def test_a_sprint_on_two_boards_would_count_twice(bench: Bench) -> None:
    world(bench, "jira", [board(sprint(1)), board(sprint(1), sprint(2, origin=2), number=2)], [issue(1, [1], 3)])
    error = refused(bench, asking("id", board="1 2"))
    assert error.saw == "the boards 1 and 2 both have 'Sprint 1', so it would count twice"
    reading(bench, asking("id", board="1 2", sprints="own"))
    assert [row["id"] for row in bench.store.rows] == [1, 2]


@pytest.mark.parametrize(
    ("query", "saw"),
    [
        ({"last": "3"}, "it needs `board` or `project`, one of them"),
        ({"board": "1", "project": "F"}, "it needs `board` or `project`, one of them"),
        ({"project": "F G"}, "it needs `board` or `project`, one of them"),
        ({"board": "CORE"}, "'CORE' is not the number of a board"),
        ({"board": "1", "last": "3", "state": "active"}, "`last` counts closed sprints, but `state` is active"),
        ({"board": "2"}, "HTTP 400 (The board does not support sprints)"),
        ({"project": "K"}, "the project K has no board with sprints"),
        ({"project": "ZZZ"}, "HTTP 400 (No project could be found with key or id 'ZZZ'.)"),
    ],
)
def test_a_board_that_cannot_be_meant(bench: Bench, query: dict[str, str], saw: str) -> None:
    kanban = Board(2, "Flow", "K", "project = K", kind="kanban")
    world(bench, "jira", [board(sprint(1)), kanban], [Issue(1, "K-1", "x", BEGIN), issue(2, [1], 3)])
    error = refused(bench, asking("id", **query))
    assert error.saw == saw
    assert isinstance(error, NoSprintsError) == (query == {"board": "2"})


@BOTH
def test_a_board_that_the_account_may_not_see(bench: Bench, name: str) -> None:
    error = refused(bench, asking("id", board="77"), name)
    assert error.doing == "jira 'tracker': GET /rest/agile/1.0/board/77/sprint"
    assert error.saw.startswith("HTTP 404 (Requested board cannot be viewed")
    assert "a board that the account may not see" in error.advice


def test_a_scoped_token_needs_scopes_of_boards(bench: Bench) -> None:
    bench.site().scoped = True
    gateway = {"cloud_id": "auto", "gateway": f"{bench.box.service_url('jira')}/gateway"}
    assert reading(bench, asking("completed_points"), **gateway).count == 2
    bench.store.pages.clear()
    text = "Unauthorized; scope does not match"
    bench.box.faults.append(Fault("jira", "/agile/", 401, {"message": text}, times=9))
    error = refused(bench, asking("id"), **gateway)
    assert isinstance(error, AuthError)
    assert "read:sprint:jira-software" in error.advice


@BOTH
def test_figures_fail_alone(bench: Bench, name: str) -> None:
    bench.box.faults.append(Fault(name, "/configuration", 403, {"errorMessages": ["no"]}))
    found = reading(bench, asking("id", "state", "completed_points", "added_issues"), name)
    assert set(found.failed) == {"completed_points", "added_issues"}
    assert found.failed["added_issues"].advice.startswith("Let the account see the board's filter")
    assert [(row["id"], row["completed_points"]) for row in bench.store.rows] == [(1, None), (2, None)]


@BOTH
def test_the_field_of_the_estimates(bench: Bench, name: str) -> None:
    issues = [issue(1, [1], 3, (2, "status", "To Do", "Done"))]
    world(bench, name, [board(sprint(1), estimate="")], issues)
    found = reading(bench, asking("completed_points", "completed_issues"), name)
    assert found.failed["completed_points"].saw == "the board 1 does not estimate by a field"
    bench.store.pages.clear()
    assert not reading(bench, asking("completed_issues"), name).failed
    named = reading(bench, asking("completed_points", board="1", points="story points"), name)
    assert not named.failed
    assert bench.store.rows == [{"completed_issues": 1}, {"completed_points": 3}]
    world(bench, name, [board(sprint(1), estimate="timeoriginalestimate")], issues)
    found = reading(bench, asking("completed_points"), name)
    assert found.failed["completed_points"].saw == "the board 1 estimates by timeoriginalestimate, not by points"
    found = reading(bench, asking("completed_points", board="1", points="Story Point"), name)
    assert found.failed["completed_points"].saw == "no field is named 'Story Point'; did you mean 'Story Points'?"


def test_a_name_that_two_fields_have_lists_them(bench: Bench) -> None:
    fields = [
        {"id": id_, "name": "Story Points", "schema": {"custom": "float"}} for id_ in ("customfield_1", "customfield_2")
    ]
    fields.append({"id": SPRINT, "name": "Sprint", "schema": {"custom": "com.pyxis.greenhopper.jira:gh-sprint"}})
    bench.box.faults.append(Fault("jira", "/field", 200, fields))
    found = reading(bench, asking("completed_points", board="1", points="Story Points"))
    error = found.failed["completed_points"]
    assert error.saw == "several fields are named 'Story Points': customfield_1, customfield_2"
    assert error.advice == "Write the id of the right one as `points`."


@BOTH
def test_a_history_that_does_not_lead_to_today_is_no_guess(bench: Bench, name: str) -> None:
    broken = issue(1, [1], 8, (1, "points", "3", "5"))
    world(bench, name, [board(sprint(1))], [broken, issue(2, [1], 2)])
    found = reading(bench, asking("committed_points"), name)
    assert found.failed["committed_points"].saw == f"the history of {STORY_POINTS} in F-1 is not complete"
    bench.store.pages.clear()
    elsewhere = issue(1, [5], 8, (1, "points", "3", "5"), (2, "sprint", "4", "5"))
    world(bench, name, [board(sprint(1))], [elsewhere, issue(2, [1], 2)])
    assert not reading(bench, asking("committed_points"), name).failed
    assert bench.store.rows == [{"committed_points": 2}]


def test_histories_of_data_center_know_a_field_by_its_name(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that no field has may be an earlier one of the estimates, so that it is not passed over in silence."""
    for number, name in enumerate(("Old Points", "Team", "Velocity Points"), start=90):
        monkeypatch.setitem(issue_json._HISTORY_NAMES, f"customfield_{number}", name)
    log = [
        (after(1), "customfield_90", "3", "5"), (after(1), "customfield_91", "Red", "Blue"),
        (after(2), "customfield_92", "", "8.5"), (after(3), STORY_POINTS, "5", "8"),
    ]  # fmt: skip
    renamed = issue(1, [1], 8)
    renamed.changelog = log
    for name in ("jira-dc", "jira"):
        world(bench, name, [board(sprint(1))], [renamed])
        found = reading(bench, asking("committed_points"), name)
        warned = " ".join(found.warnings)
        assert len(found.warnings) == (name == "jira-dc"), "Cloud knows fields by their ids"
        assert ("no longer has: Old Points, Velocity Points; if one" in warned) == (name == "jira-dc")


def test_a_name_that_two_fields_have_is_no_name_of_a_history(bench: Bench) -> None:
    fields = [
        {"id": id_, "name": "Story Points", "schema": {"custom": "float"}} for id_ in (STORY_POINTS, "customfield_2")
    ]
    fields.append({"id": SPRINT, "name": "Sprint", "schema": {"custom": "com.pyxis.greenhopper.jira:gh-sprint"}})
    for name in ("jira", "jira-dc"):
        bench.box.faults.append(Fault(name, "/field", 200, fields))
        found = reading(bench, asking("completed_points"), name)
        assert set(found.failed) == ({"completed_points"} if name == "jira-dc" else set())
    error = found.failed["completed_points"]
    assert error.saw == f"several fields are named 'Story Points': {STORY_POINTS}, customfield_2"
    assert error.advice == "Rename one of them in Jira: histories of Data Center know fields by name only."


@BOTH
def test_a_closed_sprint_without_a_date_is_unknown_and_named(bench: Bench, name: str) -> None:
    endless = BoardSprint(1, "Sprint 1", "closed", after(0), after(7))
    world(bench, name, [board(endless)], [issue(1, [1], 3)])
    found = reading(bench, asking("id", "committed_points"), name)
    assert bench.store.rows == [{"id": 1, "committed_points": None}]
    assert [str(text) for text in found.warnings] == [
        "Sprint 1: Jira does not say when it was closed; its figures are unknown"
    ]


PAGE: dict[str, Any] = {"isLast": True, "startAt": 0, "maxResults": 50}
ENTRY = {"id": 1, "name": "S", "state": "closed", "startDate": "2026-10-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("body", "saw"),
    [
        ([], "the answer is not a JSON object"),
        (PAGE, "the answer has no list of values"),
        ({"values": [], "isLast": False}, "its pages do not end"),
        ({"values": [ENTRY]}, "its pages do not end"),
        (
            PAGE | {"values": [ENTRY | {"state": "paused"}]},
            "a sprint has no id, no name or no state that Jira documents",
        ),
        (PAGE | {"values": [ENTRY | {"startDate": None}]}, "a sprint that was started has no date of its start"),
        (PAGE | {"values": [ENTRY | {"endDate": "soon"}]}, "the field endDate is text, not a date"),
        (PAGE | {"values": [ENTRY, ENTRY]}, "an entry is on two pages"),
        ({"values": [ENTRY], "isLast": False}, "an entry is on two pages"),
        (PAGE | {"values": [ENTRY], "total": 2}, "1 of 2 entries came"),
    ],
)
def test_a_page_that_is_not_as_documented(bench: Bench, body: object, saw: str) -> None:
    bench.box.faults.append(Fault("jira", "/sprint", 200, body, times=2))
    assert refused(bench, asking("id")).saw == saw


SETUPS: Sequence[tuple[dict[str, Any], str]] = (
    ({"filter": {"id": 1}}, "the board has no columns, or neither filter nor project"),
    ({"columnConfig": {"columns": []}}, "the board has no columns, or neither filter nor project"),
    ({"columnConfig": {"columns": [{"name": "x", "statuses": []}]}, "filter": {"id": 1}},
     "no status is mapped to a column of the board"),
)  # fmt: skip


def test_a_board_on_two_pages_counts_nothing_twice(bench: Bench) -> None:
    world(bench, "jira", [board(sprint(1))], [issue(1, [1], 3)])
    body = {"values": [{"id": 1, "type": "scrum"}], "isLast": False}
    bench.box.faults.append(Fault("jira", "/board", 200, body, times=2))
    assert refused(bench, asking("id", project="F")).saw == "an entry is on two pages"


@pytest.mark.parametrize(("body", "saw"), SETUPS)
def test_a_board_that_is_not_set_up(bench: Bench, body: dict[str, Any], saw: str) -> None:
    bench.box.faults.append(Fault("jira", "/configuration", 200, body))
    assert reading(bench, asking("completed_issues")).failed["completed_issues"].saw == saw


@BOTH
def test_a_board_without_a_filter_shows_its_project(bench: Bench, name: str) -> None:
    others = [issue(1, [1], 3, (2, "status", "To Do", "Done")), Issue(2, "G-2", "x", after(-9), points=5.0)]
    others[1].sprints = others[0].sprints
    world(bench, name, [board(sprint(1))], others)
    done = {"name": "Done", "statuses": [{"id": issue_json.status_id("Done")}]}
    body = {"columnConfig": {"columns": [done]}, "location": {"type": "project", "projectKeyOrId": "F"}}
    bench.box.faults.append(Fault(name, "/configuration", 200, body))
    reading(bench, asking("committed_issues", "completed_issues"), name)
    assert bench.store.rows == [{"committed_issues": 1, "completed_issues": 1}]
    asked = next(body for path, body in bench.sent(name) if path.startswith("search"))
    assert asked["jql"].startswith('project = "F" AND (sprint in (1) OR updated >= ')


CHANGE: dict[str, Any] = {"field": "Sprint", "fieldtype": "custom", "fieldId": SPRINT}


@pytest.mark.parametrize(
    ("item", "saw"),
    [
        (CHANGE | {"from": "", "to": "one"}, "a change of sprint does not name the sprints"),
        ({"fieldId": "status", "from": None, "to": "3"}, "a change of status does not name the statuses"),
        (
            {"fieldId": STORY_POINTS, "fieldtype": "custom", "fromString": "", "toString": "many"},
            "a change of estimate does not name the numbers",
        ),
    ],
)
def test_a_change_that_is_not_as_documented(bench: Bench, item: dict[str, Any], saw: str) -> None:
    world(bench, "jira", [board(sprint(1))], [issue(1, [1], 3)])
    history = {"created": 1793581200000, "items": [item]}
    body = {"issueChangeLogs": [{"issueId": "1", "changeHistories": [history]}]}
    bench.box.faults.append(Fault("jira", "bulkfetch", 200, body))
    assert reading(bench, asking("completed_points")).failed["completed_points"].saw == saw


def test_a_list_of_sprints_that_breaks_off_is_read_again(bench: Bench) -> None:
    bench.box.faults.append(Fault("jira", "/sprint", 200, b'{"values": [', times=1))
    bench.box.faults.append(Fault("jira", "/sprint", 502, {}, times=1))
    assert reading(bench, asking("id")).count == 2
    assert len(bench.slept) == 2


HTML = {"Content-Type": "text/html"}
FAULTS: Mapping[str, dict[str, Any]] = {
    "401": {"status": 401, "body": {"message": "no"}},
    "403": {"status": 403, "body": {"errorMessages": ["no"]}},
    "404": {"status": 404, "body": {"errorMessages": ["no"]}},
    "410": {"status": 410, "body": {"errorMessages": ["gone"]}},
    "429": {"status": 429, "body": b"<html>slow</html>", "headers": {"Retry-After": "3", **HTML}},
    "500": {"status": 500, "body": {}},
    "503": {"status": 503, "body": b"<html>down</html>", "headers": HTML},
    "HTML with 200": {"status": 200, "body": b"<html>Sign in</html>", "headers": HTML},
    "truncated JSON": {"status": 200, "body": b'{"values": [{"id": 1'},
    "a reset": {"status": 200, "body": {"values": [], "issues": []}, "cut": 5},
    "another document": {"status": 200, "body": {"hello": "world"}},
    "a list": {"status": 200, "body": [1]},
    "null": {"status": 200, "body": b"null"},
}
PASS = ("429", "500", "503", "truncated JSON", "a reset")


PARTS = {
    "jira": ("/sprint", "/configuration", "/field", "/search", "/changelog"),
    "jira-dc": ("/sprint", "/configuration", "/field", "/search", "/myself"),
}
"""What is asked for figures."""


@pytest.mark.parametrize(("name", "part"), [(name, part) for name, parts in PARTS.items() for part in parts])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_makes_another_number(bench: Bench, name: str, fault: str, part: str) -> None:
    """Once, a fault that passes costs a wait; one that lasts makes the figures unknown, and no more than those."""
    world(bench, name, [board(sprint(1))], [issue(1, [1], 3, (2, "status", "To Do", "Done")), issue(2, [1], 5)])
    right = [{"state": "closed", "committed_points": 8, "completed_points": 3}]
    for times in (1, 99):
        bench.store.pages.clear()
        bench.box.faults[:] = [Fault(name, part, times=times, **FAULTS[fault])]
        [answer] = bench.read(asking(*right[0]), name=name)
        if isinstance(answer, Reading) and not answer.failed:
            assert bench.store.rows == right
            assert (fault in PASS, times) == (True, 1)
            continue
        assert fault not in PASS or times == 99
        errors = [answer.error] if isinstance(answer, ReadError) else answer.failed.values()
        assert isinstance(answer, ReadError) == (part == "/sprint")
        assert all(all((error.doing, error.saw, error.effect, error.advice)) for error in errors)
        assert bench.store.rows == ([] if part == "/sprint" else [dict.fromkeys(right[0]) | {"state": "closed"}])


DAYS = st.integers(0, 20)


@given(st.lists(st.tuples(DAYS, st.integers(0, 8), DAYS, DAYS), max_size=8), DAYS, DAYS)
def test_what_was_committed_and_added_but_not_removed_is_there_at_the_end(
    rows: list[tuple[int, int, int, int]], begin: int, end: int
) -> None:
    """Whatever came and went: issues at the begin, with those added, without those removed, are those at the end."""
    begin, end = sorted((begin, end))
    issues = []
    for at, (created, points, first, second) in enumerate(rows):
        steps = [(after(day), frozenset({1}) if number % 2 == 0 else frozenset[int]()) for number, day in
                 enumerate(sorted((first, second)))]  # fmt: skip
        course = Course(frozenset[int](), steps)
        status = Course("open", [(after(second), "done")])
        issues.append(SprintIssue(f"F-{at}", after(created), course, status, Course(float(points))))
    found = velocity_of(1, after(begin), after(end), issues, {"done"})
    there = [one for one in issues if one.is_in(1, after(end))]
    assert found.committed.issues + found.added.issues - found.removed.issues == len(there)
    assert found.completed.issues <= len(there)
    assert found.committed.points + found.added.points - found.removed.points == sum(
        one.points.first or 0 for one in there
    )


def test_a_sprint_without_issues_is_none_and_no_points() -> None:
    none = Tally(0, 0.0)
    found = velocity_of(1, BEGIN, after(7), [], {"done"})
    assert (found.committed, found.completed, found.added, found.removed) == (none,) * 4


def test_the_sandbox_refuses_what_jira_refuses(bench: Bench) -> None:
    site = bench.site()
    headers = {"authorization": "Basic ZGVtb0BleGFtcGxlLmNvbTpzYW5kYm94LXRva2Vu"}

    def answer(path: str, method: str = "GET", **query: str) -> Response:
        asked = {name: [text] for name, text in query.items()}
        return site.handle(Request(method, f"/rest/agile/1.0/{path}", asked, headers, b"", "http://jira"))

    assert answer("board").status == 200
    assert answer("board/1/sprint", state="closed,active").status == 200
    assert answer("board/1/sprint", state="paused").status == 400
    assert answer("board/1/sprint", fields="id").status == 400
    assert answer("board/1/sprint", startAt="-1").status == 400
    assert answer("board/1/sprint/1/issue").status == 404
    assert answer("sprint/1/issue").status == 404
    assert answer("board/1/sprint", method="POST").status == 404
    assert answer("board/nine/sprint").status == 404
    site.software = False
    assert answer("board").status == 404
