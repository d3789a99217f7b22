"""Deployments of GitHub: newest first as far back as asked, with how each ended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from config.errors import SourceError
from connectors.protocol import Read
from connectors.sandbox.github.search import stamp
from connectors.sandbox.github.state import deployment, repository
from connectors.sandbox.server import Request
from github_kit import TOKEN, World, open_world, opened

START = datetime(2026, 10, 1, tzinfo=timezone(timedelta(hours=8)))
FIRST = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", TOKEN)
    with open_world() as made:
        source = opened(made.sandbox, made.meter, made.waits, lanes=1)
        yield replace(made, source=source)
        source.close()


def deployments(*columns: str, repository: str = "acme/app", **query: str) -> Read:
    query = {"repository": repository, **query}
    return Read("rows", "deployments", query, columns, instants={"cycle.start": START})


def count(repository: str = "acme/app", **query: str) -> Read:
    return replace(deployments(repository=repository, **query), key="count", count_only=True)


def many(world: World, number: int, spread: timedelta = timedelta(hours=1)) -> None:
    made = [deployment(n, stamp(FIRST + spread * n), ("success", stamp(FIRST + spread * n))) for n in range(number)]
    world.service.load({"repositories": {"o/r": repository("o/r", deployments=made)}})


def one(world: World, *statuses: tuple[str, str], **given: Any) -> dict[str, Any]:
    """The row of the only deployment of a repository."""
    made = [deployment(7, "2026-10-01T00:00:00Z", *statuses, **given)]
    world.service.load({"repositories": {"o/r": repository("o/r", deployments=made)}})
    world.one(deployments(*(column.name for column in world.source.tables["deployments"].columns), repository="o/r"))
    [row] = world.kept.rows["rows"]
    return dict(row)


def test_every_column(world: World) -> None:
    statuses = [
        ("in_progress", "2026-10-01T00:00:00Z"), ("success", "2026-10-01T00:30:00Z"),
        ("inactive", "2026-10-03T00:00:00Z"),
    ]  # fmt: skip
    assert one(world, *statuses) == {
        "id": "DE_7", "repository": "o/r", "environment": "production", "ref": "main", "sha": f"{7:040x}",
        "author": "amy", "created": FIRST, "status": "inactive", "updated": datetime(2026, 10, 3, tzinfo=UTC),
        "conclusion": "success", "ended": FIRST + timedelta(minutes=30), "duration_hours": 0.5,
        "url": f"{world.sandbox.service_url('github')}/o/r/actions/runs/7",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("states", "status", "conclusion"),
    [
        ([], None, None),
        (["queued"], "queued", None),
        (["pending", "in_progress"], "in_progress", None),
        (["in_progress", "failure"], "failure", "failure"),
        (["in_progress", "error"], "error", "error"),
        (["failure", "in_progress"], "in_progress", None),
        (["failure", "in_progress", "success"], "success", "success"),
        (["failure", "success", "inactive"], "inactive", "success"),
        (["failure", "inactive"], "inactive", "failure"),
        (["waiting", "inactive"], "inactive", None),
        (["success", "inactive", "inactive"], "inactive", "success"),
    ],
)
def test_how_a_deployment_ended(world: World, states: list[str], status: str | None, conclusion: str | None) -> None:
    row = one(world, *((state, f"2026-10-01T0{hour}:00:00Z") for hour, state in enumerate(states)), ref=None)
    assert (row["status"], row["conclusion"], row["ref"]) == (status, conclusion, None)
    assert (row["ended"] is None, row["duration_hours"] is None) == (conclusion is None, conclusion is None)


def test_the_history_of_statuses_is_read_only_for_how_it_ended(world: World) -> None:
    world.one(deployments("status", "environment", "created"))
    world.one(replace(deployments("conclusion"), key="ends"))
    plain, history = (sent["query"] for sent in world.sent())
    assert "statuses" not in plain
    assert "statuses(first:100)" in history


def test_an_inactive_one_with_too_many_statuses_is_an_error(world: World) -> None:
    statuses = [("in_progress", "2026-10-01T00:00:00Z")] * 100 + [("inactive", "2026-10-02T00:00:00Z")]
    made = [deployment(7, "2026-10-01T00:00:00Z", *statuses)]
    world.service.load({"repositories": {"o/r": repository("o/r", deployments=made)}})
    error = world.error(deployments("conclusion", repository="o/r"))
    assert "more than 100 statuses" in error.saw
    assert world.one(replace(deployments("status", repository="o/r"), key="plain")).count == 1


def test_deployments_of_the_cycle_to_production(world: World) -> None:
    columns = ("environment", "conclusion", "created")
    reading = world.one(deployments(*columns, environment="production", created=">={cycle.start}"))
    assert reading.asked == "acme/app created:>=2026-10-01T00:00:00+08:00 environment:production"
    assert reading.link == f"{world.sandbox.service_url('github')}/acme/app/deployments"
    assert (reading.count, reading.warnings) == (24, ())
    rows = world.kept.rows["rows"]
    assert {row["environment"] for row in rows} == {"production"}
    assert sum(row["conclusion"] == "failure" for row in rows) == 3
    assert world.one(replace(deployments("created"), key="all")).count == 48
    assert world.one(count(environment="production")).count == 24
    assert world.one(replace(count(), key="both")).count == 48


def test_counts_of_all_share_one_request_with_others(world: World) -> None:
    world.read(count(), Read("k", "releases", {"repository": "acme/app"}, count_only=True))
    [sent] = world.sent()
    assert "k0:repository(owner:$owner0,name:$name0){deployments{totalCount}}" in sent["query"]


def test_more_than_a_page_are_read_to_the_end(world: World) -> None:
    many(world, 1000)
    assert world.one(deployments("created", repository="o/r")).count == 1000
    assert len({row["created"] for row in world.kept.rows["rows"]}) == 1000
    assert len(world.sandbox.requests("github")) == 10


@pytest.mark.parametrize(
    ("created", "expected", "requests"),
    [
        (">={cycle.start}", 1000, 10),
        (f">={stamp(FIRST + timedelta(hours=950))}", 50, 1),
        (f">{stamp(FIRST + timedelta(hours=750))}", 249, 3),
        (f"{stamp(FIRST + timedelta(hours=700))}..{stamp(FIRST + timedelta(hours=720))}", 21, 4),
        ("2026-10-02", 24, 10),
        ("<2026-10-02", 24, 10),
        (">=2027-01-01", 0, 1),
    ],
)
def test_a_date_filter_ends_the_reading(world: World, created: str, expected: int, requests: int) -> None:
    many(world, 1000)
    assert world.one(deployments("created", repository="o/r", created=created)).count == expected
    assert len(world.kept.rows["rows"]) == expected
    assert len(world.sandbox.requests("github")) == requests
    assert world.one(count("o/r", created=created)).count == expected


def test_a_date_filter_that_is_none_is_an_error_before_it_is_sent(world: World) -> None:
    error = world.error(deployments("created", created="soon"))
    assert "`created: soon` is not a date filter" in error.saw
    assert "Write `created` as >=2026-10-01" in error.advice
    assert world.sandbox.requests("github") == []


def test_several_repositories_are_one_list_or_an_error(world: World) -> None:
    sample = world.service.state.repositories["acme/app"]
    world.service.load({"repositories": {"acme/app": sample, "acme/web": {**sample, "deployments": []}}})
    assert world.one(deployments("sha", repository="acme/app acme/web")).count == 48
    error = world.error(replace(deployments("sha", repository="acme/app acme/nope"), key="bad"))
    assert "GitHub shows no repository acme/nope" in error.saw
    assert "bad" not in world.kept.rows


def test_no_deployment_to_an_environment_says_where_they_went(world: World) -> None:
    reading = world.one(deployments("sha", environment="prod"))
    assert reading.count == 0
    assert list(map(str, reading.warnings)) == [
        "there is no deployment to prod; the latest ones went to production, staging"
    ]
    assert world.kept.rows["rows"] == []


@pytest.mark.parametrize(
    "query", [{"environment": "production", "created": ">=2027-01-01"}, {"created": ">=2027-01-01"}]
)
def test_an_environment_that_is_known_may_have_none(world: World, query: dict[str, str]) -> None:
    reading = world.one(count(**query))
    assert (reading.count, reading.warnings) == (0, ())


def test_a_deployment_that_comes_meanwhile_has_the_list_read_again(world: World) -> None:
    many(world, 250)
    made = world.service.state.repositories["o/r"]["deployments"]
    seen: list[Request] = []

    def deploy(request: Request) -> None:
        seen.append(request)
        if len(seen) == 2:
            made.append(deployment(999, "2026-12-01T00:00:00Z"))

    world.sandbox.hooks["github"] = deploy
    assert world.one(deployments("sha", repository="o/r")).count == 251
    assert len({row["sha"] for row in world.kept.rows["rows"]}) == 251


CONNECTION = {"totalCount": 2, "pageInfo": {"hasNextPage": False, "endCursor": None}}
NEW, OLD = ({"id": day, "createdAt": f"2026-10-{day}T00:00:00Z", "commitOid": "x"} for day in ("20", "10"))


@pytest.mark.parametrize(
    ("created", "nodes", "words"),
    [
        ("", [NEW], "1 of 2 rows were received"),
        ("", [NEW, None], "1 of 2 rows were received"),
        (">=2026-10-15", [None, OLD], "1 of 2 rows were received"),
        ("", [OLD, NEW], "not in the order asked for"),
        ("", [NEW, {**OLD, "commitOid": 7}], "sha is int, not text"),
        (">=2026-10-15", [NEW, {"id": "x", "createdAt": None, "commitOid": "x"}], "no time of creation"),
    ],
)
def test_a_list_that_is_not_as_documented_is_an_error(world: World, created: str, nodes: list[Any], words: str) -> None:
    world.fault(200, {"data": {"repository": {"deployments": {**CONNECTION, "nodes": nodes}}}}, times=3)
    error = world.error(deployments("sha", created=created))
    assert "deployments of acme/app" in error.doing
    assert words in error.saw
    assert world.kept.rows == {}


@pytest.mark.parametrize("status", [500, 503])
def test_what_may_pass_is_tried_again(world: World, status: int) -> None:
    world.fault(status, {"message": "later"}, times=2)
    assert world.one(deployments("sha")).count == 48
    assert len(world.waits) == 2


def test_a_page_too_heavy_is_asked_for_in_smaller_ones(world: World) -> None:
    world.fault(502, times=1)
    assert world.one(deployments("conclusion")).count == 48
    assert [sent["variables"]["first"] for sent in world.sent()] == [100, 50]


@pytest.mark.parametrize("body", [b"<html>sign in</html>", {"data": {"repository": None, "x": 1}}])
def test_an_answer_that_is_none_is_an_error(world: World, body: Any) -> None:
    world.fault(200, body, times=1000)
    assert isinstance(world.error(deployments("sha")), SourceError)
    assert world.kept.rows == {}
