"""Repositories, and what hangs below them: milestones and releases. All over GraphQL, which follows renames."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from config.errors import SourceError, TransientSourceError
from config.message import Message
from config.tables import Column
from connectors.github.client import GitHubClient, HeavyError
from connectors.github.graphql import Answer, Question, ask, repository_question
from connectors.github.pages import PAGE, Paged, read_all, unexpected
from connectors.github.rows import rows_of, selection, whole
from connectors.protocol import Row

KIND = "repositories"
_PAGE_WEIGHT = 10
"""How many light questions a page of milestones or releases counts for: 80 such pages were too many for GitHub, 10 were
not (Skydio/revup#271)."""


def questions_of(table: str, repositories: Sequence[str], columns: Sequence[Column]) -> list[Question]:
    """What to ask for the rows of `repositories`, and for the first hundred of milestones or releases."""
    if table == "repositories":
        return [repository_question(name, selection(table, columns)) for name in repositories]
    fields = f"{table}(first:{PAGE}){{totalCount pageInfo{{hasNextPage}} nodes{{{selection(table, columns, 'url')}}}}}"
    return [repository_question(name, fields, _PAGE_WEIGHT) for name in repositories]


def count_questions(table: str, repositories: Sequence[str]) -> list[Question]:
    """What to ask for the number of rows."""
    fields = "id" if table == "repositories" else f"{table}{{totalCount}}"
    return [repository_question(name, fields) for name in repositories]


def count_of(table: str, answer: Mapping[str, object]) -> int:
    """How many rows one answer stands for. Raises KeyError, TypeError or ValueError."""
    return 1 if table == "repositories" else whole(_below(table, answer)["totalCount"])


def _below(table: str, answer: Mapping[str, object]) -> Mapping[str, Any]:
    connection = answer[table]
    if not isinstance(connection, Mapping):
        raise TypeError(Message("{table} came as {kind}", table=table, kind=type(connection).__name__))
    return connection


def rows_below(
    client: GitHubClient, table: str, repository: str, columns: Sequence[Column], answer: Answer
) -> list[Row]:
    """All milestones or releases of a repository: the first hundred, or paged anew where that is not all.

    Raises SourceError.
    """
    if isinstance(answer, SourceError) and not isinstance(answer, HeavyError):
        raise answer
    try:
        if not isinstance(answer, SourceError):
            found = _below(table, answer)
            nodes = {str(node["url"]): node for node in found["nodes"] if node is not None}
            if not found["pageInfo"]["hasNextPage"] and len(nodes) == whole(found["totalCount"]):
                return rows_of(table, columns, list(nodes.values()))
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise unexpected(client, Message("{table} of {repository}", table=table, repository=repository), exc) from exc
    return _paged_below(client, table, repository, columns)


def repository_rows(
    client: GitHubClient, columns: Sequence[Column], answers: Sequence[Mapping[str, object]]
) -> list[Row]:
    """One row per repository. Raises SourceError."""
    try:
        return rows_of("repositories", columns, answers)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise unexpected(client, "repositories", exc) from exc


def _paged_below(client: GitHubClient, table: str, repository: str, columns: Sequence[Column]) -> list[Row]:
    fields = selection(table, columns, "url")
    document = (
        "query($owner:String!,$name:String!,$first:Int!,$after:String){repository(owner:$owner,name:$name)"
        f"{{{table}(first:$first,after:$after){{totalCount pageInfo{{hasNextPage endCursor}} nodes{{{fields}}}}}}}}}"
    )
    owner, _, name = repository.partition("/")
    about = Message("{table} of {repository}", table=table, repository=repository)
    paged = Paged(document, {"owner": owner, "name": name}, ("repository", table), "totalCount", about)
    listed = read_all(client, paged)
    try:
        return rows_of(table, columns, list(listed.nodes.values()))
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise unexpected(client, about, exc) from exc


class Known:
    """Which repositories this token was found to read, so that a search's zero is a zero.

    A search over a repository that is not there, or is not ours to see, may find nothing without a word; one over
    several leaves it out.
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._answers: dict[str, Answer] = {}

    def new(self, repositories: Iterable[str]) -> list[str]:
        """Those of which nothing is known yet, each once."""
        return [name for name in dict.fromkeys(repositories) if name not in self._answers]

    def learn(self, repositories: Sequence[str], answers: Sequence[Answer]) -> None:
        """Keep what was answered to `count_questions("repositories", ...)`; what may pass is not kept."""
        told = zip(repositories, answers, strict=True)
        self._answers |= {name: answer for name, answer in told if not isinstance(answer, TransientSourceError)}

    def require(self, repositories: Sequence[str]) -> Mapping[str, SourceError]:
        """The errors of those that cannot be read, by name; asks only about new ones, in one request."""
        new = self.new(repositories)
        answers = ask(self._client, count_questions("repositories", new), KIND)
        self.learn(new, answers)
        told = self._answers | dict(zip(new, answers, strict=True))
        return {name: error for name in repositories if isinstance(error := told[name], SourceError)}
