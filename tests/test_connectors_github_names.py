"""What GitHub does with repositories that were renamed, archived or hidden, runs that it touches later, and fields that
an older Enterprise Server does not have."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.models import GitHubConnection
from connectors import registry
from connectors.github import ended_runs
from connectors.github.queries import excluded_in, repositories_in, scopes_in
from connectors.http import Meter, Policy
from connectors.protocol import Read, ReadError, Reading, Source
from connectors.sandbox.github.sample import sample_repositories
from connectors.sandbox.github.search import stamp
from connectors.sandbox.github.state import item, repository
from github_kit import OddGitHub
from sandbox_kit import Fault, Sandbox
from source_contract import Rows

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
BEGAN = datetime(2026, 10, 5, 9, tzinfo=UTC)


class Hub:
    """A sandbox with two repositories, and a source that reads it."""

    def __init__(self, sandbox: Sandbox, service: OddGitHub, source: Source, meter: Meter) -> None:
        self.sandbox = sandbox
        self.service = service
        self.source = source
        self.meter = meter
        self.kept = Rows()

    def read(self, *reads: Read) -> dict[str, Reading | ReadError]:
        return {answer.read.key: answer for answer in self.source.read(reads, self.kept)}

    def one(self, read: Read) -> Reading:
        answer = self.read(read)[read.key]
        assert isinstance(answer, Reading), str(answer.error)
        return answer

    def error(self, read: Read) -> str:
        answer = self.read(read)[read.key]
        assert isinstance(answer, ReadError)
        return str(answer.error)

    def runs(self, *spans_hours: float, **more: Any) -> None:
        """Give acme/app completed runs of these hours, as far as `updated_at` says."""
        self.service.state.repositories["acme/app"]["runs"] = [
            {
                "id": at, "workflow": "ci.yml", "event": "push", "branch": "main", "status": "completed", "attempt": 1,
                "conclusion": "success", "created_at": stamp(BEGAN), "started_at": stamp(BEGAN),
                "updated_at": stamp(BEGAN + timedelta(hours=hours)), **more,
            }
            for at, hours in enumerate(spans_hours, 1)
        ]  # fmt: skip


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", "sandbox-token")
    web = repository("acme/web", items=[item(n, stamp(BEGAN), title="web") for n in range(1, 13)])
    service = OddGitHub({**sample_repositories(date(2026, 10, 1), NOW, "en"), "acme/web": web})
    meter = Meter()
    with Sandbox([service]) as sandbox:
        connection = GitHubConnection(type="github", url=sandbox.service_url("github"), token="$OKRSYNC_TEST_TOKEN")
        source = registry.open_source("gh", connection, registry.Context(Path(), Policy(sleep=lambda _: None), meter))
        yield Hub(sandbox, service, source, meter)
        source.close()


def counted(search: str, key: str = "k") -> Read:
    return Read(key, "issues", {"search": search}, count_only=True)


def renamed(hub: Hub) -> None:
    """Let acme/app have been acme/old-app."""
    hub.service.state.renamed["acme/old-app"] = "acme/app"


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
def test_a_search_by_a_former_name_is_an_error_that_gives_the_new_one(hub: Hub, search: str, how: Any) -> None:
    renamed(hub)
    hub.service.refused_search = how
    for read in (counted(search), Read("k", "issues", {"search": search}, ("number",))):
        error = hub.error(read)
        assert "repository acme/old-app: it is called acme/app now, and GitHub's search finds nothing" in error
        assert "Write acme/app in the config." in error


def test_a_search_by_the_present_name_counts(hub: Hub) -> None:
    renamed(hub)
    answers = hub.read(counted("repo:acme/app", "a"), counted("repo:acme/web", "b"), counted("repo:acme/old-app", "c"))
    assert {key: answer.count for key, answer in answers.items() if isinstance(answer, Reading)} == {"a": 80, "b": 12}
    assert len(hub.sandbox.requests("github")) == 1


@pytest.mark.parametrize("table", ["milestones", "releases", "repositories"])
def test_what_does_not_search_follows_a_rename(hub: Hub, table: str) -> None:
    renamed(hub)
    former, now = (hub.one(Read("k", table, {"repository": f"acme/{name}"})) for name in ("old-app", "app"))
    assert former.count == now.count > 0


@pytest.mark.parametrize("columns", [(), ("id",)])
def test_runs_by_a_former_name_are_an_error_that_gives_the_new_one(hub: Hub, columns: tuple[str, ...]) -> None:
    renamed(hub)
    query = {"repository": "acme/old-app", "created": ">=2026-10-01"}
    error = hub.error(Read("k", "workflow_runs", query, columns, count_only=not columns))
    assert "the repository is called acme/app now" in error
    assert [entry.status for entry in hub.sandbox.requests("github")] == [301, 200]


def test_a_renamed_repository_is_moved_in_the_sandbox(hub: Hub) -> None:
    hub.service.state.rename("acme/web", "other/site")
    assert hub.one(counted("repo:other/site")).count == 12
    assert "it is called other/site now" in hub.error(counted("repo:acme/web"))


def test_repositories_that_are_not_found_are_told_apart_as_far_as_github_does(hub: Hub) -> None:
    hub.service.state.hidden.add("secret/vault")
    misspelt, private, owner = (
        hub.error(Read("k", "releases", {"repository": name})) for name in ("acme/ap", "secret/vault", "acmee/app")
    )
    for name, error in (("acme/ap", misspelt), ("secret/vault", private)):
        assert f"GitHub shows no repository {name}: it was deleted or misspelt, or it is private and hidden" in error
        assert "the token in $OKRSYNC_TEST_TOKEN may read it" in error
    assert "GitHub has no repository acmee/app: there is no user or organisation acmee" in owner
    assert "Check the spelling of acmee." in owner


def test_a_zero_of_an_archived_repository_is_a_zero_with_a_warning(hub: Hub) -> None:
    hub.service.state.repositories["acme/web"]["archived"] = True
    reading = hub.one(counted("repo:acme/web is:closed"))
    assert (reading.count, reading.warnings) == (0, ("acme/web is archived: nothing changes in it any more",))
    assert hub.one(counted("repo:acme/web")).warnings == ()
    hub.one(Read("r", "repositories", {"repository": "acme/web acme/app"}, ("name", "archived")))
    assert [row["archived"] for row in hub.kept.rows["r"]] == [True, False]


def test_an_exclusion_that_excludes_nothing_is_warned_of(hub: Hub) -> None:
    hub.service.refused_search = "silent"
    body = {
        "data": {"k0": {"issueCount": 7}, "k1": {"nameWithOwner": "acme/web"}},
        "errors": [{"type": "NOT_FOUND", "path": ["k2"], "message": "x"}],
    }
    hub.sandbox.faults.append(Fault("github", "graphql", 200, body))
    reading = hub.one(counted("repo:acme/web -repo:acme/gone"))
    assert (reading.count, reading.warnings) == (
        7,
        ("`-repo:acme/gone` excludes nothing: the token sees no such repository",),
    )


def test_an_unknown_workflow_is_told_apart_from_an_unknown_repository(hub: Hub) -> None:
    def read(name: str) -> Read:
        return Read("k", "workflow_runs", {"repository": name, "workflow": "no.yml"}, ("id",))

    assert "The repository is there: check the workflow's file name" in hub.error(read("acme/app"))
    assert "GitHub shows no repository acme/ap" in hub.error(read("acme/ap"))
    assert "there is no user or organisation acmee" in hub.error(read("acmee/app"))


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


RUNS = Read("r", "workflow_runs", {"repository": "acme/app"}, ("id", "ended", "duration_hours"))


def job(*hours: float | None) -> list[dict[str, Any]]:
    return [{"completed_at": None if h is None else stamp(BEGAN + timedelta(hours=h))} for h in hours]


def test_a_run_that_github_touches_later_does_not_grow(hub: Hub) -> None:
    hub.runs(0.1, 5.9, 9640, 30, ended_at=stamp(BEGAN + timedelta(minutes=6)))
    hub.service.state.repositories["acme/app"]["runs"][3]["jobs"] = job(3, 28, 7)
    assert hub.one(RUNS).failed == {}
    rows = {row["id"]: row["duration_hours"] for row in hub.kept.rows["r"]}
    assert rows == {1: 0.1, 2: 5.9, 3: 0.1, 4: 28}
    assert {row["id"]: row["ended"] for row in hub.kept.rows["r"]}[3] == BEGAN + timedelta(minutes=6)
    assert hub.meter.count(kind="jobs") == 2


@pytest.mark.parametrize("jobs", [[], job(None), job(1, None), job(-1)])
def test_a_run_whose_jobs_do_not_say_when_it_ended_is_unknown(hub: Hub, jobs: list[dict[str, Any]]) -> None:
    hub.runs(9640, jobs=jobs)
    hub.one(RUNS)
    assert hub.kept.rows["r"] == [{"id": 1, "ended": None, "duration_hours": None}]


def test_jobs_of_a_run_are_read_to_the_last_page(hub: Hub) -> None:
    hub.runs(9640, jobs=job(*(n / 100 for n in range(250))))
    hub.one(RUNS)
    assert hub.kept.rows["r"][0]["duration_hours"] == 2.49
    assert hub.meter.count(kind="jobs") == 3


def test_jobs_are_read_only_where_the_end_matters(hub: Hub) -> None:
    hub.runs(9640)
    hub.one(Read("r", "workflow_runs", {"repository": "acme/app"}, ("id", "updated", "conclusion")))
    hub.one(Read("k", "workflow_runs", {"repository": "acme/app"}, count_only=True))
    assert hub.meter.count(kind="jobs") == 0


@pytest.mark.parametrize("body", [{}, {"jobs": 5, "total_count": 1}, {"jobs": [{}], "total_count": 1}, []])
def test_jobs_that_cannot_be_read_cost_the_end_alone(hub: Hub, body: Any) -> None:
    hub.runs(0.5, 9640)
    hub.sandbox.faults.append(Fault("github", "/jobs", 200, body))
    reading = hub.one(RUNS)
    assert set(reading.failed) == {"ended", "duration_hours"}
    assert "/actions/runs/2/jobs" in str(reading.failed["ended"])
    assert {row["id"] for row in hub.kept.rows["r"]} == {1, 2}


def test_more_long_runs_than_can_be_looked_up_are_no_shorter_average(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended_runs, "MOST_LOOKED_UP", 3)
    hub.runs(*[9640] * 4)
    reading = hub.one(RUNS)
    assert "more than 3 runs seem to have taken over 6 hours" in str(reading.failed["duration_hours"])
    assert hub.meter.count(kind="jobs") == 0
    assert all(row["duration_hours"] is None for row in hub.kept.rows["r"])


def lacking(hub: Hub, *fields: str) -> None:
    hub.service.missing_fields = frozenset(fields)


def test_a_field_that_an_older_server_lacks_costs_only_what_names_it(hub: Hub) -> None:
    lacking(hub, "Repository.isArchived", "Milestone.dueOn", "Repository.watchers")
    counts = [counted("repo:acme/app is:closed", f"c{n}") for n in range(20)]
    answers = hub.read(
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
    assert hub.kept.rows["r"] == [{"name": "acme/app", "stars": 640}]
    assert [row["progress"] for row in hub.kept.rows["m"]].count(0.625) == 1


def test_a_field_of_issues_that_an_older_server_lacks_costs_its_column(hub: Hub) -> None:
    lacking(hub, "Issue.stateReason")
    reading = hub.one(Read("r", "issues", {"search": "repo:acme/web"}, ("number", "state", "state_reason")))
    assert set(reading.failed) == {"state_reason"}
    assert reading.count == len(hub.kept.rows["r"]) == 12
    assert set(hub.kept.types("r")) == {"number", "state"}


def test_a_field_that_all_rows_need_costs_the_read(hub: Hub) -> None:
    lacking(hub, "Issue.createdAt")
    assert "doesn't exist on type 'Issue'" in hub.error(Read("r", "issues", {"search": "repo:acme/web"}, ("number",)))


@pytest.mark.parametrize("data", [{}, {"k0": None}, {"k0": None, "k1": None}])
def test_an_answer_that_is_left_out_is_no_missing_repository(hub: Hub, data: dict[str, Any]) -> None:
    hub.sandbox.faults.append(Fault("github", "graphql", 200, {"data": {"k9": {}, **data}}, times=9))
    for read in (counted("repo:acme/web"), Read("r", "releases", {"repository": "acme/web"}, ("tag",))):
        assert "GitHub gave no answer" in hub.error(read)
