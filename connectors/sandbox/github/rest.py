"""REST API of the GitHub sandbox, limited to what okrsync reads there: workflow runs.

See https://docs.github.com/en/rest/actions/workflow-runs.
"""

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.github.search import SearchRefusedError, parse_range
from connectors.sandbox.github.state import State, suite_id
from connectors.sandbox.server import Request, Response

LARGEST_PAGE = 100
SEARCH_RESULTS = 1000
"""Maximum number of accessible results of a search, and of a filtered list of runs."""

_REPOSITORY_PATH = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
_JOBS_PATH = re.compile(r"/actions/runs/(?P<id>\d+)/jobs")
_RUNS_PATH = re.compile(r"/actions/(?:workflows/(?P<file>[^/]+)/)?runs")


def handle(state: State, request: Request) -> Response:
    """Answer one authenticated REST request."""
    match = _REPOSITORY_PATH.fullmatch(request.path) if request.method == "GET" else None
    repo = state.repository(match["name"]) if match else None
    if match and repo is None and (moved := state.repository(match["name"], renames=True)):
        return _moved(f"{request.base_url}/repos/{moved['name']}{match['rest'] or ''}")
    if match is None or repo is None:
        return _not_found()
    rest = match["rest"] or ""
    if jobs := _JOBS_PATH.fullmatch(rest):
        return _jobs(repo, request, int(jobs["id"]))
    runs = _RUNS_PATH.fullmatch(rest)
    return _runs(repo, request, runs["file"] or "") if runs else _not_found()


def _not_found() -> Response:
    return Response(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"})


def _moved(url: str) -> Response:
    """Redirect a request for a repository by its former name; the query string is not part of the address."""
    return Response(301, {"message": "Moved Permanently", "url": url}, {"Location": url})


def jobs_of(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the jobs of a run's latest attempt: one, of its whole time, unless the run states its own."""
    ended = run.get("ended_at", run["updated_at"]) if run["status"] == "completed" else None
    id_ = run["id"]
    whole = {"id": id_, "run_id": id_, "status": run["status"], "started_at": run["started_at"], "completed_at": ended}
    return list(run.get("jobs", [whole]))


def _jobs(repo: Mapping[str, Any], request: Request, id_: int) -> Response:
    run = next((run for run in repo["runs"] if run["id"] == id_), None)
    if run is None:
        return _not_found()
    jobs = jobs_of(run)
    page, size = _page(request)
    return Response(200, {"total_count": len(jobs), "jobs": jobs[(page - 1) * size : page * size]})


def _invalid(message: str) -> Response:
    body = {"message": "Validation Failed", "errors": [{"message": message, "code": "invalid"}], "status": "422"}
    return Response(422, body)


def _page(request: Request) -> tuple[int, int]:
    size = min(max(int(request.first("per_page", "30")), 1), LARGEST_PAGE)
    return max(int(request.first("page", "1")), 1), size


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
    return Response(200, {"total_count": len(runs), "workflow_runs": shown})


def _run_json(run: Mapping[str, Any], repo: str, request: Request) -> dict[str, Any]:
    return {
        **{key: run[key] for key in ("id", "event", "status", "conclusion", "created_at", "updated_at")},
        "name": run["workflow"].rsplit(".", 1)[0],
        "path": f".github/workflows/{run['workflow']}",
        "head_branch": run["branch"],
        "check_suite_node_id": suite_id(repo, run),
        "run_started_at": run["started_at"],
        "run_attempt": run["attempt"],
        "html_url": f"{request.base_url}/{repo}/actions/runs/{run['id']}",
        "repository": {"full_name": repo},
    }
