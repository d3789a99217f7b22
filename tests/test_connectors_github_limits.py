"""GitHub's primary limits: how the sandbox plays them, and what a run does whose budget ends."""

import json
import time
from collections.abc import Iterator

import pytest
import requests
from graphql import parse

from command_kit import Shell
from connectors.github.points import CONNECTIONS, points
from connectors.http import Meter
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.github.limits import Limits, Resource
from connectors.sandbox.github.schema import schema
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.github.state import item, repository
from connectors.sandbox.server import Request
from demo_kit import demo_workspace, sheets_of
from github_kit import opened
from sandbox_kit import Sandbox
from source_contract import Rows

ACCESS = {"Authorization": "token sandbox-token"}


@pytest.fixture
def service() -> GitHubService:
    return GitHubService({"o/r": repository("o/r", items=[item(n, "2026-10-01T00:00:00Z") for n in range(1, 4)])})


@pytest.fixture
def sandbox(service: GitHubService) -> Iterator[Sandbox]:
    with Sandbox([service]) as running:
        yield running


def test_rest_gives_five_thousand_requests_an_hour(service: GitHubService, sandbox: Sandbox) -> None:
    clock = [1_000_000.0]
    service.limits = Limits(lambda: clock[0])
    spent = service.limits.by_resource["core"]
    assert service.limits.spend("core", 4999)
    runs = f"{sandbox.url}/github/repos/o/r/actions/runs"
    answers = [requests.get(runs, headers=ACCESS, timeout=5) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 403]
    assert "API rate limit exceeded" in answers[-1].json()["message"]
    shown = {key: value for key, value in answers[-1].headers.items() if key.startswith("X-RateLimit")}
    assert shown == {
        "X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Used": "5000",
        "X-RateLimit-Reset": "1003600", "X-RateLimit-Resource": "core",
    }  # fmt: skip
    clock[0] += 3600
    assert requests.get(runs, headers=ACCESS, timeout=5).headers["X-RateLimit-Remaining"] == "4999"
    assert spent.used == 1


def counts_of(number: int) -> str:
    return "{" + " ".join(f'k{n}: search(query: "x", type: ISSUE) {{issueCount}}' for n in range(number)) + "}"


OF_ISSUES = """query($n: Int!) {repository(owner: "o", name: "r") {issues(first: $n) {nodes {...part}}}}
fragment part on Issue {labels(first: 10) {nodes {name}} assignees(first: 10) {nodes {login}}}"""
OF_MILESTONES = """query($n: Int!) {repository(owner: "o", name: "r") {milestones(first: $n) {nodes
{issues(first: 50) {nodes {labels(first: 60) {nodes {name}}}}}}}}"""
OF_A_SEARCH = '{search(query: "x", type: ISSUE, first: 100) {nodes {... on Issue {labels(first: 10) {nodes {name}}}}}}'


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{__typename}", 1),
        (counts_of(50), 1),
        (counts_of(200), 2),
        (OF_A_SEARCH, 1),
        (OF_ISSUES, 2),
        (OF_MILESTONES, 51),
    ],
)
def test_a_query_costs_its_connections_by_the_hundred(query: str, cost: int) -> None:
    """The last one has the shape of the example in GitHub's documentation: 1 + 100 + 100 x 50 requests, 51 points."""
    assert points(parse(query), {"n": 100}) == cost


def test_every_connection_of_the_schema_is_counted() -> None:
    fields = [field for kind in schema().type_map.values() for field in getattr(kind, "fields", {}).items()]
    paged = {name for name, field in fields if str(field.type).rstrip("!").endswith("Connection")}
    assert paged == set(CONNECTIONS)


def test_graphql_says_what_is_left_and_refuses_with_200(service: GitHubService, sandbox: Sandbox) -> None:
    service.limits.by_resource["graphql"].allowed = 2
    query = {"query": '{search(query: "repo:o/r", type: ISSUE) {issueCount}}'}
    answers = [requests.post(f"{sandbox.url}/github/graphql", json=query, headers=ACCESS, timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[0].json()["data"] == {"search": {"issueCount": 3}}
    assert [error["type"] for error in answers[2].json()["errors"]] == ["RATE_LIMITED"]
    assert answers[2].headers["X-RateLimit-Resource"] == "graphql"


def read(sandbox: Sandbox, waits: list[float], *reads: Read) -> dict[str, Reading | ReadError]:
    source = opened(sandbox, Meter(), waits, lanes=1)
    try:
        return {answer.read.key: answer for answer in source.read(reads, Rows())}
    finally:
        source.close()


COUNTS = [Read(f"k{n}", "issues", {"search": "repo:o/r"}, count_only=True) for n in range(120)]
RUNS = Read("runs", "workflow_runs", {"repository": "o/r"}, ("id",))


@pytest.mark.parametrize(("resource", "left", "answered"), [("graphql", 0, 0), ("graphql", 1, 50), ("core", 0, 0)])
def test_a_budget_that_ends_ends_the_connection_and_keeps_what_was_answered(
    service: GitHubService,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    resource: Resource,
    left: int,
    answered: int,
) -> None:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", "sandbox-token")
    service.limits.by_resource[resource].allowed = left
    reads = COUNTS if resource == "graphql" else [RUNS]
    waits: list[float] = []
    answers = read(sandbox, waits, *reads)
    errors = [answer.error for answer in answers.values() if isinstance(answer, ReadError)]
    assert len(answers) - len(errors) == answered
    assert len(sandbox.requests("github")) == left + 1
    assert waits == []
    for error in errors:
        assert "rate limit" in error.saw
        assert "and a run waits 60 s at most" in error.saw
        assert "left as they were" in error.effect
    assert any("Run again in 60 minutes" in error.advice or "in 61 minutes" in error.advice for error in errors)


def test_a_budget_that_comes_back_soon_is_waited_for(
    service: GitHubService, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", "sandbox-token")
    waits: list[float] = []
    service.limits = Limits(lambda: time.time() + sum(waits))
    limit = service.limits.by_resource["graphql"]
    limit.allowed, limit.window_seconds = 2, 30
    answers = read(sandbox, waits, *COUNTS)
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [3] * 120
    assert len(waits) == 1
    assert 29 <= waits[0] <= 32
    assert len(sandbox.requests("github")) == 4


def cells(sandbox: Sandbox) -> dict[str, list[object]]:
    """What okrsync's own tab holds in each key result's row."""
    tab = sheets_of(sandbox).books["demo-okrs"].tabs[-1]
    rows = [[next(iter(tab.cell(row, column).entered.values()), None) for column in range(20)] for row in range(1, 12)]
    return {str(row[0]): row for row in rows if row[0]}


@pytest.mark.parametrize("left", [0, 1])
def test_a_run_whose_points_end_leaves_githubs_key_results_as_they_were(shell: Shell, left: int) -> None:
    with demo_workspace(shell.folder) as sandbox:
        service = sandbox.services["github"]
        assert isinstance(service, GitHubService)
        shell.run("sync")
        before = cells(sandbox)
        spent = service.limits.by_resource["graphql"]
        spent.used = spent.allowed - left
        moved = json.dumps({"status": "Done"}).encode()
        sandbox.answer(Request("POST", "/_sandbox/jira/issues/CORE-42", {}, {}, moved, sandbox.url))
        done = shell.run("sync")
        after = cells(sandbox)
        assert done.code == 4
        assert "asks to wait" in done.err
        assert "a run waits 60 s at most" in done.err
        assert "Its key results were left as they were." in done.err
        assert after["KR1"] != before["KR1"]
        assert after["KR3"] == before["KR3"] or left
        assert after["KR4"] == before["KR4"]
        service.limits = Limits()
        assert "8 key results, 1 unknown" in shell.run("sync").out
