"""REST API of the GitHub sandbox, limited to the paths that okrsync and users' scripts read.

See https://docs.github.com/en/rest for each path.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.github.search import Item, SearchRefusedError, parse_range
from connectors.sandbox.github.state import State
from connectors.sandbox.server import Request, Response

LARGEST_PAGE = 100
SEARCH_RESULTS = 1000
"""Maximum number of accessible results of a search, and of a filtered list of runs."""

_REPOSITORY_PATH = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
_JOBS_PATH = re.compile(r"/actions/runs/(?P<id>\d+)/jobs")
_RUNS_PATH = re.compile(r"/actions/(?:workflows/(?P<file>[^/]+)/)?runs")


def handle(state: State, request: Request) -> Response:
    """Answer one authenticated REST request."""
    if request.method != "GET":
        return _not_found()
    if request.path == "/search/issues":
        return _search(state, request)
    match = _REPOSITORY_PATH.fullmatch(request.path)
    repo = state.repository(match["name"]) if match else None
    if match and repo is None and (moved := state.repository(match["name"], renames=True)):
        return _moved(f"{request.base_url}/repos/{moved['name']}{match['rest'] or ''}")
    if match is None or repo is None:
        return _not_found()
    return _below(state, repo, match["rest"] or "", request)


def _below(state: State, repo: Mapping[str, Any], rest: str, request: Request) -> Response:
    if not rest:
        return Response(200, _repository_json(repo, request))
    if jobs := _JOBS_PATH.fullmatch(rest):
        return _jobs(repo, request, int(jobs["id"]))
    if workflow := _RUNS_PATH.fullmatch(rest):
        return _runs(repo, request, workflow["file"] or "")
    listed: dict[str, Callable[[], Sequence[Any]]] = {
        "/issues": lambda: [_item_json(one, repo["name"], request) for one in _issues(repo, request)],
        "/pulls": lambda: [_item_json(one, repo["name"], request) for one in _pulls(repo, request)],
        "/milestones": lambda: [_milestone_json(state, repo, one, request) for one in _milestones(repo, request)],
        "/releases": lambda: [_release_json(one, repo["name"], request) for one in repo["releases"]],
    }
    return _paged(request, listed[rest]()) if rest in listed else _not_found()


def _not_found() -> Response:
    return Response(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"})


def _moved(url: str) -> Response:
    """Redirect a request for a repository by its former name; the query string is not part of the address."""
    return Response(301, {"message": "Moved Permanently", "url": url}, {"Location": url})


def _jobs(repo: Mapping[str, Any], request: Request, id_: int) -> Response:
    """List the jobs of a run's latest attempt: one, of its whole time, unless the run states its own."""
    run = next((run for run in repo["runs"] if run["id"] == id_), None)
    if run is None:
        return _not_found()
    ended = run.get("ended_at", run["updated_at"]) if run["status"] == "completed" else None
    whole = {"id": id_, "run_id": id_, "status": run["status"], "started_at": run["started_at"], "completed_at": ended}
    jobs = run.get("jobs", [whole])
    page, size = _page(request)
    return Response(200, {"total_count": len(jobs), "jobs": jobs[(page - 1) * size : page * size]})


def _invalid(message: str) -> Response:
    body = {"message": "Validation Failed", "errors": [{"message": message, "code": "invalid"}], "status": "422"}
    return Response(422, body)


def _page(request: Request) -> tuple[int, int]:
    size = min(max(int(request.first("per_page", "30")), 1), LARGEST_PAGE)
    return max(int(request.first("page", "1")), 1), size


def _links(request: Request, total: int) -> Mapping[str, str]:
    page, size = _page(request)
    last = max(-(-total // size), 1)
    wanted = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    shown = [rel for rel in wanted if (page > 1 if rel in ("prev", "first") else page < last)]
    flat = {key: values[0] for key, values in request.query.items()}
    parts = [
        f'<{request.base_url}{request.path}?{urlencode({**flat, "page": wanted[rel]})}>; rel="{rel}"' for rel in shown
    ]
    return {"Link": ", ".join(parts)} if parts else {}


def _paged(request: Request, rows: Sequence[Any]) -> Response:
    page, size = _page(request)
    return Response(200, list(rows[(page - 1) * size : page * size]), _links(request, len(rows)))


def _search(state: State, request: Request) -> Response:
    page, size = _page(request)
    try:
        found = state.search(request.first("q"))
    except SearchRefusedError as exc:
        return _invalid(str(exc))
    if page * size > SEARCH_RESULTS:
        return Response(422, {"message": "Only the first 1000 search results are available", "status": "422"})
    shown = [_item_json(one, one["repository"], request) for one in found[(page - 1) * size : page * size]]
    body = {"total_count": len(found), "incomplete_results": False, "items": shown}
    return Response(200, body, _links(request, min(len(found), SEARCH_RESULTS)))


def _runs(repo: Mapping[str, Any], request: Request, workflow: str) -> Response:
    runs = [run for run in repo["runs"] if workflow in ("", run["workflow"])]
    if workflow and not runs:
        return _not_found()
    if status := request.first("status"):
        runs = [run for run in runs if status in (run["status"], run["conclusion"])]
    if created := request.first("created"):
        try:
            first, last = parse_range(created)
        except SearchRefusedError as exc:
            return _invalid(str(exc))
        runs = [run for run in runs if first <= run["created_at"] <= last]
    runs = sorted(runs, key=lambda run: (run["created_at"], run["id"]), reverse=True)
    page, size = _page(request)
    reachable = runs[:SEARCH_RESULTS] if created or status else runs
    shown = [_run_json(run, repo["name"], request) for run in reachable[(page - 1) * size : page * size]]
    return Response(200, {"total_count": len(runs), "workflow_runs": shown}, _links(request, len(reachable)))


def _issues(repo: Mapping[str, Any], request: Request) -> list[Item]:
    labels = {label for label in request.first("labels").split(",") if label}
    since, state = request.first("since"), request.first("state", "open")
    found = [
        one
        for one in repo["items"]
        if state in ("all", one["state"]) and labels <= set(one["labels"]) and one["updated_at"] >= since
    ]
    return sorted(found, key=lambda one: (one["created_at"], one["number"]), reverse=True)


def _pulls(repo: Mapping[str, Any], request: Request) -> list[Item]:
    state = request.first("state", "open")
    found = [one for one in repo["items"] if one["type"] == "pr" and state in ("all", one["state"])]
    return sorted(found, key=lambda one: (one["created_at"], one["number"]), reverse=True)


def _milestones(repo: Mapping[str, Any], request: Request) -> list[Mapping[str, Any]]:
    state = request.first("state", "open")
    return [one for one in repo["milestones"] if state in ("all", one["state"])]


def _user(login: str | None) -> dict[str, str] | None:
    return {"login": login} if login else None


def _repository_json(repo: Mapping[str, Any], request: Request) -> dict[str, Any]:
    owner, _, name = repo["name"].partition("/")
    return {
        "full_name": repo["name"],
        "name": name,
        "owner": {"login": owner},
        "html_url": f"{request.base_url}/{repo['name']}",
        "url": f"{request.base_url}/repos/{repo['name']}",
        "stargazers_count": repo["stars"],
        "forks_count": repo["forks"],
        "subscribers_count": repo["watchers"],
        "open_issues_count": sum(one["state"] == "open" for one in repo["items"]),
        "default_branch": repo["default_branch"],
        "archived": repo["archived"],
        "created_at": repo["created_at"],
        "pushed_at": repo["pushed_at"],
    }


def _item_json(one: Item, repo: str, request: Request) -> dict[str, Any]:
    is_pull = one["type"] == "pr"
    page = f"{request.base_url}/{repo}/{'pull' if is_pull else 'issues'}/{one['number']}"
    body = {key: one[key] for key in ("number", "title", "state", "state_reason", "comments", "draft")}
    body |= {key: one[key] for key in ("created_at", "updated_at", "closed_at")}
    body |= {
        "html_url": page,
        "url": f"{request.base_url}/repos/{repo}/issues/{one['number']}",
        "repository_url": f"{request.base_url}/repos/{repo}",
        "labels": [{"name": label} for label in one["labels"]],
        "user": _user(one["author"]),
        "assignees": [_user(login) for login in one["assignees"]],
        "milestone": {"title": one["milestone"]} if one["milestone"] else None,
    }
    if is_pull:
        pull = {
            "merged_at": one["merged_at"],
            "html_url": page,
            "url": f"{request.base_url}/repos/{repo}/pulls/{one['number']}",
        }
        body |= {"pull_request": pull, "merged_at": one["merged_at"]}
        body |= {"base": {"ref": one["base"]}, "head": {"ref": one["head"]}}
    return body


def _milestone_json(state: State, repo: Mapping[str, Any], one: Mapping[str, Any], request: Request) -> dict[str, Any]:
    under = [*state.milestone_issues(repo, one["title"]), *state.milestone_issues(repo, one["title"], "pr")]
    return {
        **{key: one[key] for key in ("number", "title", "state", "due_on", "created_at", "closed_at")},
        "open_issues": sum(issue["state"] == "open" for issue in under),
        "closed_issues": sum(issue["state"] == "closed" for issue in under),
        "html_url": f"{request.base_url}/{repo['name']}/milestone/{one['number']}",
    }


def _release_json(one: Mapping[str, Any], repo: str, request: Request) -> dict[str, Any]:
    return {
        **{key: one[key] for key in ("name", "draft", "prerelease", "created_at", "published_at")},
        "tag_name": one["tag"],
        "author": _user(one["author"]),
        "html_url": f"{request.base_url}/{repo}/releases/tag/{one['tag']}",
    }


def _run_json(run: Mapping[str, Any], repo: str, request: Request) -> dict[str, Any]:
    return {
        **{key: run[key] for key in ("id", "event", "status", "conclusion", "created_at", "updated_at")},
        "name": run["workflow"].rsplit(".", 1)[0],
        "path": f".github/workflows/{run['workflow']}",
        "head_branch": run["branch"],
        "run_started_at": run["started_at"],
        "run_attempt": run["attempt"],
        "html_url": f"{request.base_url}/{repo}/actions/runs/{run['id']}",
        "repository": {"full_name": repo},
    }
