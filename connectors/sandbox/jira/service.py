"""Jira sandbox, Cloud or Data Center: search, counts and bulk reads like those of the real service.

Admin API below `/_sandbox/jira` (or `/_sandbox/jira-dc`): `GET /issues` lists, `POST /issues` creates, `POST
/issues/KEY` sets fields (a status as a transition does), `DELETE /issues/KEY` deletes.
"""

import base64
import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from connectors.sandbox.jira import api, boards
from connectors.sandbox.jira.issue_json import fields_json, statuses_json
from connectors.sandbox.jira.issues import change_issue, issue_from_json, issue_to_json
from connectors.sandbox.jira.state import JiraState
from connectors.sandbox.server import Request, Response

_GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_BURST_LIMIT = 350

_AGILE: Mapping[str, "Endpoint"] = {
    "board": boards.boards,
    "board/{id}/sprint": boards.sprints,
    "board/{id}/configuration": boards.configuration,
}
"""What Cloud and Data Center answer alike. Lists of a sprint's issues are gone from Cloud since November 2026."""

Endpoint = Callable[[JiraState, Request], Any]
_READ: Mapping[tuple[str, str], Endpoint] = {
    ("GET", "serverInfo"): api.server_info,
    ("GET", "field"): lambda state, _request: fields_json(software=state.software),
    ("GET", "myself"): api.myself,
    ("GET", "status"): lambda state, _request: statuses_json(state.issues.values()),
}
_CLOUD: Mapping[tuple[str, str], Endpoint] = {
    **_READ,
    ("GET", "search"): lambda _state, _request: _error(410, _GONE),
    ("POST", "search"): lambda _state, _request: _error(410, _GONE),
    ("GET", "search/jql"): api.search_jql,
    ("POST", "search/jql"): api.search_jql,
    ("POST", "search/approximate-count"): api.approximate_count,
    ("POST", "issue/bulkfetch"): api.bulkfetch,
    ("POST", "changelog/bulkfetch"): api.changelogs,
}
_SERVER: Mapping[tuple[str, str], Endpoint] = {
    **_READ,
    ("GET", "search"): api.search,
    ("POST", "search"): api.search,
}


class JiraSandbox(JiraState):
    """One Jira site. Cloud requires email and token (basic authentication), Data Center the token (bearer)."""

    def handle(self, request: Request) -> Response:
        """Answer a client's request."""
        if request.method == "GET" and request.path.startswith("/browse/"):
            return self._page(request.path.removeprefix("/browse/"))
        if self.cloud and request.path == "/_edge/tenant_info":
            return Response(200, {"cloudId": self.cloud_id})
        if not self._allowed(request):
            return self._unauthorized()
        path = request.path.removeprefix(f"/gateway/ex/jira/{self.cloud_id}") if self.scoped else request.path
        if (agile := path.removeprefix("/rest/agile/1.0/")) != path:
            return self._agile(request, agile)
        match = re.fullmatch(r"/rest/api/(2|3|latest)/(.+)", path)
        endpoint = (_CLOUD if self.cloud else _SERVER).get((request.method, match[2])) if match else None
        if match is None or endpoint is None or (match[1] == "3" and not self.cloud):
            return Response(404, {"message": f"null for uri: {request.base_url}{request.path}", "status-code": 404})
        try:
            body = endpoint(self, request)
        except (ValueError, OverflowError, RecursionError) as exc:
            return _error(400, str(exc))
        return body if isinstance(body, Response) else Response(200, body, self._rate_headers())

    def _agile(self, request: Request, path: str) -> Response:
        endpoint = _AGILE.get(re.sub(r"^board/[^/]+/", "board/{id}/", path)) if request.method == "GET" else None
        if endpoint is None or not self.software:
            return Response(404, {"message": f"null for uri: {request.base_url}{request.path}", "status-code": 404})
        try:
            return Response(200, endpoint(self, request), self._rate_headers())
        except boards.UnknownBoardError as exc:
            return _error(404, str(exc))
        except ValueError as exc:
            return _error(400, str(exc))

    def admin(self, request: Request) -> Response:
        """List, create, change or delete issues."""
        match = re.fullmatch(r"/issues(?:/([^/]+))?", request.path)
        if match is None:
            return _error(404, "use /issues or /issues/KEY")
        try:
            return self._administer(request, match[1] or "")
        except (ValueError, TypeError) as exc:
            return _error(400, str(exc))

    def _administer(self, request: Request, key: str) -> Response:
        if not key:
            if request.method == "POST":
                issue = issue_from_json(request.json(), id_=self.next_id(), now=self.now())
                if issue.key in self.issues:
                    return _error(409, f"{issue.key} is there already")
                self.put(issue)
                return Response(201, issue_to_json(issue))
            return Response(200, [issue_to_json(issue) for issue in self.issues.values()])
        found = self.issues.get(key)
        if found is None:
            return _error(404, f"there is no issue {key}")
        if request.method == "DELETE":
            self.remove(key)
        elif request.method == "POST":
            change_issue(found, request.json(), self.now())
            self.put(found)
        return Response(200, issue_to_json(found))

    def dump(self) -> dict[str, Any]:
        """Return the whole state as JSON."""
        return {"page_cap": self.page_cap, "issues": [issue_to_json(issue) for issue in self.issues.values()]}

    def load(self, state: Mapping[str, Any]) -> None:
        """Restore the state from `dump`. Raises ValueError."""
        now = self.now()
        self.page_cap = int(state.get("page_cap", self.page_cap))
        self.replace(issue_from_json(item, id_=10000 + at, now=now) for at, item in enumerate(state["issues"]))

    def _allowed(self, request: Request) -> bool:
        basic = "Basic " + base64.b64encode(f"{self.email}:{self.token}".encode()).decode()
        bearer, given = f"Bearer {self.token}", request.headers.get("authorization", "")
        if self.scoped:
            return request.path.startswith("/gateway/") and given in (basic, bearer)
        return given == (basic if self.cloud else bearer)

    def _unauthorized(self) -> Response:
        text = "Client must be authenticated to access this resource."
        headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED", "WWW-Authenticate": 'OAuth realm="sandbox"'}
        body = {"errorMessages": [text], "errors": {}} if self.cloud else {"message": text, "status-code": 401}
        return Response(401, body, headers)

    def _rate_headers(self) -> dict[str, str]:
        limit = {"X-RateLimit-Limit": str(_BURST_LIMIT), "X-RateLimit-Remaining": str(_BURST_LIMIT - 1)}
        if self.cloud:
            return {**limit, "X-RateLimit-Reset": f"{self.now().astimezone(UTC):%Y-%m-%dT%H:%MZ}"}
        return {**limit, "X-RateLimit-FillRate": "50", "X-RateLimit-Interval-Seconds": "1", "Retry-After": "0"}

    def _page(self, key: str) -> Response:
        """Return the page of an issue, for links in reports; without authentication, as browsers have no token."""
        issue = self.issues.get(key)
        text = html.escape(f"{issue.key} {issue.summary} ({issue.status})" if issue else "There is no such issue.")
        page = f"<!doctype html><meta charset=utf-8><title>{text}</title><h1>{text}</h1>"
        return Response(200 if issue else 404, page.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _error(status: int, *messages: str) -> Response:
    return Response(status, {"errorMessages": list(messages), "errors": {}})
