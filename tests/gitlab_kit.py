"""A GitLab on loopback: pages by number and by key, totals up to a limit, `Link` headers, its errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.server import Request, Response

TOKEN = "glpat-of-the-sandbox"
ORDERS = {"issues": {"created_at", "updated_at"}, "merge_requests": {"created_at", "updated_at"}, "pipelines": {"id"},
          "releases": {"released_at", "created_at"}, "milestones": set[str]()}  # fmt: skip
FILTERS = {"state", "labels", "scope", "created_after", "updated_after", "search", "source", "page", "per_page",
           "order_by", "sort", "pagination", "id_after"}  # fmt: skip


def issue(number: int, *, closed: str | None = None, place: str = "acme/app", **stated: Any) -> dict[str, Any]:
    """One issue as the list of issues gives it."""
    return {
        "id": 1000 + number, "iid": number, "title": f"Issue {number}", "state": "closed" if closed else "opened",
        "created_at": f"2026-10-{number % 28 + 1:02}T09:00:00.000+08:00", "closed_at": closed,
        "updated_at": closed or "2026-11-01T00:00:00.000Z", "labels": ["bug"], "issue_type": "issue", "weight": None,
        "author": {"username": "ann"}, "assignees": [{"username": "bo"}], "milestone": {"title": "Q4"},
        "user_notes_count": 2, "due_date": "2026-12-24", "web_url": f"https://gitlab.example/{place}/-/issues/{number}",
        "references": {"short": f"#{number}", "full": f"{place}#{number}"},
        "time_stats": {"time_estimate": 7200, "total_time_spent": 1800}, **stated,
    }  # fmt: skip


@dataclass
class GitLab:
    """The service `gitlab`. `lists` has the rows by path, such as `projects/acme/app/issues`.

    Attributes:
        most: up to how many rows a total is stated.
        keyset: whether issues of projects come by key.
        before: called with the number of each request before it is answered.
    """

    lists: dict[str, list[dict[str, Any]]]
    most: int = 10_000
    keyset: bool = True
    before: Callable[[int], None] = lambda _number: None
    name: str = "gitlab"
    seen: list[Request] = field(default_factory=list)

    def handle(self, request: Request) -> Response:
        """Answer as GitLab's REST API does."""
        self.seen.append(request)
        self.before(len(self.seen))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response(401, {"message": "401 Unauthorized"})
        path = request.path.removeprefix("/api/v4/")
        table = path.rpartition("/")[2]
        if path not in self.lists:
            return Response(404, {"message": f"404 {path.split('/')[0][:-1].capitalize()} Not Found"})
        size, number = int(request.first("per_page", "20")), int(request.first("page", "1"))
        assert size <= 100
        rows = [row for row in self.lists[path] if matches(row, request)]
        if request.first("pagination") == "keyset":
            return self._by_key(request, rows, size, path)
        if (order := request.first("order_by")) and order not in ORDERS[table]:
            return Response(400, {"error": "order_by does not have a valid value"})
        if request.first("sort") == "desc":
            rows.reverse()
        page = rows[(number - 1) * size : number * size]
        headers: dict[str, str] = {}
        if len(rows) <= self.most:
            headers |= {"X-Total": str(len(rows)), "X-Total-Pages": str(max(-(-len(rows) // size), 1))}
        if len(rows) > number * size:
            headers["Link"] = link(request, path, page=str(number + 1))
        return Response(200, page, headers)

    def _by_key(self, request: Request, rows: list[dict[str, Any]], size: int, path: str) -> Response:
        if not self.keyset or not path.startswith("projects/") or request.first("order_by") != "id":
            return Response(405, {"error": "Keyset pagination is not yet available for this type of request"})
        after = int(request.first("id_after", "0"))
        left = sorted((row for row in rows if row["id"] > after), key=lambda row: int(row["id"]))
        page = left[:size]
        more = {"Link": link(request, path, id_after=str(page[-1]["id"]))} if len(left) > size else {}
        return Response(200, page, more)

    def admin(self, _request: Request) -> Response:
        """It has no state to show."""
        return Response(404)

    def dump(self) -> dict[str, Any]:
        """It has no state to keep."""
        return {}

    def load(self, _state: Mapping[str, Any]) -> None:
        """It has no state to take over."""


def link(request: Request, path: str, **changed: str) -> str:
    """The header that leads on."""
    params = {name: values[0] for name, values in request.query.items()} | changed
    place, _, table = path.partition("/")[2].rpartition("/")
    route = f"api/v4/{path.partition('/')[0]}/{place.replace('/', '%2F')}/{table}"
    return f'<{request.base_url}/{route}?{urlencode(params)}>; rel="next"'


def matches(row: Mapping[str, Any], request: Request) -> bool:
    """Whether a row meets the parameters; like GitLab's, unknown ones are not heeded."""
    state, labels, since = (request.first(name) for name in ("state", "labels", "created_after"))
    return (
        (state in ("", "all") or row.get("state") == state)
        and all(label in row["labels"] for label in labels.split(",") if label)
        and (not since or datetime.fromisoformat(row["created_at"]) >= datetime.fromisoformat(since))
    )
