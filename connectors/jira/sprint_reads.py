"""Answer reads of sprints: which boards, which of their sprints, and the velocity of each where a column needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.jira.boards import (
    BoardSetup,
    NoSprintsError,
    Sprint,
    boards_of_project,
    setup_of_board,
    sprints_of_board,
)
from connectors.jira.client import JiraClient
from connectors.jira.faults import EFFECT
from connectors.jira.pages import PagePool
from connectors.jira.site_fields import SiteFieldIds
from connectors.jira.sprint_columns import (
    BOARD,
    LAST,
    NEEDS_POINTS,
    NEEDS_VELOCITY,
    OWN,
    POINTS,
    PROJECT,
    SPRINTS,
    STATE,
    TABLE,
    value_of,
)
from connectors.jira.sprint_issues import SprintFields, query_of, sprint_issues
from connectors.jira.velocity import Velocity, velocity_of
from connectors.protocol import Read, Reading, Row

CLOSED = "closed"
_CUSTOM = "customfield_"


@dataclass(frozen=True, slots=True)
class SprintRows:
    """The sprints of a read, and its answer."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    reading: Reading


@dataclass(slots=True)
class _Board:
    """A board, its chosen sprints, and their velocities by the sprint's id."""

    id: int
    sprints: Sequence[Sprint]
    velocities: dict[int, Velocity] = field(default_factory=dict)
    unknown_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SprintReads:
    """Reader of one site's sprints; `write` formats an instant for its queries."""

    client: JiraClient
    site_fields: SiteFieldIds
    write: Callable[[datetime], str]

    def answer(self, read: Read, pool: PagePool) -> SprintRows:
        """Read the sprints that a read asks for. Raises SourceError."""
        boards = self._boards(read)
        names = [] if read.count_only else list(dict.fromkeys(read.columns or (TABLE.key,)))
        figures = [name for name in names if name.lower() in NEEDS_VELOCITY]
        failed: dict[str, SourceError] = {}
        if figures:
            try:
                self._compute(boards, read, figures, pool)
            except SourceError as exc:
                failed = dict.fromkeys(figures, exc)
        columns = [column for name in names if (column := TABLE.column(name))]
        rows = [
            {one.name: value_of(one.name, board.id, sprint, board.velocities.get(sprint.id)) for one in columns}
            for board in boards
            for sprint in board.sprints
        ]
        asked = " ".join(f"{name}: {' '.join(text.split())}" for name, text in read.query.items())
        count = sum(len(board.sprints) for board in boards)
        warnings = (*_foreign(boards), *_endless(boards), *_renamed(boards))
        return SprintRows(
            columns, rows, Reading(read, count, datetime.now(UTC), asked, warnings=warnings, failed=failed)
        )

    def _boards(self, read: Read) -> Sequence[_Board]:
        """Return the boards of a read with the sprints that it chooses, each once. Raises SourceError."""
        numbers, project = self._numbers(read), read.query.get(PROJECT, "").strip()
        found = []
        for number in numbers or boards_of_project(self.client, project):
            try:
                sprints = sprints_of_board(self.client, number, self._state(read))
            except NoSprintsError:
                if numbers:
                    raise
                continue
            found.append(_Board(number, _chosen(sprints, number, read.query)))
        if not found:
            saw = Message("the project {project} has no board with sprints", project=project)
            raise self._wrong(saw, Message("Give the number of a board, as its address ends: `board: 12`."))
        self._require_once(found)
        return found

    def _numbers(self, read: Read) -> Sequence[int]:
        stated, project = read.query.get(BOARD, "").split(), read.query.get(PROJECT, "").split()
        if bool(stated) == bool(project) or len(project) > 1:
            advice = Message("Write `board: 12`, or `project: CORE`.")
            raise self._wrong(Message("it needs `board` or `project`, one of them"), advice)
        if wrong := [number for number in stated if not (number.isascii() and number.isdecimal())]:
            advice = Message("Write the number as the board's address ends: .../boards/12.")
            raise self._wrong(Message("{text!r} is not the number of a board", text=wrong[0]), advice)
        return list(dict.fromkeys(map(int, stated)))

    def _state(self, read: Read) -> str:
        state = read.query.get(STATE, "")
        if LAST not in read.query:
            return state
        if state not in ("", CLOSED):
            saw = Message("`last` counts closed sprints, but `state` is {state}", state=state)
            raise self._wrong(saw, Message("Leave out one of the two."))
        return CLOSED

    def _require_once(self, boards: Sequence[_Board]) -> None:
        """Raises SourceError where two boards have the same sprint, which would count twice."""
        on: dict[int, int] = {}
        for board in boards:
            for sprint in board.sprints:
                if (other := on.setdefault(sprint.id, board.id)) != board.id:
                    saw = Message(
                        "the boards {first} and {second} both have {sprint!r}, so it would count twice",
                        first=other,
                        second=board.id,
                        sprint=sprint.name,
                    )
                    advice = Message("Write `sprints: own`, or read one of the boards.")
                    raise self._wrong(saw, advice)

    def _compute(self, boards: Sequence[_Board], read: Read, figures: Sequence[str], pool: PagePool) -> None:
        """Compute the velocity of every sprint that was started. Raises SourceError."""
        now = read.instants.get("as_of") or datetime.now(UTC)
        for board in boards:
            ends = {
                sprint: end
                for sprint in board.sprints
                if sprint.state != "future" and (end := now if sprint.state == "active" else sprint.closed)
            }
            if not ends:
                continue
            setup = setup_of_board(self.client, board.id)
            has_points = any(name.lower() in NEEDS_POINTS for name in figures)
            fields = self._fields(board.id, setup, read.query, has_points=has_points)
            jql, ids = query_of(setup, list(ends), self.write), [sprint.id for sprint in ends]
            found = sprint_issues(self.client, pool, jql, fields, ids)
            board.unknown_fields = found.unknown_fields
            for sprint, end in ends.items():
                if sprint.start:
                    board.velocities[sprint.id] = velocity_of(sprint.id, sprint.start, end, found.issues, setup.done)

    def _fields(self, board: int, setup: BoardSetup, query: Mapping[str, str], *, has_points: bool) -> SprintFields:
        """Return the fields whose histories are needed. Raises SourceError."""
        sprint, points = self.site_fields.sprint(), ""
        if has_points:
            stated = query.get(POINTS, "").strip()
            points = self.site_fields.stated(stated, f"`{POINTS}`") if stated else setup.estimate
            if not points.startswith(_CUSTOM):
                saw = (
                    Message("the board {board} estimates by {field}, not by points", board=board, field=points)
                    if points
                    else Message("the board {board} does not estimate by a field", board=board)
                )
                advice = Message("Name the field: `points: Story Points`; or use the columns of issues.")
                raise self._wrong(saw, advice)
        names = {id_: self.site_fields.names(id_) for id_ in (sprint, points) if id_}
        return SprintFields(sprint, points, names, self.site_fields.all_names())

    def _wrong(self, saw: str, advice: str) -> SourceError:
        doing = Message("jira {name!r}: reading sprints", name=self.client.name)
        return SourceError(doing, saw, effect=EFFECT, advice=advice)


def _chosen(sprints: Sequence[Sprint], board: int, query: Mapping[str, str]) -> Sequence[Sprint]:
    """Return the sprints that a query chooses, in the order of their numbers."""
    if query.get(SPRINTS) == OWN:
        sprints = [sprint for sprint in sprints if sprint.origin in (board, None)]
    if last := query.get(LAST):
        ended = [(sprint.closed, sprint.id, at) for at, sprint in enumerate(sprints) if sprint.closed]
        sprints = [sprints[at] for _, _, at in sorted(ended)[-int(last) :]]
    return sorted(sprints, key=lambda sprint: sprint.id)


def _foreign(boards: Sequence[_Board]) -> Sequence[str]:
    """Return a warning for sprints that came to a board from another, by an issue that both show."""
    found = [sprint.name for board in boards for sprint in board.sprints if sprint.origin not in (board.id, None)]
    if not found:
        return []
    return [
        Message(
            "{names} was made on another board; `sprints: own` leaves it out",
            "{count} sprints were made on other boards, such as {names}; `sprints: own` leaves them out",
            count=len(found),
            names=found[:3],
        )
    ]


def _endless(boards: Sequence[_Board]) -> Sequence[str]:
    """Return a warning for closed sprints that do not say when they were closed."""
    found = [
        sprint.name for board in boards for sprint in board.sprints if sprint.state == CLOSED and not sprint.closed
    ]
    if not found:
        return []
    return [Message("{names}: Jira does not say when it was closed; its figures are unknown", names=found[:3])]


def _renamed(boards: Sequence[_Board]) -> Sequence[str]:
    """Return a warning for fields that histories know by names that no field has."""
    found = sorted({name for board in boards for name in board.unknown_fields})
    if not found:
        return []
    return [
        Message(
            "histories name fields that Jira no longer has: {names}; if one is an earlier name of the estimates or of "
            "the sprints, figures from before it was renamed are wrong",
            names=found[:5],
        )
    ]
