import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
import requests
from github import Auth, Github, GithubException, UnknownObjectException
from graphql import build_schema, validate
from graphql import parse as parse_query

from connectors.sandbox.github.sample import sample_repositories
from connectors.sandbox.github.schema import SDL, schema
from connectors.sandbox.github.search import SearchRefusedError, parse, parse_range
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.github.state import item, repository
from github_kit import NOTHING, OddGitHub
from github_schema import DELIBERATE, differences, documents
from sandbox_kit import Sandbox

TODAY = datetime(2026, 11, 21, 9, tzinfo=UTC)
FIRST_DAY = date(2026, 10, 1)


@pytest.fixture
def service() -> OddGitHub:
    return OddGitHub(sample_repositories(FIRST_DAY, TODAY, "en"))


@pytest.fixture
def sandbox(service: OddGitHub) -> Iterator[Sandbox]:
    with Sandbox([service]) as running:
        yield running


def client_of(sandbox: Sandbox, token: str) -> Github:
    return Github(
        auth=Auth.Token(token),
        base_url=sandbox.service_url("github"),
        per_page=100,
        lazy=True,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Github]:
    with client_of(sandbox, "sandbox-token") as opened:
        yield opened


def graphql(client: Github, query: str, **variables: Any) -> dict[str, Any]:
    """The answer's body, errors or not."""
    try:
        return client.requester.graphql_query(query, variables)[1]
    except GithubException as exc:
        return cast("dict[str, Any]", exc.data)


def test_a_wrong_token_is_bad_credentials(sandbox: Sandbox) -> None:
    with client_of(sandbox, "wrong") as client, pytest.raises(GithubException) as caught:
        client.get_user().login  # noqa: B018 - asking is the test
    assert (caught.value.status, caught.value.data["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize("path", ["/repos/acme/app/nope", "/nope", "/repos/acme/nope/actions/runs"])
def test_what_is_not_there_is_404(client: Github, path: str) -> None:
    with pytest.raises(UnknownObjectException):
        client.requester.requestJsonAndCheck("GET", path)


def test_workflow_runs_by_workflow_status_and_date(client: Github) -> None:
    def total(path: str, **parameters: Any) -> int:
        found = client.requester.requestJsonAndCheck("GET", f"/repos/acme/app/actions/{path}", parameters=parameters)
        return int(found[1]["total_count"])

    assert total("runs") == 48
    assert total("workflows/deploy.yml/runs") == 12
    assert total("runs", status="failure") == 6
    assert total("runs", created=">=2026-10-01T00:00:00+08:00") == 48
    assert total("runs", created="<2026-10-01") == 0
    with pytest.raises(UnknownObjectException):
        total("workflows/nope.yml/runs")
    with pytest.raises(GithubException):
        total("runs", created="soon")


def test_graphql_counts_and_pages(client: Github) -> None:
    query = """query($q:String!,$after:String){
      search(query:$q,type:ISSUE,first:100,after:$after){
        issueCount pageInfo{hasNextPage endCursor}
        nodes{... on Issue{number} ... on PullRequest{number mergedAt}}
      }
    }"""
    numbers: set[int] = set()
    after = None
    while True:
        found = graphql(client, query, q="repo:acme/app is:merged", after=after)["data"]["search"]
        numbers |= {node["number"] for node in found["nodes"]}
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert (found["issueCount"], len(numbers)) == (1180, 1000)


def test_graphql_serves_what_a_repository_holds(client: Github) -> None:
    query = """{ repository(owner:"acme",name:"app"){
      stargazerCount forkCount watchers{totalCount} defaultBranchRef{name}
      issues(states:CLOSED,first:1){totalCount nodes{createdAt}}
      pullRequests(states:[MERGED]){totalCount}
      milestones(first:10){nodes{title repository{nameWithOwner} issues(states:CLOSED){totalCount}}}
      releases(first:1){totalCount nodes{tagName isDraft author{login}} pageInfo{hasNextPage}}
    } }"""
    body = graphql(client, query)
    assert "errors" not in body
    repo = body["data"]["repository"]
    assert repo["stargazerCount"] == 640
    assert repo["pullRequests"] == {"totalCount": 1180}
    assert repo["milestones"]["nodes"][1]["issues"] == {"totalCount": 10}
    assert [one["title"] for one in repo["milestones"]["nodes"]] == ["v1.9", "v2.0", "v2.1"]
    assert repo["releases"]["totalCount"] == 5
    assert repo["releases"]["pageInfo"] == {"hasNextPage": True}


def test_graphql_reports_an_unknown_repository_by_its_path(client: Github) -> None:
    body = graphql(client, '{a:repository(owner:"acme",name:"app"){url} b:repository(owner:"acme",name:"x"){url}}')
    assert body["data"] == {"a": {"url": client.requester.base_url + "/acme/app"}, "b": None}
    assert [(error["type"], error["path"]) for error in body["errors"]] == [("NOT_FOUND", ["b"])]


@pytest.mark.parametrize(
    ("how", "data"),
    [
        ("alias", {"a": {"issueCount": 1180}, "b": None}),
        ("whole", None),
        ("silent", {"a": {"issueCount": 1180}, "b": NOTHING}),
    ],
)
def test_graphql_answers_a_refused_search_as_set(service: OddGitHub, client: Github, how: Any, data: Any) -> None:
    service.refused_search = how
    field = "search(query:$%s,type:ISSUE){issueCount}"
    query = f"query($a:String!,$b:String!){{a:{field % 'a'} b:{field % 'b'}}}"
    body = graphql(client, query, a="repo:acme/app is:merged", b="repo:acme/nope")
    assert body["data"] == data
    assert [error["path"] for error in body.get("errors", [])] == ([] if how == "silent" else [["b"]])


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ('{search(query:"repo:acme/app",type:ISSUE,first:101){nodes{__typename}}}', "EXCESSIVE_PAGINATION"),
        ('{search(query:"repo:acme/app",type:ISSUE){nodes{__typename}}}', "MISSING_PAGINATION_BOUNDARIES"),
        ('{search(query:"repo:acme/app",type:ISSUE,first:1,after:"?"){issueCount}}', "INVALID_CURSOR_ARGUMENTS"),
        ('{search(query:"repo:acme/app",type:USER){issueCount}}', None),
        ('{search(query:"repo:acme/app",type:ISSUE){starCount}}', None),
        ("{", None),
    ],
)
def test_graphql_refuses_in_the_errors(client: Github, query: str, kind: str | None) -> None:
    assert graphql(client, query)["errors"][0].get("type") == kind


def test_graphql_above_the_alias_limit(service: OddGitHub, client: Github) -> None:
    service.alias_limit = 2
    query = "{" + " ".join(f'k{n}:search(query:"repo:acme/app",type:ISSUE){{issueCount}}' for n in range(3)) + "}"
    with pytest.raises(GithubException) as caught:
        client.requester.graphql_query(query, {})
    assert caught.value.status == 502
    service.beyond_limit = "partial"
    body = graphql(client, query)
    assert body["data"]["k1"] == {"issueCount": 1320}
    assert [(error["type"], error["path"]) for error in body["errors"]] == [("RESOURCE_LIMITS_EXCEEDED", ["k2"])]


def test_a_body_that_is_no_query_is_400(client: Github) -> None:
    with pytest.raises(GithubException) as caught:
        client.requester.requestJsonAndCheck("POST", "/graphql", input={})
    assert caught.value.status == 400


def test_the_admin_path_closes_merges_reopens_and_adds(sandbox: Sandbox, client: Github) -> None:
    admin = f"{sandbox.url}/_sandbox/github"

    def count(text: str) -> int:
        query = "query($q:String!){search(query:$q,type:ISSUE){issueCount}}"
        return int(graphql(client, query, q=f"repo:acme/app {text}")["data"]["search"]["issueCount"])

    before = count("is:issue is:open")
    new = requests.post(f"{admin}/issues/new", json={"repository": "acme/app", "title": "New"}, timeout=5).json()
    assert count("is:issue is:open") == before + 1
    change = {"repository": "acme/app", "number": new["number"], "state": "closed", "state_reason": "not_planned"}
    closed = requests.post(f"{admin}/issues", json=change, timeout=5).json()
    assert closed["closed_at"] is not None
    assert count("is:issue is:open") == before
    assert count('reason:"not planned" New') == 1
    requests.post(f"{admin}/issues", json={**change, "state": "open"}, timeout=5)
    assert count("is:issue is:open") == before + 1
    pull = {"repository": "acme/app", "title": "Pull", "type": "pr"}
    number = requests.post(f"{admin}/issues/new", json=pull, timeout=5).json()["number"]
    change = {"repository": "acme/app", "number": number, "state": "merged", "at": "2026-11-21T08:00:00Z"}
    requests.post(f"{admin}/issues", json=change, timeout=5)
    assert count("is:merged") == 1181
    for wrong in ({**change, "state": "gone"}, {**change, "number": 0}, {**change, "repository": "a/b"}):
        assert requests.post(f"{admin}/issues", json=wrong, timeout=5).status_code == 400
    assert requests.get(f"{admin}/nope", timeout=5).status_code == 404
    assert len(requests.get(f"{admin}/state", timeout=5).json()["repositories"]["acme/app"]["items"]) == 1322


def test_the_state_survives_a_dump(service: GitHubService) -> None:
    other = GitHubService({})
    other.load(json.loads(json.dumps(service.dump())))
    assert other.dump() == service.dump()
    assert len(other.state.search("repo:acme/app is:merged")) == 1180


PUBLISHED = SDL.replace("SearchResultItemConnection\n}", "SearchResultItemConnection!\n}")


@pytest.mark.parametrize(
    ("own", "theirs", "found"),
    [
        ("", "", []),
        ("type Label { name: String! }", "type Label { name: String }", ["Label.name: String!, GitHub: String"]),
        ("isDraft: Boolean! isPrerelease", "isPrerelease", ["Release.isDraft: not there"]),
        ("issue(number: Int!): Issue", "issue(number: ID!): Issue", ["Repository.issue(number): Int!, GitHub: ID!"]),
        ("IssueState { OPEN CLOSED }", "IssueState { OPEN }", ["IssueState.CLOSED: not there"]),
        ("ResultItem = Issue | PullRequest", "ResultItem = Issue", ["SearchResultItem = PullRequest: not there"]),
        ("field: DeploymentOrderField!", "field: OrderDirection!",
         ["DeploymentOrder.field: DeploymentOrderField!, GitHub: OrderDirection!"]),
    ],
)  # fmt: skip
def test_what_differs_from_a_published_schema_is_found(own: str, theirs: str, found: list[str]) -> None:
    assert own in SDL
    published = build_schema(PUBLISHED.replace(own, theirs))
    assert sorted(differences(schema(), published)) == sorted([*DELIBERATE, *found])


def test_what_is_sent_for_each_table_fits_the_schema() -> None:
    sent = documents()
    assert len(sent) > 20
    assert {text: errors for text in sent if (errors := validate(schema(), parse_query(text)))} == {}
    assert validate(build_schema(SDL.replace("archivedStates", "states")), parse_query(sent[-1]))


ITEMS = [
    item(1, "2026-10-01T00:00:00Z", title="Crash on save", labels=["bug", "good first issue"], author="Amy"),
    item(2, "2026-10-02T00:00:00Z", title="Save faster", state="closed", state_reason="completed",
         closed_at="2026-10-31T23:30:00Z", milestone="v2.0", assignees=["ben"]),
    item(3, "2026-10-03T00:00:00Z", title="Old read_options", state="closed", state_reason="not_planned",
         closed_at="2026-11-01T00:30:00Z"),
    item(4, "2026-10-04T00:00:00Z", type="pr", title="Fix crash", draft=True, author="ben"),
    item(5, "2026-10-05T00:00:00Z", type="pr", title="Tune", state="closed", labels=["perf"],
         closed_at="2026-10-06T00:00:00Z", merged_at="2026-10-06T00:00:00Z"),
    item(6, "2026-10-06T00:00:00Z", type="pr", title="Dropped", state="closed", closed_at="2026-10-07T00:00:00Z"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("is:issue", [3, 2, 1]),
        ("type:pr is:closed", [6, 5]),
        ("is:merged", [5]),
        ("is:draft", [4]),
        ("draft:false", [6, 5]),
        ("state:open", [4, 1]),
        ("label:BUG", [1]),
        ('label:"good first issue"', [1]),
        ("label:bug,perf", [5, 1]),
        ("label:bug label:perf", []),
        ("-label:bug is:issue", [3, 2]),
        ("no:label is:issue", [3, 2]),
        ("no:assignee is:issue", [3, 1]),
        ("no:milestone is:issue", [3, 1]),
        ('milestone:"V2.0"', [2]),
        ("author:amy", [1]),
        ("assignee:BEN", [2]),
        ("reason:completed", [2]),
        ('reason:"not planned"', [3]),
        ("crash", [4, 1]),
        ('"on save"', [1]),
        ("save crash", [1]),
        ("created:2026-10-02", [2]),
        ("created:>=2026-10-05", [6, 5]),
        ("created:>2026-10-05", [6]),
        ("created:<=2026-10-02", [2, 1]),
        ("created:<2026-10-02", [1]),
        ("created:2026-10-02..2026-10-03", [3, 2]),
        ("created:*..2026-10-02", [2, 1]),
        ("created:2026-10-05..*", [6, 5]),
        ("closed:<2026-11-01T00:00:00+00:00 is:issue", [2]),
        ("closed:>=2026-11-01T00:00:00+08:00 is:issue", [3, 2]),
        ("merged:>=2026-10-06T00:00:00Z", [5]),
        ("updated:<2026-10-02", [1]),
        ("is:issue sort:created-asc", [1, 2, 3]),
        ("is:issue sort:updated-desc", [3, 2, 1]),
    ],
)
def test_the_search_syntax(text: str, numbers: list[int]) -> None:
    assert [found["number"] for found in parse(f"repo:o/r {text}").run(ITEMS)] == numbers


@pytest.mark.parametrize(
    "text",
    [
        "is:issue", "repo:acme", "repo:o/r team:acme", "repo:o/r is:locked", "repo:o/r (is:open)", "repo:o/r a OR b",
        "repo:o/r NOT a", "repo:o/r -is:open", "repo:o/r -word", "repo:o/r created:>=2026-13-01",
        "repo:o/r created:2026", "repo:o/r created:", "repo:o/r created:>=2026-10-01T00:00:00",
        "repo:o/r created:>2026-10-01 created:<2026-10-05", "repo:o/r sort:comments-desc", 'repo:o/r "open',
        "repo:o/r author:a author:b", "repo:o/r linked:pr", "repo:o/r no:project", "repo:o/r reason:bored",
    ],
)  # fmt: skip
def test_what_the_search_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(SearchRefusedError):
        parse(text)


def test_several_repositories_mean_any_of_them() -> None:
    service = GitHubService({"o/a": repository("o/a", items=ITEMS[:2]), "o/b": repository("o/b", items=ITEMS[2:])})
    assert len(service.state.search("repo:o/a repo:O/B")) == 6
    assert len(service.state.search("repo:o/a repo:o/nope")) == 2
    with pytest.raises(SearchRefusedError):
        service.state.search("repo:o/nope")


def test_a_range_ends_on_whole_seconds() -> None:
    assert parse_range("<2026-10-01T08:00:00+08:00") == ("0000", "2026-09-30T23:59:59Z")


@pytest.mark.parametrize("today", [TODAY, datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 1, 15, tzinfo=UTC)])
@pytest.mark.parametrize("hours", [-8, 0, 8])
def test_the_sample_holds_what_it_says(today: datetime, hours: int) -> None:
    service = GitHubService(sample_repositories(FIRST_DAY, today, "zh-TW"))
    start = datetime(2026, 10, 1, tzinfo=UTC) - timedelta(hours=hours)
    since = start.strftime("%Y-%m-%dT%H:%M:%SZ")

    def found(text: str) -> list[Any]:
        return list(service.state.search(f"repo:acme/app {text}"))

    assert len(found("is:pr")) == 1240
    assert len(found("is:merged")) == 1180
    assert len(found("is:issue")) == 80
    assert len(found("is:issue label:bug")) == len(found("is:issue label:feature")) == 40
    assert (len(found("milestone:v2.0")), len(found("milestone:v2.0 is:closed"))) == (16, 10)
    repo = service.state.repositories["acme/app"]
    assert all(run["created_at"] <= today.strftime("%Y-%m-%dT%H:%M:%SZ") for run in repo["runs"])
    assert {run["conclusion"] for run in repo["runs"]} == {"success", "failure", None}
    if today - start < timedelta(hours=20):
        return
    recent = found(f"merged:>={since}")
    assert len(recent) == 60
    leads = sorted(
        (datetime.fromisoformat(one["merged_at"]) - datetime.fromisoformat(one["created_at"])).total_seconds() / 3600
        for one in recent
    )
    assert 12 < leads[53] <= leads[54] < 14
    assert sum(one["published_at"] >= since for one in repo["releases"]) == 3


def test_the_sample_is_the_same_every_time() -> None:
    assert sample_repositories(FIRST_DAY, TODAY, "en") == sample_repositories(FIRST_DAY, TODAY, "en")
    titles = {
        language: sample_repositories(FIRST_DAY, TODAY, language)["acme/app"]["items"][0]["title"]
        for language in ("en", "zh-TW")
    }
    assert titles == {"en": "Error on page 1", "zh-TW": "頁面 1 發生錯誤"}


def test_a_former_name_leads_to_the_repository_but_not_in_searches(service: GitHubService, client: Github) -> None:
    service.state.rename("acme/app", "acme/product")
    body = graphql(
        client,
        '{a:repository(owner:"acme",name:"app"){nameWithOwner} '
        'b:repository(owner:"acme",name:"app",followRenames:false){nameWithOwner} '
        'c:repositoryOwner(login:"ACME"){login} d:repositoryOwner(login:"x"){login}}',
    )
    assert body["data"] == {"a": {"nameWithOwner": "acme/product"}, "b": None, "c": {"login": "acme"}, "d": None}
    assert [error["path"] for error in body["errors"]] == [["b"]]
    runs = client.requester.requestJsonAndCheck("GET", "/repos/acme/app/actions/runs")[1]["workflow_runs"]
    assert {run["repository"]["full_name"] for run in runs} == {"acme/product"}
    search = '{search(query:"repo:acme/%s is:pr is:merged",type:ISSUE,first:1){issueCount}}'
    assert graphql(client, search % "product")["data"]["search"]["issueCount"] > 0
    assert "cannot be searched" in graphql(client, search % "app")["errors"][0]["message"]


def test_an_older_server_refuses_a_query_whole_and_names_each_field(service: OddGitHub, client: Github) -> None:
    service.missing_fields = frozenset({"Issue.stateReason", "Repository.isArchived"})
    query = (
        'query{r:repository(owner:"acme",name:"app"){nameWithOwner old:isArchived} '
        's:search(query:"repo:acme/app",type:ISSUE,first:1){nodes{...on Issue{stateReason}}}}'
    )
    body = graphql(client, query)
    assert "data" not in body
    assert [(error["path"], error["extensions"]["code"], error["message"]) for error in body["errors"]] == [
        (["query", "r", "old"], "undefinedField", "Field 'isArchived' doesn't exist on type 'Repository'"),
        (
            ["query", "s", "nodes", "... on Issue", "stateReason"],
            "undefinedField",
            "Field 'stateReason' doesn't exist on type 'Issue'",
        ),
    ]


def test_a_run_has_jobs_whose_times_stay(service: GitHubService, client: Github) -> None:
    runs = service.state.repositories["acme/app"]["runs"]
    runs[0] |= {"ended_at": runs[0]["updated_at"], "updated_at": "2027-11-10T00:00:00Z"}
    path = f"/repos/acme/app/actions/runs/{runs[0]['id']}/jobs"
    body = client.requester.requestJsonAndCheck("GET", path, parameters={"filter": "latest"})[1]
    [job] = body["jobs"]
    assert (body["total_count"], job["started_at"], job["completed_at"]) == (
        1,
        runs[0]["started_at"],
        runs[0]["ended_at"],
    )


def test_check_runs_of_a_run_are_its_jobs(service: GitHubService, client: Github) -> None:
    run = client.requester.requestJsonAndCheck("GET", "/repos/acme/app/actions/runs")[1]["workflow_runs"][1]
    suite = run["check_suite_node_id"]
    fields = (
        "...on CheckSuite{id checkRuns(first:1,filterBy:{checkType:ALL}){totalCount nodes{completedAt detailsUrl}}}"
    )
    query = f'{{a:node(id:"{suite}"){{{fields}}} b:node(id:"CS_x"){{id}}}}'
    body = graphql(client, query)
    [check] = body["data"]["a"]["checkRuns"]["nodes"]
    assert check == {"completedAt": run["updated_at"], "detailsUrl": f"{run['html_url']}/job/0"}
    assert [(error["type"], error["path"]) for error in body["errors"]] == [("NOT_FOUND", ["b"])]
    service.state.without_checks = True
    body = graphql(client, query)
    assert body["data"] == {"a": None, "b": None}
    assert body["errors"][0]["message"] == "Resource not accessible by personal access token"
