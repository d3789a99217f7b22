"""Repositories, and what hangs below them: milestones and releases. All over GraphQL, which follows renames."""

from collections.abc import Callable, Mapping, Sequence

from config.errors import SourceError, TransientSourceError
from config.tables import Column
from connectors.base import Row
from connectors.github_client import GitHubClient
from connectors.github_graphql import Answer, Question, ask, repository_question
from connectors.github_pages import Paged, read_all, unexpected
from connectors.github_rows import rows_of, selection

KIND = "repositories"


def questions_of(table: str, repositories: Sequence[str], columns: Sequence[Column]) -> list[Question]:
    """What to ask for the rows of `repositories`, or for the count of milestones or releases."""
    fields = selection(table, columns) if table == "repositories" else f"{table}{{totalCount}}"
    return [repository_question(name, fields) for name in repositories]


def count_of(table: str, answer: Mapping[str, object]) -> int:
    """How many rows one such answer stands for. Raises KeyError, TypeError or ValueError."""
    if table == "repositories":
        return 1
    connection = answer[table]
    if not isinstance(connection, Mapping):
        raise TypeError(f"{table} came as {type(connection).__name__}")
    return int(connection["totalCount"])


def repository_rows(
    client: GitHubClient, columns: Sequence[Column], answers: Sequence[Mapping[str, object]]
) -> list[Row]:
    """One row per repository. Raises SourceError."""
    try:
        return rows_of("repositories", columns, answers)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise unexpected(client, "repositories", exc) from exc


def read_below(
    client: GitHubClient,
    table: str,
    repositories: Sequence[str],
    columns: Sequence[Column],
    add: Callable[[Sequence[Row]], None],
) -> int:
    """Hand all milestones or releases to `add`, a repository at a time; give their number. Raises SourceError."""
    fields = selection(table, columns, "url")
    document = (
        "query($owner:String!,$name:String!,$first:Int!,$after:String){repository(owner:$owner,name:$name)"
        f"{{{table}(first:$first,after:$after){{totalCount pageInfo{{hasNextPage endCursor}} nodes{{{fields}}}}}}}}}"
    )
    count = 0
    for repository in repositories:
        owner, _, name = repository.partition("/")
        about = f"{table} of {repository}"
        paged = Paged(document, {"owner": owner, "name": name}, ("repository", table), "totalCount", about)
        listed = read_all(client, paged)
        try:
            add(rows_of(table, columns, list(listed.nodes.values())))
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise unexpected(client, about, exc) from exc
        count += listed.total
    return count


class Known:
    """Which repositories this token was found to read, so that a search's zero is a zero.

    A search over a repository that is not there, or is not ours to see, may find nothing without a word; one over
    several leaves it out.
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._answers: dict[str, Answer] = {}

    def require(self, repositories: Sequence[str]) -> Mapping[str, SourceError]:
        """The errors of those that cannot be read, by name; asks only about new ones, in one request."""
        new = [name for name in dict.fromkeys(repositories) if name not in self._answers]
        answers = ask(self._client, [repository_question(name, "id") for name in new], KIND)
        told = dict(zip(new, answers, strict=True))
        self._answers |= {name: answer for name, answer in told.items() if not isinstance(answer, TransientSourceError)}
        told |= {name: answer for name in repositories if (answer := self._answers.get(name)) is not None}
        return {name: answer for name, answer in told.items() if isinstance(answer, SourceError)}
