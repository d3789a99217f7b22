"""Boards of the Jira sandbox with their sprints, and the endpoints of Jira Software that list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox.jira.issue_json import status_id
from connectors.sandbox.jira.issues import STORY_POINTS
from connectors.sandbox.server import Request

if TYPE_CHECKING:
    from connectors.sandbox.jira.state import JiraState

PAGE = 50
"""Largest page of boards and sprints; a larger `maxResults` is shortened to it."""

_STATES = ("future", "active", "closed")
_FIRST_FILTER = 10_000


@dataclass(frozen=True, slots=True)
class BoardSprint:
    """A sprint that a board lists. Instants are aware; `origin` is the board on which it was made."""

    id: int
    name: str
    state: str
    start: datetime | None = None
    end: datetime | None = None
    complete: datetime | None = None
    goal: str = ""
    origin: int = 1


@dataclass(frozen=True, slots=True)
class Board:
    """A board: its filter as JQL, its columns with the names of their statuses, and the field of its estimates.

    `kind` is scrum, kanban or simple; an `estimate` of "" is the number of issues.
    """

    id: int
    name: str
    project: str
    jql: str
    kind: str = "scrum"
    estimate: str = STORY_POINTS
    columns: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"To Do": ("To Do",), "In Progress": ("In Progress", "In Review"), "Done": ("Done",)}
    )
    sprints: Sequence[BoardSprint] = ()

    @property
    def filter_id(self) -> str:
        """Id of the saved filter."""
        return str(_FIRST_FILTER + self.id)


class UnknownBoardError(LookupError):
    """There is no such board for this account. The text is Jira's."""


def boards(state: "JiraState", request: Request) -> Mapping[str, Any]:
    """List boards: `type`, `projectKeyOrId`, `startAt` and `maxResults`. Raises ValueError."""
    asked = _asked(request, {"type", "projectKeyOrId", "name"})
    if (project := asked.get("projectKeyOrId")) and project not in {issue.project for issue in state.issues.values()}:
        raise ValueError(f"No project could be found with key or id '{project}'.")
    found = [
        {
            "id": board.id,
            "self": f"{request.base_url}/rest/agile/1.0/board/{board.id}",
            "name": board.name,
            "type": board.kind,
            "location": {"projectKey": board.project},
        }
        for board in state.boards.values()
        if asked.get("type", board.kind) == board.kind and (project or board.project) == board.project
    ]
    return _page(found, asked) | {"total": len(found)}


def sprints(state: "JiraState", request: Request) -> Mapping[str, Any]:
    """List a board's sprints: `state`, `startAt` and `maxResults`. Raises ValueError, UnknownBoardError."""
    asked, board = _asked(request, {"state"}), _board(state, request)
    if board.kind == "kanban":
        raise ValueError("The board does not support sprints")
    wanted = asked["state"].split(",") if "state" in asked else list(_STATES)
    if not set(wanted) <= set(_STATES):
        raise ValueError(f"Invalid sprint state: {wanted}")
    return _page([_sprint_json(one, request, state) for one in board.sprints if one.state in wanted], asked)


def configuration(state: "JiraState", request: Request) -> Mapping[str, Any]:
    """Return how a board is set up. Raises UnknownBoardError."""
    board = _board(state, request)
    columns = [
        {"name": name, "statuses": [{"id": status_id(status)} for status in statuses]}
        for name, statuses in board.columns.items()
    ]
    body = {
        "id": board.id,
        "name": board.name,
        "type": board.kind,
        "filter": {"id": board.filter_id},
        "columnConfig": {"columns": columns, "constraintType": "none"},
    }
    if board.kind != "scrum":
        return body
    if not board.estimate:
        return body | {"estimation": {"type": "issueCount"}}
    return body | {"estimation": {"type": "field", "field": {"fieldId": board.estimate, "displayName": "Estimate"}}}


def _board(state: "JiraState", request: Request) -> Board:
    name = request.path.partition("/board/")[2].partition("/")[0]
    found = state.boards.get(int(name)) if name.isdecimal() else None
    if found is None:
        raise UnknownBoardError("Requested board cannot be viewed because it either does not exist or you do not have "
                                "permission to view it.")  # fmt: skip
    return found


def _asked(request: Request, known: set[str]) -> dict[str, str]:
    """Return the parameters of the URL. Raises ValueError for one that Jira does not document."""
    asked = {name: values[0] for name, values in request.query.items()}
    if wrong := set(asked) - known - {"startAt", "maxResults"}:
        raise ValueError(f"unknown parameter {min(wrong)}")
    return asked


def _page(entries: Sequence[Mapping[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
    start, size = int(asked.get("startAt", "0")), min(int(asked.get("maxResults", str(PAGE))), PAGE)
    if start < 0 or size < 0:
        raise ValueError("startAt and maxResults must not be negative.")
    values = list(entries[start : start + size])
    return {"maxResults": size, "startAt": start, "isLast": start + size >= len(entries), "values": values}


def _sprint_json(sprint: BoardSprint, request: Request, state: "JiraState") -> Mapping[str, Any]:
    dates = {"startDate": sprint.start, "endDate": sprint.end, "completeDate": sprint.complete}
    return {
        "id": sprint.id,
        "self": f"{request.base_url}/rest/agile/1.0/sprint/{sprint.id}",
        "state": sprint.state,
        "name": sprint.name,
        **{name: _time(at, state) for name, at in dates.items() if at},
        "originBoardId": sprint.origin,
        "goal": sprint.goal,
    }


def _time(at: datetime, state: "JiraState") -> str:
    """Format an instant: in UTC on Cloud, in the account's zone on Data Center."""
    local = at.astimezone(UTC if state.cloud else state.zone)
    offset = "Z" if state.cloud else local.isoformat()[-6:]
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{offset}"
