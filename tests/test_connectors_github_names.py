"""What GitHub does with repositories that were renamed, archived or hidden, runs that it touches later, and fields that
an older Enterprise Server does not have."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from connectors.github import ended_runs
from connectors.github.queries import excluded_in, repositories_in, scopes_in
from connectors.protocol import Read, Reading
from connectors.sandbox.github.search import stamp
from connectors.sandbox.github.state import item, repository
from github_kit import TOKEN, World, open_world

BEGAN = datetime(2026, 10, 5, 9, tzinfo=UTC)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", TOKEN)
    items = [item(n, stamp(BEGAN), title="web") for n in range(1, 13)]
    with open_world(web=repository("acme/web", items=items)) as made:
        yield made


def message(world: World, read: Read) -> str:
    return str(world.error(read))


def give_runs(world: World, *spans_hours: float, **more: Any) -> None:
    """Give acme/app completed runs of these hours, as far as `updated_at` says."""
    world.service.state.repositories["acme/app"]["runs"] = [
        {
            "id": at, "workflow": "ci.yml", "event": "push", "branch": "main", "status": "completed", "attempt": 1,
            "conclusion": "success", "created_at": stamp(BEGAN), "started_at": stamp(BEGAN),
            "updated_at": stamp(BEGAN + timedelta(hours=hours)), **more,
        }
        for at, hours in enumerate(spans_hours, 1)
    ]  # fmt: skip


def counted(search: str, key: str = "k") -> Read:
    return Read(key, "issues", {"search": search}, count_only=True)


def renamed(world: World) -> None:
    """Let acme/app have been acme/old-app."""
    world.service.state.renamed["acme/old-app"] = "acme/app"


@pytest.mark.parametrize("how", ["silent", "alias"])
@pytest.mark.parametrize(
    "search",
    [
        "repo:acme/old-app",
        "repo:Acme/Old-App is:closed",
        "repo:acme/old-app repo:acme/web",
        "repo:acme/web -repo:acme/old-app",
    ],
)
def test_a_search_by_a_former_name_is_an_error_that_gives_the_new_one(world: World, search: str, how: Any) -> None:
    renamed(world)
    world.service.refused_search = how
    for read in (counted(search), Read("k", "issues", {"search": search}, ("number",))):
        error = message(world, read)
        assert "repository acme/old-app: it is now called acme/app, and GitHub's search finds nothing" in error
        assert "Write acme/app in the config." in error


def test_a_search_by_the_present_name_counts(world: World) -> None:
    renamed(world)
    answers = world.read(*(counted(f"repo:acme/{name}", name) for name in ("app", "web", "old-app")))
    assert {key: answer.count for key, answer in answers.items() if isinstance(answer, Reading)} == {
        "app": 80,
        "web": 12,
    }
    assert len(world.sandbox.requests("github")) == 1


@pytest.mark.parametrize("table", ["milestones", "releases", "repositories"])
def test_what_does_not_search_follows_a_rename(world: World, table: str) -> None:
    renamed(world)
    former, now = (world.one(Read("k", table, {"repository": f"acme/{name}"})) for name in ("old-app", "app"))
    assert former.count == now.count > 0


@pytest.mark.parametrize("columns", [(), ("id",)])
def test_runs_by_a_former_name_are_an_error_that_gives_the_new_one(world: World, columns: tuple[str, ...]) -> None:
    renamed(world)
    query = {"repository": "acme/old-app", "created": ">=2026-10-01"}
    error = message(world, Read("k", "workflow_runs", query, columns, count_only=not columns))
    assert "the repository is called acme/app now" in error
    assert [entry.status for entry in world.sandbox.requests("github")] == [301, 200]


def test_a_renamed_repository_is_moved_in_the_sandbox(world: World) -> None:
    world.service.state.rename("acme/web", "other/site")
    assert world.one(counted("repo:other/site")).count == 12
    assert "it is now called other/site" in message(world, counted("repo:acme/web"))


def test_repositories_that_are_not_found_are_explained_as_far_as_github_does(world: World) -> None:
    world.service.state.hidden.add("secret/vault")
    misspelt, private, owner = (
        message(world, Read("k", "releases", {"repository": name})) for name in ("acme/ap", "secret/vault", "acmee/app")
    )
    for name, error in (("acme/ap", misspelt), ("secret/vault", private)):
        assert f"GitHub shows no repository {name}: it was deleted or misspelt, or it is private and hidden" in error
        assert "the token in $OKRSYNC_TEST_TOKEN can read it" in error
    assert "GitHub has no repository acmee/app: there is no user or organisation acmee" in owner
    assert "Check the spelling of acmee." in owner


def test_a_zero_of_an_archived_repository_is_a_zero_with_a_warning(world: World) -> None:
    world.service.state.repositories["acme/web"]["archived"] = True
    reading = world.one(counted("repo:acme/web is:closed"))
    assert (reading.count, reading.warnings) == (0, ("acme/web is archived: nothing changes in it any more",))
    assert world.one(counted("repo:acme/web")).warnings == ()
    world.one(Read("r", "repositories", {"repository": "acme/web acme/app"}, ("name", "archived")))
    assert [row["archived"] for row in world.kept.rows["r"]] == [True, False]


def test_an_exclusion_that_excludes_nothing_is_warned_of(world: World) -> None:
    world.service.refused_search = "silent"
    body = {
        "data": {"k0": {"issueCount": 7}, "k1": {"nameWithOwner": "acme/web"}},
        "errors": [{"type": "NOT_FOUND", "path": ["k2"], "message": "x"}],
    }
    world.fault(200, body, match="graphql")
    reading = world.one(counted("repo:acme/web -repo:acme/gone"))
    assert (reading.count, reading.warnings) == (
        7,
        ("`-repo:acme/gone` excludes nothing: the token sees no such repository",),
    )


def test_an_unknown_workflow_is_distinguished_from_an_unknown_repository(world: World) -> None:
    def read(name: str) -> Read:
        return Read("k", "workflow_runs", {"repository": name, "workflow": "no.yml"}, ("id",))

    assert "The repository is there: check the workflow's file name" in message(world, read("acme/app"))
    assert "GitHub shows no repository acme/ap" in message(world, read("acme/ap"))
    assert "there is no user or organisation acmee" in message(world, read("acmee/app"))


@pytest.mark.parametrize(
    ("search", "named", "excluded", "scopes"),
    [
        ("repo:a/b is:open", ("a/b",), (), 1),
        ("repo:a/b -repo:a/c org:x user:y", ("a/b",), ("a/c",), 3),
        ('(repo:"a/b" OR repo:a/b) label:"repo:x/y"', ("a/b",), (), 1),
        ("is:open -org:x", (), (), 0),
    ],
)
def test_what_a_search_looks_into(search: str, named: tuple[str, ...], excluded: tuple[str, ...], scopes: int) -> None:
    assert (repositories_in(search), excluded_in(search), scopes_in(search)) == (named, excluded, scopes)


def test_a_search_of_an_organisation_looks_into_all_its_repositories(world: World) -> None:
    def count(scope: str) -> int:
        return world.one(Read(scope, "pull_requests", {"search": f"{scope} is:merged"}, count_only=True)).count

    day = "2026-10-05T00:00:00Z"
    merged = item(7, day, type="pr", state="closed", closed_at=day, merged_at=day) | {"repository": "acme/api"}
    world.service.state.repositories["acme/api"] = repository("acme/api", items=[merged])
    world.service.state.forget()
    assert count("org:acme") == count("repo:acme/app") + 1
    assert count("user:acme") == count("org:acme")
    found = world.one(Read("rows", "pull_requests", {"search": "org:acme is:merged"}, ("repository", "number")))
    assert found.count == count("org:acme")
    assert {row["repository"] for row in world.kept.rows["rows"]} == {"acme/app", "acme/api"}


def test_an_organisation_that_is_not_there_is_an_error(world: World) -> None:
    error = world.error(Read("k", "issues", {"search": "org:acmee is:open"}, count_only=True))
    assert "cannot be searched" in error.saw


RUNS = Read("r", "workflow_runs", {"repository": "acme/app"}, ("id", "ended", "duration_hours"))


def job(*hours: float | None) -> list[dict[str, Any]]:
    return [{"completed_at": None if h is None else stamp(BEGAN + timedelta(hours=h))} for h in hours]


def durations(world: World) -> dict[Any, Any]:
    assert world.one(RUNS).failed == {}
    return {row["id"]: row["duration_hours"] for row in world.kept.rows["r"]}


def repository_runs(world: World) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", world.service.state.repositories["acme/app"]["runs"])


def without_checks(world: World) -> None:
    """Let the token be a fine-grained one, which reads the jobs but not the checks of a private repository."""
    world.service.state.without_checks = True


def test_a_run_that_github_touches_later_does_not_grow(world: World) -> None:
    give_runs(world, 0.1, 5.9, 9640, 30, 2, ended_at=stamp(BEGAN + timedelta(minutes=6)))
    repository_runs(world)[3]["jobs"] = job(3, 28, 7)
    repository_runs(world)[4] |= {"status": "in_progress", "conclusion": None}
    assert durations(world) == {1: 0.1, 2: 0.1, 3: 0.1, 4: 28, 5: None}
    assert {row["id"]: row["ended"] for row in world.kept.rows["r"]}[2] == BEGAN + timedelta(minutes=6)
    assert world.meter.count(kind="jobs") == 1


def test_one_request_tells_when_fifty_runs_ended(world: World) -> None:
    give_runs(world, *[3.0] * 120)
    assert set(durations(world).values()) == {3.0}
    assert world.meter.count(kind="jobs") == 3
    assert max(len(sent["variables"]) for sent in world.sent()) == 50
    assert all(sent["query"].startswith("query($id0:ID!,") for sent in world.sent())


def test_a_fine_grained_token_costs_a_request_per_run(world: World) -> None:
    give_runs(world, 1, 2, 3)
    without_checks(world)
    assert durations(world) == {1: 1, 2: 2, 3: 3}
    assert world.meter.count(kind="jobs") == 1 + 3


def test_reports_of_tests_among_the_check_runs_are_no_jobs(world: World) -> None:
    report = {"completed_at": stamp(BEGAN + timedelta(hours=70)), "details_url": "/acme/app/runs/77"}
    give_runs(world, 9640, jobs=job(2, 1), reports=[report])
    assert durations(world) == {1: 2}
    assert world.meter.count(kind="jobs") == 1


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("jobs", [[], job(None), job(1, None), job(-1)])
def test_a_run_whose_jobs_do_not_say_when_it_ended_is_unknown(
    world: World, jobs: list[dict[str, Any]], readable: bool
) -> None:
    give_runs(world, 9640, jobs=jobs)
    world.service.state.without_checks = not readable
    world.one(RUNS)
    assert world.kept.rows["r"] == [{"id": 1, "ended": None, "duration_hours": None}]


def test_over_a_hundred_jobs_of_a_run_are_read_to_the_last_page(world: World) -> None:
    give_runs(world, 9640, jobs=job(*(n / 100 for n in range(250))))
    assert durations(world) == {1: 2.49}
    assert world.meter.count(kind="jobs") == 1 + 3


def test_jobs_are_read_only_where_the_end_matters(world: World) -> None:
    give_runs(world, 9640)
    world.one(Read("r", "workflow_runs", {"repository": "acme/app"}, ("id", "updated", "conclusion")))
    world.one(Read("k", "workflow_runs", {"repository": "acme/app"}, count_only=True))
    assert world.meter.count(kind="jobs") == 0


@pytest.mark.parametrize("body", [{}, {"jobs": 5, "total_count": 1}, {"jobs": [{}], "total_count": 1}, []])
def test_jobs_that_cannot_be_read_cost_the_end_alone(world: World, body: Any) -> None:
    give_runs(world, 0.5, 9640)
    without_checks(world)
    world.fault(200, body, match="/jobs")
    reading = world.one(RUNS)
    assert set(reading.failed) == {"ended", "duration_hours"}
    assert "/jobs" in str(reading.failed["ended"])
    assert {row["id"] for row in world.kept.rows["r"]} == {1, 2}


@pytest.mark.parametrize(
    "suite",
    [
        {"checkRuns": {"totalCount": None, "nodes": []}},
        {"checkRuns": {"totalCount": 1}},
        {"checkRuns": {"totalCount": 1, "nodes": [{"detailsUrl": "/acme/app/actions/runs/1/job/1"}]}},
    ],
)
def test_check_runs_that_are_not_as_documented_are_an_error(world: World, suite: Any) -> None:
    give_runs(world, 0.5)
    world.fault(200, {"data": {"k0": suite}}, match="/graphql")
    assert "not as documented" in str(world.error(RUNS))


def test_an_outage_of_graphql_is_no_reason_to_ask_for_each_run(world: World) -> None:
    give_runs(world, *[1.0] * 60)
    for _ in range(9):
        world.fault(500, {"message": "oops"}, match="/graphql")
    assert "HTTP 500" in str(world.one(RUNS).failed["ended"])
    assert all("/jobs" not in entry.target for entry in world.sandbox.requests("github"))


def test_more_runs_than_can_be_looked_up_are_no_shorter_average(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended_runs, "MOST_ASKED_ALONE", 3)
    give_runs(world, *[9640] * 4)
    without_checks(world)
    reading = world.one(RUNS)
    assert "when more than 3 of the runs ended would take a request each" in str(reading.failed["duration_hours"])
    assert world.meter.count(kind="jobs") == 1
    assert all(row["duration_hours"] is None for row in world.kept.rows["r"])


def lacking(world: World, *fields: str) -> None:
    world.service.missing_fields = frozenset(fields)


def test_a_field_that_an_older_server_lacks_costs_only_what_names_it(world: World) -> None:
    lacking(world, "Repository.isArchived", "Milestone.dueOn", "Repository.watchers")
    counts = [counted("repo:acme/app is:closed", f"c{n}") for n in range(20)]
    answers = world.read(
        *counts,
        Read("r", "repositories", {"repository": "acme/app"}, ("name", "stars", "watchers", "archived")),
        Read("m", "milestones", {"repository": "acme/app"}, ("title", "due", "progress")),
        Read("x", "releases", {"repository": "acme/app"}, ("tag",)),
    )
    readings = {key: answer for key, answer in answers.items() if isinstance(answer, Reading)}
    assert len(readings) == 23
    assert {readings[read.key].count for read in counts} == {50}
    assert set(readings["r"].failed) == {"watchers", "archived"}
    assert set(readings["m"].failed) == {"due"}
    assert readings["x"].failed == {}
    assert "Field 'dueOn' doesn't exist on type 'Milestone'" in str(readings["m"].failed["due"])
    assert "update GitHub Enterprise Server" in str(readings["m"].failed["due"])
    assert world.kept.rows["r"] == [{"name": "acme/app", "stars": 640}]
    assert [row["progress"] for row in world.kept.rows["m"]].count(0.625) == 1


def test_a_field_of_issues_that_an_older_server_lacks_costs_its_column(world: World) -> None:
    lacking(world, "Issue.stateReason")
    reading = world.one(Read("r", "issues", {"search": "repo:acme/web"}, ("number", "state", "state_reason")))
    assert set(reading.failed) == {"state_reason"}
    assert reading.count == len(world.kept.rows["r"]) == 12
    assert set(world.kept.types("r")) == {"number", "state"}


def test_a_field_that_all_rows_need_costs_the_read(world: World) -> None:
    lacking(world, "Issue.createdAt")
    read = Read("r", "issues", {"search": "repo:acme/web"}, ("number",))
    assert "doesn't exist on type 'Issue'" in message(world, read)


@pytest.mark.parametrize("data", [{}, {"k0": None}, {"k0": None, "k1": None}])
def test_an_answer_that_is_left_out_is_no_missing_repository(world: World, data: dict[str, Any]) -> None:
    world.fault(200, {"data": {"k9": {}, **data}}, match="graphql", times=9)
    for read in (counted("repo:acme/web"), Read("r", "releases", {"repository": "acme/web"}, ("tag",))):
        assert "GitHub gave no answer" in message(world, read)
