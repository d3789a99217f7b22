"""Read boards: which a project has, their sprints, and how they are set up. Pages are complete or an error.

https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from config.dataclass import dataclass
from config.errors import AuthError, SourceError
from config.message import Message
from connectors.jira.client import AGILE, JiraClient
from connectors.jira.faults import EFFECT, ODD_ANSWER, SignInError
from connectors.jira.values import OddFieldError, instant

PAGE = 50
"""Most entries of a page; Cloud shortens pages to it, whatever is asked for."""
STATES = ("future", "active", "closed")

_MOST_PAGES = 1000
_SCOPES = (
    "read:sprint:jira-software",
    "read:board-scope:jira-software",
    "read:board-scope.admin:jira-software",
    "read:project:jira",
    "read:issue-details:jira",
)
"""What a scoped token needs for boards besides read:jira-work."""


class NoSprintsError(SourceError):
    """A board of a kind that has no sprints, such as a kanban board."""


@dataclass(frozen=True, slots=True)
class Sprint:
    """A sprint as a board lists it. `origin` is the id of the board on which it was made; None where that is unknown.

    `start` is unknown for a future sprint without a plan, `closed` for one that is not closed.
    """

    id: int
    name: str
    state: str
    start: datetime | None
    due: datetime | None
    closed: datetime | None
    goal: str | None
    origin: int | None


@dataclass(frozen=True, slots=True)
class BoardSetup:
    """How a board works: which issues it shows, the statuses of its last column, and the field of its estimates.

    `scope` is JQL: the board's filter, or its project where it has none, as a team-managed project's board may not.
    `estimate` is empty where it estimates by the number of issues, or not at all.
    """

    scope: str
    done: frozenset[str]
    estimate: str


def boards_of_project(client: JiraClient, project: str) -> Sequence[int]:
    """Return the ids of a project's boards that may have sprints. Raises SourceError."""
    path, found = "board", list[int]()
    for board in _pages(client, path, "boards", {"projectKeyOrId": project}):
        id_, kind = board.get("id"), board.get("type")
        if not isinstance(id_, int) or not isinstance(kind, str):
            raise _odd(client, path, Message("a board has no id or no type"))
        if kind != "kanban":
            found.append(id_)
    return found


def sprints_of_board(client: JiraClient, board: int, state: str) -> Sequence[Sprint]:
    """Return the sprints that a board lists; `state` narrows them, if it is not empty. Raises SourceError."""
    path = f"board/{board}/sprint"
    try:
        entries = list(_pages(client, path, "sprints", {"state": state} if state else {}))
    except SourceError as exc:
        if exc.status == HTTPStatus.BAD_REQUEST:
            advice = Message("Only boards with sprints have a velocity; give the number of a Scrum board.")
            raise NoSprintsError(exc.doing, exc.saw, effect=EFFECT, advice=advice) from None
        raise
    try:
        found = [_sprint(entry) for entry in entries]
    except OddFieldError as exc:
        raise _odd(client, path, str(exc)) from None
    return found


def setup_of_board(client: JiraClient, board: int) -> BoardSetup:
    """Return how a board works. Raises SourceError."""
    path = f"board/{board}/configuration"
    answer = _get(client, path, "board", {})
    columns = _object(answer, "columnConfig").get("columns")
    estimate = _object(_object(answer, "estimation"), "field").get("fieldId")
    scope = _scope(answer)
    if not isinstance(columns, list) or not scope:
        raise _odd(client, path, Message("the board has no columns, or neither filter nor project"))
    mapped = [found for column in columns if (found := _statuses(column))]
    if not mapped:
        saw = Message("no status is mapped to a column of the board")
        advice = Message("Map the statuses to columns in the board's settings: the last column says what is done.")
        raise SourceError(client.doing("GET", path, AGILE), saw, effect=EFFECT, advice=advice)
    return BoardSetup(scope, mapped[-1], estimate if isinstance(estimate, str) else "")


def _scope(answer: Mapping[str, Any]) -> str:
    location, id_ = _object(answer, "location"), _object(answer, "filter").get("id")
    if id_:
        return f"filter = {id_}"
    key = location.get("projectKeyOrId") if location.get("type") == "project" else None
    return f"project = {json.dumps(key)}" if isinstance(key, str) and key else ""


def _statuses(column: object) -> frozenset[str]:
    statuses = column.get("statuses") if isinstance(column, Mapping) else None
    return frozenset(str(each["id"]) for each in statuses or () if isinstance(each, Mapping) and "id" in each)


def _sprint(entry: Mapping[str, Any]) -> Sprint:
    """Return the sprint of an entry. Raises OddFieldError."""
    id_, name, state, goal, origin = (entry.get(key) for key in ("id", "name", "state", "goal", "originBoardId"))
    if not isinstance(id_, int) or not isinstance(name, str) or state not in STATES:
        raise OddFieldError(Message("a sprint has no id, no name or no state that Jira documents"))
    start, due, closed = (instant(key, entry.get(key)) for key in ("startDate", "endDate", "completeDate"))
    if state != "future" and start is None:
        raise OddFieldError(Message("a sprint that was started has no date of its start"))
    text, board = goal if isinstance(goal, str) and goal else None, origin if isinstance(origin, int) else None
    return Sprint(id_, name, str(state), start, due, closed, text, board)


def _pages(client: JiraClient, path: str, kind: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of all pages to the one that says it is the last. Raises SourceError."""
    seen: set[object] = set()
    for _ in range(_MOST_PAGES):
        start = len(seen)
        answer = _get(client, path, kind, {**params, "startAt": str(start), "maxResults": str(PAGE)})
        values, last, total = answer.get("values"), answer.get("isLast"), answer.get("total")
        if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
            raise _odd(client, path, Message("the answer has no list of values"))
        seen.update(str(value.get("id")) for value in values)
        if len(seen) != start + len(values):
            raise _changed(client, path, Message("an entry is on two pages"))
        yield from values
        if last is True:
            if isinstance(total, int) and total != len(seen):
                raise _changed(client, path, Message("{count} of {total} entries came", count=len(seen), total=total))
            return
        if last is not False or not values:
            break
    raise _odd(client, path, Message("its pages do not end"))


def _changed(client: JiraClient, path: str, saw: str) -> SourceError:
    advice = Message("Run again; the list changed while it was read.")
    return SourceError(client.doing("GET", path, AGILE), saw, effect=EFFECT, advice=advice)


def _get(client: JiraClient, path: str, kind: str, params: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        answer = client.get(path, kind, params, part=AGILE)
    except SourceError as exc:
        exc.advice = _advice(client, exc) or exc.advice
        raise
    if not isinstance(answer, Mapping):
        raise _odd(client, path, Message("the answer is not a JSON object"))
    return answer


def _advice(client: JiraClient, exc: SourceError) -> str:
    """Return the advice for a refusal, where boards have one of their own."""
    if exc.status == HTTPStatus.NOT_FOUND:
        return Message("Check the board's number, as its address ends; a board that the account may not see has none.")
    if exc.status == HTTPStatus.BAD_REQUEST:
        return Message("Check the project's key.")
    if isinstance(exc, AuthError) and client.connection.cloud_id:
        return exc.advice + Message(" Boards need these scopes as well: {scopes}.", scopes=list(_SCOPES))
    if exc.status == HTTPStatus.FORBIDDEN and not isinstance(exc, SignInError):
        return Message(
            "Let the account see the board's filter and project; Jira Software has to be among its products."
        )
    return ""


def _object(value: object, name: str) -> Mapping[str, Any]:
    inner = value.get(name) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _odd(client: JiraClient, path: str, saw: str) -> SourceError:
    return SourceError(client.doing("GET", path, AGILE), saw, effect=EFFECT, advice=ODD_ANSWER)
