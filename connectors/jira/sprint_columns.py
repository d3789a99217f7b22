"""Columns of the table `jira.sprints`, and the keys by which a measure chooses sprints."""

from collections.abc import Callable, Mapping
from datetime import datetime

from config.tables import Column, QueryKey, Table
from connectors.jira.boards import STATES, Sprint
from connectors.jira.velocity import Velocity
from connectors.protocol import Value

BOARD, PROJECT, STATE, LAST, SPRINTS, POINTS = "board", "project", "state", "last", "sprints", "points"
OWN = "own"

_PLAIN = (
    Column("id", "integer", "The sprint's number inside Jira."),
    Column("board", "integer", "The number of the board."),
    Column("name", "text", "Its name."),
    Column("state", "text", "Its state.", values=STATES),
    Column("start", "timestamp", "When it was started, or is planned to; unknown without a plan."),
    Column("due", "timestamp", "When it is planned to end."),
    Column("closed", "timestamp", "When it was completed; unknown until then."),
    Column("goal", "text", "Its goal."),
    Column("origin_board", "integer", "The number of the board on which it was made."),
)
_TALLIES: Mapping[str, str] = {
    "committed": "in the sprint at its start",
    "completed": "in the sprint at its end, and moved to the board's last column since its start",
    "added": "in the sprint at its end, but not at its start",
    "removed": "in the sprint at its start, but not at its end",
}
_FIGURES = (
    *(
        Column(f"{name}_points", "number", f"The estimates of the issues that were {what}; reads history.")
        for name, what in _TALLIES.items()
    ),
    *(
        Column(f"{name}_issues", "integer", f"How many issues were {what}; reads history.")
        for name, what in _TALLIES.items()
    ),
)

TABLE = Table(
    "sprints",
    "The sprints of boards, with what they were planned with and what they achieved.",
    (
        QueryKey(BOARD, "A board's number, as its address ends; several separated by white space.", required=False),
        QueryKey(PROJECT, "A project's key, in place of a board: all its boards with sprints.", required=False),
        QueryKey(STATE, "future, active or closed; default: all.", required=False),
        QueryKey(LAST, "Only the sprints of each board that were closed last, such as 3.", required=False),
        QueryKey(SPRINTS, "own: without sprints that were made on other boards; default: all.", required=False),
        QueryKey(POINTS, "The field of the estimates by name or id; default: that of the board.", required=False),
    ),
    (*_PLAIN, *_FIGURES),
    key="id",
    notes=(
        "figures of a sprint that is active are those up to the run, of a future one unknown;",
        "sub-tasks do not count, and an issue without an estimate adds no points",
    ),
)

NEEDS_VELOCITY = frozenset(column.name for column in _FIGURES)
NEEDS_POINTS = frozenset(f"{name}_points" for name in _TALLIES)

_READERS: Mapping[str, Callable[[Sprint], str | int | datetime | None]] = {
    "id": lambda sprint: sprint.id,
    "name": lambda sprint: sprint.name,
    "state": lambda sprint: sprint.state,
    "start": lambda sprint: sprint.start,
    "due": lambda sprint: sprint.due,
    "closed": lambda sprint: sprint.closed,
    "goal": lambda sprint: sprint.goal,
    "origin_board": lambda sprint: sprint.origin,
}


def value_of(column: str, board: int, sprint: Sprint, velocity: Velocity | None) -> Value:
    """Return the value of a column; a figure without a velocity is unknown."""
    if column == BOARD:
        return board
    if column in _READERS:
        return _READERS[column](sprint)
    if velocity is None:
        return None
    name, _, unit = column.partition("_")
    tally = {
        "committed": velocity.committed,
        "completed": velocity.completed,
        "added": velocity.added,
        "removed": velocity.removed,
    }[name]
    return tally.points if unit == "points" else tally.issues
