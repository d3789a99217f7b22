"""Read the lists that have requests of their own: searches, workflow runs, deployments, sub-issues, projects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors.github.asked import Asked
from connectors.github.client import GitHubClient
from connectors.github.deployments import read_deployments, warnings_of
from connectors.github.ended_runs import NEEDING, EndedRuns
from connectors.github.errors import MissingError
from connectors.github.issues import read_search
from connectors.github.known_repositories import Known
from connectors.github.projects import ProjectReader
from connectors.github.runs import Runs, count_runs, read_runs
from connectors.github.sub_issues import read_sub_issues
from connectors.protocol import Row, zone_of

Add = Callable[[Sequence[Row]], None]


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows a list has, the error of each column that failed, warnings, and its page where it is known now."""

    count: int
    failed: Mapping[str, SourceError] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    link: str = ""


def read_list(client: GitHubClient, known: Known, asked: Asked, add: Add) -> Found:
    """Pass all rows of a list to `add`, unless only their number is asked for. Raises SourceError."""
    match asked.read.table:
        case "workflow_runs":
            return _runs(client, known, asked, add)
        case "deployments":
            return _deployments(client, known, asked, add)
        case "sub_issues":
            return Found(_kept(add, [read_sub_issues(client, one, asked.columns) for one in asked.numbered]))
        case "project_items":
            return _projects(client, asked, add)
        case table:
            return Found(read_search(client, table, asked.search, asked.columns, add))


def _runs(client: GitHubClient, known: Known, asked: Asked, add: Add) -> Found:
    needing = [column.name for column in asked.columns if column.name in NEEDING]
    ended = EndedRuns(client) if needing and not asked.read.count_only else None
    count = 0
    for name in asked.repositories:
        runs = Runs(name, asked.workflow, asked.created)
        try:
            one = count_runs(client, runs) if asked.read.count_only else None
            count += read_runs(client, runs, asked.columns, add, ended) if one is None else one
        except MissingError as exc:
            exc.advice = Message(
                "The repository is there: check the workflow's file name, and that the token in {token} may read "
                "Actions.",
                token=client.connection.secret,
            )
            raise _explained(known, name, exc) from None
    return Found(count, dict.fromkeys(needing, ended.error) if ended and ended.error else {})


def _deployments(client: GitHubClient, known: Known, asked: Asked, add: Add) -> Found:
    lists: list[list[Row]] = []
    for name in asked.repositories:
        try:
            lists.append(read_deployments(client, asked, name))
        except MissingError as exc:
            raise _explained(known, name, exc) from None
    count = sum(map(len, lists)) if asked.read.count_only else _kept(add, lists)
    return Found(count, warnings=() if count else warnings_of(client, asked))


def _projects(client: GitHubClient, asked: Asked, add: Add) -> Found:
    readers = [ProjectReader(client, one, asked.columns, zone_of(asked.read)) for one in asked.numbered]
    boards = [one.count() if asked.read.count_only else one.read() for one in readers]
    if not asked.read.count_only:
        _kept(add, [board.rows for board in boards])
    failed = {name: error for board in reversed(boards) for name, error in board.failed.items()}
    warnings = tuple(dict.fromkeys(warning for board in boards for warning in board.warnings))
    return Found(sum(board.count for board in boards), failed, warnings, boards[0].url if len(boards) == 1 else "")


def _explained(known: Known, name: str, error: MissingError) -> SourceError:
    """Tell apart a repository that cannot be read from something in it that cannot."""
    return known.check([name]).error_of([name], ()) or error


def _kept(add: Add, lists: Sequence[Sequence[Row]]) -> int:
    """Store lists that are all complete; return the number of their rows."""
    for rows in lists:
        add(rows)
    return sum(map(len, lists))
