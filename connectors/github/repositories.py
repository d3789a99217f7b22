"""Read repositories, milestones and releases over GraphQL, which follows renamed repositories."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.github.client import GitHubClient
from connectors.github.errors import HeavyError
from connectors.github.graphql import Answer, Question, repository_question
from connectors.github.pages import PAGE, Paged, read_all, unexpected
from connectors.github.rows import rows_of, selection, whole
from connectors.protocol import Row

_PAGE_WEIGHT = 10
"""Weight of a page of milestones or releases: 80 such pages per request were too many for GitHub, 10 were not
(Skydio/revup#271)."""


def questions_of(table: str, repositories: Sequence[str], columns: Sequence[Column]) -> list[Question]:
    """Return one question per repository: its row, or the first 100 of its milestones or releases."""
    if table == "repositories":
        return [repository_question(name, selection(table, columns)) for name in repositories]
    fields = f"{table}(first:{PAGE}){{totalCount pageInfo{{hasNextPage}} nodes{{{selection(table, columns, 'url')}}}}}"
    return [repository_question(name, fields, _PAGE_WEIGHT) for name in repositories]


def count_questions(table: str, repositories: Sequence[str]) -> list[Question]:
    """Return one question per repository for its number of rows."""
    fields = "id" if table == "repositories" else f"{table}{{totalCount}}"
    return [repository_question(name, fields) for name in repositories]


def count_of(table: str, answer: Mapping[str, object]) -> int:
    """Return the number of rows in an answer to `count_questions`. Raises KeyError, TypeError or ValueError."""
    return 1 if table == "repositories" else whole(_below(table, answer)["totalCount"])


def _below(table: str, answer: Mapping[str, object]) -> Mapping[str, Any]:
    connection = answer[table]
    if not isinstance(connection, Mapping):
        raise TypeError(Message("{table} is {kind}", table=table, kind=type(connection).__name__))
    return connection


def rows_below(
    client: GitHubClient, table: str, repository: str, columns: Sequence[Column], answer: Answer
) -> list[Row]:
    """Return all milestones or releases of a repository: those of `answer`, or read page by page if there are more.

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
    """Return one row per repository. Raises SourceError."""
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
