"""GitLab's lists: rows, pages with and without a total, counts, faults."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from command_kit import Shell
from config.errors import SourceError
from config.gitlab_connection import GitLabConnection
from config.secrets import Secret
from connectors import registry
from connectors.http import Policy
from connectors.protocol import Read, Source
from connectors.registry import Context
from gitlab_kit import TOKEN, GitLab, issue
from sandbox_kit import Fault, Sandbox
from source_contract import INSTANTS, Bench, SourceContract, SourceReader

HTML = {"Content-Type": "text/html"}
APP, ACME = "projects/acme/app/issues", "groups/acme/issues"


@pytest.fixture
def gitlab() -> GitLab:
    return GitLab({APP: [issue(number) for number in range(1, 251)]})


@pytest.fixture
def sandbox(gitlab: GitLab) -> Iterator[Sandbox]:
    with Sandbox([gitlab]) as made:
        yield made


class Reader(SourceReader):
    """Reads of one connection."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.url = sandbox.service_url("gitlab")
        self.context = Context(folder, Policy(sleep=lambda _seconds: None))
        super().__init__()

    def open(self) -> Source:
        connection = GitLabConnection(type="gitlab", url=self.url, token=Secret("$GITLAB_TOKEN"))
        return registry.open_source("forge", connection, self.context)

    def error(self, read: Read) -> SourceError:
        found = super().error(read)
        assert self.rows.rows == {}, "a part of the rows is never kept"
        return found


@pytest.fixture
def reader(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    return Reader(sandbox, tmp_path)


def read(*columns: str, table: str = "issues", **query: str) -> Read:
    return Read("a", table, query or {"project": "acme/app"}, columns, count_only=not columns, instants=INSTANTS)


class TestContract(SourceContract):
    """The contract of sources."""

    @pytest.fixture
    def bench(self, gitlab: GitLab, sandbox: Sandbox, reader: Reader) -> Bench:
        gitlab.lists = {
            APP: [issue(number, closed="2026-11-02T00:00:00Z" if number % 2 else None) for number in (1, 2, 3)]
        }
        fault = Fault("gitlab", status=500, body={"message": TOKEN}, times=1000)
        columns = ("key", "state", "created", "labels", "lead_time_hours")
        query = {"project": "acme/app", "filter": "created_after={cycle.start}"}
        return Bench(
            open=reader.open,
            good=Read("good", "issues", query, columns, instants=INSTANTS),
            bad={"project": "acme/ap"},
            none={"project": "acme/app", "filter": "labels=none"},
            unknown="lead_time_hours",
            breaks=lambda: sandbox.faults.append(fault),
            sent=lambda: len(sandbox.requests("gitlab")),
            secret=TOKEN,
        )


def test_every_column_of_an_issue(gitlab: GitLab, reader: Reader) -> None:
    gitlab.lists[ACME] = [issue(7, closed="2026-10-08T11:00:00.000+08:00", place="acme/web/shop")]
    columns = [column.name for column in registry.tables("gitlab")["issues"].columns]
    assert reader.reading(read(*columns, group="acme")).count == 1
    assert reader.rows.rows["a"] == [
        {
            "key": "acme/web/shop#7", "number": 7, "project": "acme/web/shop", "title": "Issue 7",
            "status_category": "done", "author": "ann", "assignees": ["bo"], "labels": ["bug"], "milestone": "Q4",
            "created": datetime(2026, 10, 8, 1, tzinfo=UTC), "updated": datetime(2026, 10, 8, 3, tzinfo=UTC),
            "comments": 2, "url": "https://gitlab.example/acme/web/shop/-/issues/7", "state": "closed", "type": "issue",
            "closed": datetime(2026, 10, 8, 3, tzinfo=UTC), "due": datetime(2026, 12, 23, 16, tzinfo=UTC),
            "weight": None, "lead_time_hours": 2.0, "estimate_hours": 2.0, "spent_hours": 0.5,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "node", "expected"),
    [
        (
            "merge_requests",
            issue(9) | {"state": "merged", "merged_at": "2026-10-10T10:00:00+08:00", "source_branch": "fix",
                        "target_branch": "main", "draft": False, "reviewers": [{"username": "cy"}],
                        "references": {"full": "acme/app!9"}},
            {"key": "acme/app!9", "project": "acme/app", "status_category": "done", "state": "merged",
             "lead_time_hours": 1.0, "head_branch": "fix", "base_branch": "main", "draft": False, "reviewers": ["cy"]},
        ),
        (
            "merge_requests",
            issue(9) | {"state": "closed", "closed_at": "2026-10-10T10:00:00Z", "merged_at": None,
                        "source_branch": "fix", "references": {"full": "acme/app!9"}},
            {"status_category": "done", "merged": None, "lead_time_hours": None},
        ),
        (
            "milestones",
            {"id": 5, "iid": 1, "title": "Q4", "state": "active", "start_date": "2026-10-01", "due_date": None,
             "expired": False, "created_at": "2026-09-01T00:00:00Z", "web_url": "https://gitlab.example/m"},
            {"id": 5, "number": 1, "project": "acme/app", "start": datetime(2026, 9, 30, 16, tzinfo=UTC), "due": None,
             "expired": False},
        ),
        (
            "pipelines",
            {"id": 8, "iid": 2, "status": "success", "source": "push", "ref": "main", "name": None,
             "created_at": "2026-10-01T00:00:00Z", "updated_at": "2026-10-01T01:00:00Z", "web_url": "https://x/8"},
            {"id": 8, "status": "success", "source": "push", "branch": "main", "name": None, "url": "https://x/8"},
        ),
        (
            "releases",
            {"tag_name": "v1", "name": "One", "created_at": "2026-10-01T00:00:00Z", "author": {"username": "ann"},
             "released_at": "2026-10-02T00:00:00Z", "upcoming_release": False, "_links": {"self": "https://x/v1"}},
            {"tag": "v1", "published": datetime(2026, 10, 2, tzinfo=UTC), "upcoming": False, "author": "ann",
             "url": "https://x/v1"},
        ),
    ],
)  # fmt: skip
def test_columns_of_other_tables(
    gitlab: GitLab, reader: Reader, table: str, node: dict[str, Any], expected: dict[str, Any]
) -> None:
    gitlab.lists[f"projects/acme/app/{table}"] = [node]
    reader.reading(read(*expected, table=table, project="acme/app"))
    assert reader.rows.rows["a"] == [expected]


def test_the_filter_is_sent_as_gitlab_takes_it(gitlab: GitLab, reader: Reader) -> None:
    stated = "\n state=opened&labels=C%2B%2B,two+words &created_after={cycle.start}\n"
    answer = reader.reading(read(project="acme/app", filter=stated))
    query = gitlab.seen[0].query
    assert query["labels"] == ["C++,two words"]
    assert query["created_after"] == ["2026-10-01T00:00:00+08:00"]
    assert query["scope"] == ["all"], "GitLab's default may be the token's own"
    assert answer.asked == "acme/app state=opened&labels=C%2B%2B,two+words&created_after=2026-10-01T00:00:00+08:00"
    assert answer.warnings == ()


def test_a_count_is_one_request(gitlab: GitLab, reader: Reader) -> None:
    assert reader.reading(read()).count == 250
    assert [request.query["per_page"] for request in gitlab.seen] == [["1"]]
    assert reader.context.meter.count("forge", "count") == 1


@pytest.mark.parametrize(
    ("most", "keyset", "group", "requests"),
    [(10_000, True, False, 3), (100, True, False, 4), (100, False, False, 2 + 2 * 3), (100, True, True, 1 + 2 * 3)],
    ids=["a total", "by key", "an older GitLab", "a group"],
)
def test_all_pages_or_none(gitlab: GitLab, reader: Reader, most: int, keyset: bool, group: bool, requests: int) -> None:
    gitlab.most, gitlab.keyset = most, keyset
    gitlab.lists[ACME] = gitlab.lists[APP]
    asked = {"group": "acme"} if group else {"project": "acme/app"}
    assert reader.reading(read("number", **asked)).count == 250
    assert sorted(row["number"] for row in reader.rows.rows["a"]) == list(range(1, 251))  # type: ignore[type-var]
    assert len(gitlab.seen) >= requests
    rows_only = [request.query["per_page"] for request in gitlab.seen]
    assert {size for [size] in rows_only} == {"100"}


def test_a_count_without_a_total_walks(gitlab: GitLab, reader: Reader) -> None:
    gitlab.most = 100
    assert reader.reading(read()).count == 250


def test_several_projects_are_added_up(gitlab: GitLab, reader: Reader) -> None:
    gitlab.lists["projects/acme/web/issues"] = [issue(1, place="acme/web")]
    assert reader.reading(read("key", project="acme/app\nacme/web ACME/App")).count == 251


def moved(gitlab: GitLab, at: int) -> Callable[[int], None]:
    """From request `at` on, the first row is gone."""

    def before(number: int) -> None:
        if number == at:
            del gitlab.lists[APP][0]

    return before


@pytest.mark.parametrize(("most", "words"), [(10_000, "changed from page to page"), (100, "changed while it was read")])
def test_rows_that_leave_meanwhile(gitlab: GitLab, reader: Reader, most: int, words: str) -> None:
    gitlab.most, gitlab.keyset = most, False
    gitlab.before = moved(gitlab, 2 if most > 250 else 3)
    assert words in reader.error(read("number")).saw


def test_a_page_that_repeats(gitlab: GitLab, reader: Reader) -> None:
    gitlab.lists[APP] = [issue(number % 150) for number in range(250)]
    assert "a row of page 1 is on page 2 again" in reader.error(read("number")).saw


def test_fewer_rows_than_stated(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.faults.append(Fault("gitlab", "", 200, [issue(1)], {"X-Total": "2"}))
    assert "GitLab states 2 rows, but 1 came" in reader.error(read("number")).saw


def test_a_link_elsewhere_is_not_followed(gitlab: GitLab, sandbox: Sandbox, reader: Reader) -> None:
    gitlab.most = 100
    away = {"Link": '<https://elsewhere.example/api>; rel="next"'}
    sandbox.hooks["gitlab"] = lambda request: (
        sandbox.faults.append(Fault("gitlab", "", 200, [issue(1)], away)) if "keyset" in str(request.query) else None
    )
    assert "leads away from" in reader.error(read("number")).saw


@pytest.mark.parametrize(
    ("answer", "saw", "advice"),
    [
        ((401, {"message": "401 Unauthorized"}, {}), "HTTP 401", "Check the token"),
        ((403, {"error": "insufficient_scope", "scope": "api read_api"}, {}), "lacks the scope api read_api", "scopes"),
        ((404, {"message": "404 Project Not Found"}, {}), "404 Project Not Found", "may not see"),
        ((200, b"<html>Sign in</html>", HTML), "an HTML page", "login"),
        ((200, {"issues": []}, {}), "not one of GitLab", "without /api/v4"),
        ((200, [{"title": "x"}], {}), "not one of GitLab", "without /api/v4"),
        ((200, [{"id": 1, "iid": "one"}], {"X-Total": "1"}), "not one of GitLab", "without /api/v4"),
        ((200, [], {"X-Total": "many"}), "not one of GitLab", "without /api/v4"),
    ],
)
def test_faults(
    sandbox: Sandbox, reader: Reader, answer: tuple[int, Any, dict[str, str]], saw: str, advice: str
) -> None:
    sandbox.faults.append(Fault("gitlab", "", *answer, times=1000))
    error = reader.error(read("number"))
    assert saw in error.saw
    assert advice in error.advice
    assert "gitlab 'forge': issues of acme/app" in error.doing
    assert TOKEN not in str(error)


def test_a_limit_is_waited_for(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.faults.append(Fault("gitlab", "", 429, {"message": "Retry later"}, {"Retry-After": "2"}))
    assert reader.reading(read()).count == 250


@pytest.mark.parametrize(
    ("query", "saw"),
    [
        ({"filter": "state=closed"}, "`project` or `group`"),
        ({"project": "acme/app", "group": "acme"}, "`project` or `group`"),
        ({"group": "acme acme/sub"}, "acme/sub is part of acme"),
        ({"project": "acme/app", "filter": "page=2"}, "'page'"),
        ({"project": "acme/app", "filter": "private_token=x"}, "'private_token'"),
        ({"project": "acme/app", "filter": "closed"}, "'closed'"),
    ],
)
def test_what_cannot_be_asked(sandbox: Sandbox, reader: Reader, query: dict[str, str], saw: str) -> None:
    assert saw in reader.error(read("number", **query)).saw
    assert sandbox.requests() == []


def test_a_parameter_that_gitlab_ignores_is_warned_of(reader: Reader) -> None:
    [warning] = reader.reading(read(project="acme/app", filter="stat=closed")).warnings
    assert "'stat'" in warning
    assert "did you mean 'state'" in warning


CONFIG = """\
workspace: {id: known-7f3k}
cycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}
timezone: Asia/Taipei
okr_sheet: {file: okrs.csv}
connections:
  forge: {type: gitlab, url: "URL", token: $GITLAB_TOKEN}
measures:
  opened: {from: forge.issues, project: acme/app, filter: "state=opened&created_after={cycle.start}", value: count(*)}
  gone: {from: forge.issues, project: acme/ap, value: count(*)}
objectives:
  O1:
    title: Known
    key_results:
      KR1: {title: Opened, baseline: 0, target: 300, measure: opened}
      KR2: {title: Gone, baseline: 0, target: 300, measure: gone}
"""


def test_a_wrong_project_costs_itself_alone(reader: Reader, shell: Shell) -> None:
    (shell.folder / "okrsync.yaml").write_text(CONFIG.replace("URL", reader.url), "utf-8")
    assert "No problems." in shell.run("check").out
    shown = shell.run("check", "--online").out
    assert "ok    opened (okrsync.yaml:8) = 250" in shown
    assert "FAIL  gone (okrsync.yaml:9)" in shown
    assert "gitlab 'forge': issues of acme/ap: HTTP 404 (404 Project Not Found)" in shown
