from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.flow import Change, Life, flow_of
from connectors.protocol import Read, Reading
from connectors.sandbox.jira.issues import Issue
from jira_kit import INSTANTS, NOW, Bench, open_bench
from sandbox_kit import Fault

FLOW = ("key", "started", "cycle_time_hours", "hours_new", "hours_in_progress")
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
CATEGORIES: dict[str, str | None] = {"1": "new", "2": "indeterminate", "3": "done", "4": None}
BOTH = pytest.mark.parametrize("name", ["jira", "jira-dc"])


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        yield made


def after(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def issue(number: int, *steps: tuple[float, str], resolved: float | None = None, first: str = "To Do") -> Issue:
    """An issue created at BEGIN in the status `first`, moved after so many hours to each status."""
    names = [first, *(status for _, status in steps)]
    log = [(after(hours), "status", names[at], status) for at, (hours, status) in enumerate(steps)]
    end = None if resolved is None else after(resolved)
    return Issue(number, f"F-{number}", "x", BEGIN, status=names[-1], resolved=end, changelog=log)


def flows(
    bench: Bench, name: str, *issues: Issue, columns: Sequence[str] = FLOW, **more: Any
) -> dict[str, tuple[Any, ...]]:
    bench.site(name).replace(issues)
    bench.rows("project = F", *columns, name=name, **more)
    return {str(row["key"]): tuple(row[column] for column in columns[1:]) for row in bench.store.rows}


UNTIL_NOW = (NOW - BEGIN) / timedelta(hours=1)


@BOTH
def test_the_way_of_an_issue_in_hours(bench: Bench, name: str) -> None:
    found = flows(
        bench,
        name,
        issue(1, (2, "In Progress"), (5, "In Review"), (9, "Done"), resolved=9),
        issue(2, (1, "In Progress"), (3, "To Do"), (10, "In Progress"), (11, "Done"), resolved=11),
        issue(3),
        issue(4, (4, "In Progress")),
        issue(5, (6, "Done"), resolved=6),
        issue(6, (6, "Done"), resolved=6, first="In Progress"),
        issue(7, (1, "Done"), (2, "In Progress"), (3, "Done"), resolved=1),
    )
    assert found == {
        "F-1": (after(2), 7.0, 2.0, 7.0),
        "F-2": (after(1), 10.0, 8.0, 3.0),
        "F-3": (None, None, UNTIL_NOW, 0.0),
        "F-4": (after(4), None, 4.0, UNTIL_NOW - 4),
        "F-5": (None, None, 6.0, 0.0),
        "F-6": (BEGIN, 6.0, 0.0, 6.0),
        "F-7": (after(2), None, 1.0, 0.0),
    }


@BOTH
def test_history_is_asked_for_only_where_a_column_needs_it(bench: Bench, name: str) -> None:
    bench.site(name).replace([issue(1, (2, "In Progress"))])
    bench.rows("project = F", "key", "lead_time_hours", "status_category", name=name)
    [(_, plain)] = bench.sent(name)
    assert "expand" not in plain
    bench.box.log.clear()
    bench.rows("project = F", "hours_new", name=name)
    paths = [path for path, _ in bench.sent(name)]
    asked = bench.sent(name)[0][1]
    assert asked["fields"] == ["status", "created", "resolutiondate"]
    if name == "jira":
        assert paths == ["search/jql", "changelog/bulkfetch", "status"]
        fetched = bench.sent(name)[1][1]
        assert fetched == {"issueIdsOrKeys": ["1"], "fieldIds": ["status"], "maxResults": 10_000}
    else:
        assert paths == ["search", "status"]
        assert asked["expand"] == ["changelog"]
        assert asked["maxResults"] == 200
    assert bench.meter.count(kind="history") == (name == "jira")


@BOTH
def test_the_list_of_statuses_is_asked_for_once_and_only_where_the_issues_show_too_few(bench: Bench, name: str) -> None:
    output = [issue(1, (2, "In Progress"), (3, "Done"), resolved=3), issue(2), issue(3, (1, "In Progress"))]
    flows(bench, name, *output)
    assert bench.meter.count(kind="statuses") == 0
    bench.site(name).replace(output[:1])
    reads = [Read(key, "issues", {"jql": "project = F"}, FLOW, instants=INSTANTS) for key in "abc"]
    bench.read(*reads, name=name)
    assert bench.meter.count(kind="statuses") == 1
    assert [row["cycle_time_hours"] for row in bench.store.rows[-3:]] == [1.0, 1.0, 1.0]


def many(count: int) -> list[Issue]:
    return [issue(at, (at % 7, "In Progress"), (at % 7 + 2, "Done"), resolved=at % 7 + 2) for at in range(1, count + 1)]


def test_histories_of_many_issues_come_a_thousand_a_request_and_page_by_page(bench: Bench) -> None:
    bench.site().history_cap = 700
    found = flows(bench, "jira", *many(2_345))
    assert found == {f"F-{at}": (after(at % 7), 2.0, float(at % 7), 2.0) for at in range(1, 2_346)}
    fetched = [body for path, body in bench.sent() if path == "changelog/bulkfetch"]
    first = [body for body in fetched if "nextPageToken" not in body]
    assert sorted(len(body["issueIdsOrKeys"]) for body in first) == [345, 1000, 1000]
    assert len(fetched) == 3 + 3 + 1


def test_data_center_reads_histories_with_its_pages(bench: Bench) -> None:
    found = flows(bench, "jira-dc", *many(450))
    assert found == {f"F-{at}": (after(at % 7), 2.0, float(at % 7), 2.0) for at in range(1, 451)}
    assert sorted(body["startAt"] for path, body in bench.sent("jira-dc") if path == "search") == [0, 200, 400]


@BOTH
def test_hours_of_open_issues_end_at_the_runs_instant(bench: Bench, name: str) -> None:
    columns = ("key", "hours_new")
    assert flows(bench, name, issue(1), columns=columns) == {"F-1": (UNTIL_NOW,)}
    bench.read(Read("x", "issues", {"jql": "project = F"}, columns), name=name)
    assert bench.store.rows[-1] == {"key": "F-1", "hours_new": None}


def test_a_field_of_ones_own_takes_the_place_of_a_history_column(bench: Bench) -> None:
    bench.site().replace([Issue(1, "F-1", "x", BEGIN, custom={"customfield_7": 3})])
    bench.rows("project = F", "started", fields={"started": {"id": "customfield_7", "type": "number"}})
    assert bench.store.rows == [{"started": 3}]
    assert bench.meter.count(kind="history") == 0


CHANGE = {"created": 1793491200000, "items": [{"fieldId": "status", "from": "1", "to": "2"}]}


def logs(*histories: object, id_: object = "1") -> dict[str, object]:
    return {"issueChangeLogs": [{"issueId": id_, "changeHistories": list(histories)}]}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "no list of histories"),
        ({"issueChangeLogs": [5]}, "belongs to an issue that was not requested"),
        (logs(CHANGE, id_="2"), "belongs to an issue that was not requested"),
        ({"issueChangeLogs": [{"issueId": "1"}]}, "no list of changes"),
        (logs(5), "a change has no items"),
        (logs({"created": 1, "items": [5]}), "a change is not an object"),
        (logs({**CHANGE, "created": 1793491200}), "a change has no time"),
        (logs({**CHANGE, "created": True}), "created of a change"),
        (logs({**CHANGE, "created": None}), "a change has no time"),
        (logs({**CHANGE, "created": "soon"}), "created of a change"),
        (logs({**CHANGE, "items": [{"fieldId": "status", "from": "1"}]}), "does not name the statuses"),
        ({**logs(CHANGE), "nextPageToken": 7}, "its pages do not end"),
    ],
)
def test_a_history_of_another_form_is_an_error(bench: Bench, body: object, text: str) -> None:
    bench.site().replace([issue(1)])
    bench.box.faults.append(Fault("jira", "changelog", 200, body))
    error = bench.column_fails("project = F", "started")
    assert text in str(error)
    assert error.effect
    assert error.advice


def test_a_token_that_comes_twice_ends_a_history(bench: Bench) -> None:
    bench.site().replace([issue(1)])
    bench.box.faults.append(Fault("jira", "changelog", 200, {**logs(CHANGE), "nextPageToken": "again"}, times=2))
    assert "its pages do not end" in str(bench.column_fails("project = F", "started"))


@pytest.mark.parametrize(
    ("changelog", "text"),
    [
        (None, "an issue has no history"),
        ({"histories": []}, ""),
        ({"total": 2, "histories": []}, "0 of 2 changes of an issue were received"),
    ],
)
def test_data_center_that_leaves_changes_out_is_an_error(bench: Bench, changelog: object, text: str) -> None:
    status = {"id": "1", "statusCategory": {"key": "new"}}
    fields = {"status": status, "created": "2026-11-01T00:00:00.000+0000", "resolutiondate": None}
    page = {"total": 1, "issues": [{"id": "1", "key": "F-1", "fields": fields, "changelog": changelog}]}
    bench.box.faults.append(Fault("jira-dc", "search", 200, page))
    [answer] = bench.read(Read("r", "issues", {"jql": "project = F"}, FLOW, instants=INSTANTS), name="jira-dc")
    assert isinstance(answer, Reading)
    assert set(answer.failed) == ({"started", "cycle_time_hours", "hours_new", "hours_in_progress"} if text else set())
    assert all(text in str(error) for error in answer.failed.values())


@pytest.mark.parametrize("body", [{}, [5], [{"id": "1"}], [{"id": 1, "statusCategory": {"key": "new"}}]])
def test_statuses_of_another_form_are_an_error(bench: Bench, body: object) -> None:
    bench.site().replace([issue(1, (1, "In Progress"))])
    bench.box.faults.append(Fault("jira", "/status", 200, body))
    assert "GET /rest/api/2/status" in str(bench.column_fails("project = F", "started"))


@pytest.mark.parametrize("kept", [0, 1])
def test_a_history_that_fails_costs_its_columns_alone(bench: Bench, kept: int) -> None:
    bench.site().replace(many(1_500))
    bench.box.faults.append(Fault("jira", "changelog", 400, {"errorMessages": ["no"]}, skip=kept))
    plain, flow = bench.read(
        Read("p", "issues", {"jql": "project = F"}, ("key",), count_only=False, instants=INSTANTS),
        Read("f", "issues", {"jql": "project = F"}, FLOW, instants=INSTANTS),
    )
    assert isinstance(flow, Reading)
    assert isinstance(plain, Reading)
    assert (plain.count, flow.count, plain.failed) == (1_500, 1_500, {})
    assert set(flow.failed) == {"started", "cycle_time_hours", "hours_new", "hours_in_progress"}


hours = st.floats(0, 1000, allow_nan=False)
statuses = st.sampled_from(["1", "2", "3", "4"])


@given(st.lists(st.tuples(hours, statuses), max_size=8), statuses, hours)
def test_the_hours_of_all_categories_are_the_whole_life(steps: list[tuple[float, str]], first: str, end: float) -> None:
    steps = sorted(steps)
    names = [first, *(status for _, status in steps)]
    changes = [Change(after(at), names[place], status) for place, (at, status) in enumerate(steps)]
    life = Life(BEGIN, None, after(end), names[-1])
    spent = 0.0
    for category in CATEGORIES.values():
        as_new: dict[str, str | None] = {
            key: "new" if value == category else "done" for key, value in CATEGORIES.items()
        }
        spent += flow_of(life, changes, as_new).hours_new or 0.0
    assert spent == pytest.approx(end, abs=1e-4)
    flow = flow_of(life, changes, CATEGORIES)
    assert (flow.started is not None) == ("2" in names)
    if flow.started is not None:
        assert flow.started >= BEGIN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([Change(after(1), "1", "9"), Change(after(2), "9", "2")], (None, None)),
        ([Change(after(1), "1", "2"), Change(after(2), "2", "9")], (after(1), None)),
        ([Change(after(1), "1", "9"), Change(after(1), "9", "2")], (None, 1.0)),
    ],
)
def test_a_status_that_nobody_knows_any_more_makes_its_hours_unknown(
    changes: list[Change], expected: tuple[datetime | None, float | None]
) -> None:
    flow = flow_of(Life(BEGIN, None, after(5), "2"), changes, CATEGORIES)
    assert (flow.started, flow.hours_new) == expected


def test_changes_before_the_creation_count_from_the_creation_on() -> None:
    flow = flow_of(
        Life(BEGIN, after(3), after(3), "3"), [Change(after(-9), "1", "2"), Change(after(3), "2", "3")], CATEGORIES
    )
    assert (flow.started, flow.cycle_time_hours, flow.hours_new, flow.hours_in_progress) == (BEGIN, 3.0, 0.0, 3.0)
