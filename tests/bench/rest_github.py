"""REST lists and search of GitHub over the sandbox's data, for the scripts by hand; okrsync does not read them.

See https://docs.github.com/en/rest for each path.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.github.search import Item, SearchRefusedError
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.github.state import State
from connectors.sandbox.server import Request, Response

LARGEST_PAGE = 100
SEARCH_RESULTS = 1000
"""Maximum number of accessible results of a search."""

_PATH = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/issues)?")


class RestGitHub(GitHubService):
    """GitHub with a repository, its issues and the search over REST, without limits.

    A script that waits for its quota of searches would hide its other costs.
    """

    def handle(self, request: Request) -> Response:
        """Answer a client's request."""
        if request.path == "/search/issues":
            return _search(self.state, request)
        match = _PATH.fullmatch(request.path)
        repo = self.state.repository(match["name"]) if match else None
        if match is None or repo is None:
            return super().handle(request)
        if not match["rest"]:
            return Response(200, {"full_name": repo["name"], "url": f"{request.base_url}{request.path}"})
        found = [_item_json(one, repo["name"], request) for one in _issues(repo, request)]
        return _paged(request, found)


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
        return Response(422, {"message": str(exc), "status": "422"})
    if page * size > SEARCH_RESULTS:
        return Response(422, {"message": "Only the first 1000 search results are available", "status": "422"})
    shown = [_item_json(one, one["repository"], request) for one in found[(page - 1) * size : page * size]]
    body = {"total_count": len(found), "incomplete_results": False, "items": shown}
    return Response(200, body, _links(request, min(len(found), SEARCH_RESULTS)))


def _issues(repo: Mapping[str, Any], request: Request) -> list[Item]:
    labels = {label for label in request.first("labels").split(",") if label}
    since, state = request.first("since"), request.first("state", "open")
    found = [
        one
        for one in repo["items"]
        if state in ("all", one["state"]) and labels <= set(one["labels"]) and one["updated_at"] >= since
    ]
    return sorted(found, key=lambda one: (one["created_at"], one["number"]), reverse=True)


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
        "user": {"login": one["author"]},
        "assignees": [{"login": login} for login in one["assignees"]],
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
