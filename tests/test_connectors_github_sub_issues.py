"""Sub-issues of GitHub: their numbers and parents as columns of issues, and the issues themselves."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from config.errors import AuthError, SourceError
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.github.state import item, repository
from github_kit import TOKEN, World, open_world, opened

EPIC = "acme/app#20"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", TOKEN)
    with open_world() as made:
        source = opened(made.sandbox, made.meter, made.waits, lanes=1)
        yield replace(made, source=source)
        source.close()


def sub_issues(parent: str, *columns: str, **given: Any) -> Read:
    return Read("rows", "sub_issues", {"parent": parent}, columns, **given)


def count(parent: str, key: str = "count") -> Read:
    return Read(key, "sub_issues", {"parent": parent}, count_only=True)


def family(number: int) -> dict[str, Any]:
    """Repositories in which o/epics#1 has so many sub-issues in o/r, and those have one in o/epics."""
    children = [
        item(n + 1, "2026-10-01T00:00:00Z", parent="o/epics#1", state="closed" if n % 2 else "open")
        for n in range(number)
    ]
    epics = [item(1, "2026-09-01T00:00:00Z"), item(2, "2026-10-02T00:00:00Z", parent="o/r#1")]
    return {"o/epics": repository("o/epics", items=epics), "o/r": repository("o/r", items=children)}


def test_an_epic_knows_its_sub_issues_and_they_know_it(world: World) -> None:
    columns = ("number", "parent", "sub_issues_total", "sub_issues_completed")
    assert world.one(Read("rows", "issues", {"search": "repo:acme/app"}, columns)).count == 80
    rows = {row["number"]: row for row in world.kept.rows["rows"]}
    assert (rows[20]["sub_issues_total"], rows[20]["sub_issues_completed"], rows[20]["parent"]) == (8, 5, None)
    assert {number for number, row in rows.items() if row["parent"] == EPIC} == set(range(21, 29))
    assert (rows[21]["sub_issues_total"], rows[21]["sub_issues_completed"]) == (0, 0)
    [sent] = world.sent()
    assert (
        "parent{number,repository{nameWithOwner}} subIssuesSummary{total} subIssuesSummary{completed}" in sent["query"]
    )


def test_the_sub_issues_themselves(world: World) -> None:
    reading = world.one(sub_issues(EPIC, "number", "state", "parent"))
    assert (reading.count, reading.asked) == (8, f"parent:{EPIC}")
    assert reading.link == f"{world.sandbox.service_url('github')}/acme/app/issues/20"
    rows = world.kept.rows["rows"]
    assert {row["number"] for row in rows} == set(range(21, 29))
    assert sum(row["state"] == "closed" for row in rows) == 5
    assert {row["parent"] for row in rows} == {EPIC}
    assert len(world.sandbox.requests("github")) == 1


@pytest.mark.parametrize(
    "parent",
    [
        "https://github.com/acme/app/issues/20",
        "https://github.com/acme/app/issues/20#issuecomment-7",
        "http://127.0.0.1:8765/github/acme/app/issues/20?x=1",
        "acme/app/issues/20",
        f"{EPIC} {EPIC}",
    ],
)
def test_an_issue_may_be_pasted_as_its_address_and_counts_once(world: World, parent: str) -> None:
    assert world.one(sub_issues(parent, "number")).count == 8


def test_they_may_be_in_other_repositories_and_over_a_hundred(world: World) -> None:
    world.service.load({"repositories": family(250)})
    assert world.one(sub_issues("o/epics#1", "number", "repository")).count == 250
    rows = world.kept.rows["rows"]
    assert {row["number"] for row in rows} == set(range(1, 251))
    assert {row["repository"] for row in rows} == {"o/r"}
    assert len(world.sandbox.requests("github")) == 3
    both = world.one(replace(sub_issues("o/epics#1 o/r#1", "number"), key="both"))
    assert (both.count, both.link) == (251, "")


def test_counts_share_one_request(world: World) -> None:
    world.service.load({"repositories": family(7)})
    answers = world.read(
        count("o/epics#1"), count("o/r#2", "none"), count("o/epics#1 o/r#1", "both"),
        Read("closed", "issues", {"search": "repo:o/r is:closed"}, count_only=True),
    )  # fmt: skip
    assert {key: answer.count for key, answer in answers.items() if isinstance(answer, Reading)} == {
        "count": 7, "none": 0, "both": 8, "closed": 3,
    }  # fmt: skip
    assert len(world.sandbox.requests("github")) == 1
    assert world.kept.rows == {}


@pytest.mark.parametrize(
    ("parent", "words"),
    [
        ("acme/app#81", "Could not resolve to an Issue with the number of 81"),
        ("acme/nope#1", "Could not resolve to a Repository with the name 'acme/nope'"),
    ],
)
def test_an_issue_that_is_not_there(world: World, parent: str, words: str) -> None:
    answers = world.read(sub_issues(parent, "number"), count(parent))
    for answer in answers.values():
        assert isinstance(answer, ReadError)
        assert f"sub-issues of {parent}" in answer.error.doing
        assert words in answer.error.saw
        assert answer.error.advice == "Check the name, and that the token in $OKRSYNC_TEST_TOKEN can read it."
    assert world.kept.rows == {}


@pytest.mark.parametrize("parent", ["", "12", "acme/app", "#12", "acme/app#x", "acme/app/pull/7", f"{EPIC} x"])
def test_what_is_no_issue_is_refused_before_it_is_sent(world: World, parent: str) -> None:
    error = world.error(count(parent))
    assert "is not an issue; write one such as acme/app#12" in str(error)
    assert world.sandbox.requests("github") == []


@pytest.mark.parametrize(
    ("field", "kept"),
    [("Issue.subIssuesSummary", {"number", "parent"}), ("Issue.parent", {"number", "sub_issues_total"})],
)
def test_an_older_server_costs_only_the_columns_that_it_lacks(world: World, field: str, kept: set[str]) -> None:
    world.service.missing_fields = frozenset({field})
    reading = world.one(Read("rows", "issues", {"search": "repo:acme/app"}, ("number", "parent", "sub_issues_total")))
    assert reading.count == 80
    assert set(world.kept.rows["rows"][0]) == kept
    [failed] = reading.failed.values()
    assert "update GitHub Enterprise Server" in failed.advice


def test_a_server_without_sub_issues_says_so(world: World) -> None:
    world.service.missing_fields = frozenset({"Issue.subIssues"})
    for key in ("rows", "count"):
        error = world.error(replace(sub_issues(EPIC, "number"), key=key))
        assert "Field 'subIssues' doesn't exist on type 'Issue'" in error.saw


CONNECTION = {"totalCount": 2, "pageInfo": {"hasNextPage": False, "endCursor": None}}
NODE = {"url": "u", "number": 7}


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([NODE], "1 of 2 rows were received"),
        ([NODE, None], "1 of 2 rows were received"),
        ([NODE, NODE], "1 of 2 rows were received"),
        ([NODE, {"url": "v", "number": "seven"}], "not as documented"),
        ([NODE, {"number": 8}], "not as documented"),
    ],
)
def test_a_list_that_is_not_whole_is_an_error(world: World, nodes: list[Any], words: str) -> None:
    answer = {"data": {"repository": {"issue": {"subIssues": {**CONNECTION, "nodes": nodes}}}}}
    world.fault(200, answer, times=3)
    assert words in str(world.error(sub_issues(EPIC, "number")))
    assert world.kept.rows == {}


@pytest.mark.parametrize(
    "body", [{"data": {"repository": {"issue": None}, "x": 1}}, {"data": {"repository": None, "x": 1}}]
)
def test_an_answer_without_the_issue_is_an_error(world: World, body: Any) -> None:
    world.fault(200, body)
    assert "GitHub gave no answer" in world.error(sub_issues(EPIC, "number")).saw


@pytest.mark.parametrize("body", [{}, {"issue": None}, {"issue": {"subIssues": {"totalCount": "7"}}}])
def test_a_count_that_is_none_is_an_error(world: World, body: Any) -> None:
    world.fault(200, {"data": {"k0": body}})
    assert isinstance(world.error(count(EPIC)), SourceError)


def test_a_parent_that_may_not_be_seen(world: World) -> None:
    forbidden = {"type": "FORBIDDEN", "path": ["repository", "issue"], "message": "Resource not accessible"}
    world.fault(200, {"data": {"repository": {"issue": None}}, "errors": [forbidden]})
    assert isinstance(world.error(sub_issues(EPIC, "number")), AuthError)
