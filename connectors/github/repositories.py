"""Read repositories, milestones and releases over GraphQL, which follows renamed repositories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.errors import SourceError, TransientSourceError
from config.message import Message
from config.tables import Column
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT, HeavyError, MissingError, NullError
from connectors.github.graphql import Answer, Question, ask, owner_question, repository_question
from connectors.github.pages import PAGE, Paged, read_all, unexpected
from connectors.github.rows import rows_of, selection, whole
from connectors.protocol import Row

KIND = "repositories"
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
        raise TypeError(Message("{table} came as {kind}", table=table, kind=type(connection).__name__))
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


def ask_told_apart(client: GitHubClient, questions: Sequence[Question], kind: str) -> list[Answer]:
    """Ask, and tell repositories that are not found apart by whether their owners exist, in one more request.

    GitHub hides a private repository from who may not read it as if it did not exist.
    """
    answers = ask(client, questions, kind)
    missing = {
        place: question.repository
        for place, (question, answer) in enumerate(zip(questions, answers, strict=True))
        if question.repository and isinstance(answer, MissingError)
    }
    if not missing:
        return answers
    owners = list(dict.fromkeys(name.partition("/")[0] for name in missing.values()))
    found = dict(zip(owners, ask(client, [owner_question(owner) for owner in owners], kind), strict=True))
    for place, name in missing.items():
        answers[place] = _told_apart(client, questions[place].about, name, found[name.partition("/")[0]])
    return answers


def _told_apart(client: GitHubClient, about: str, name: str, owner_answer: Answer) -> SourceError:
    owner = name.partition("/")[0]
    if isinstance(owner_answer, MissingError | NullError):
        saw = Message(
            "GitHub has no repository {name}: there is no user or organisation {owner}", name=name, owner=owner
        )
        advice = Message("Check the spelling of {owner}.", owner=owner)
        return SourceError(client.doing(about), saw, effect=EFFECT, advice=advice)
    saw = Message(
        "GitHub shows no repository {name}: it was deleted or misspelt, or it is private and hidden from the token",
        name=name,
    )
    return SourceError(client.doing(about), saw, effect=EFFECT, advice=client.access_advice())


def _check_question(repository: str) -> Question:
    return repository_question(repository, "nameWithOwner isArchived")


class Known:
    """Cache of what became of repositories that searches name, to verify the results of searches.

    GitHub's search silently ignores a repository that does not exist or that the token may not read, and one by its
    former name, although `repository` follows the new one.
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._answers: dict[str, Answer] = {}

    def new(self, repositories: Iterable[str]) -> list[str]:
        """Return the repositories that are not cached yet, each once."""
        return [name for name in dict.fromkeys(repositories) if name not in self._answers]

    def questions(self, repositories: Sequence[str]) -> list[Question]:
        """Return one question per repository, to answer with `learn`."""
        return [_check_question(name) for name in repositories]

    def learn(self, repositories: Sequence[str], answers: Sequence[Answer]) -> None:
        """Store answers to `questions`, except transient errors."""
        told = zip(repositories, answers, strict=True)
        self._answers |= {name: answer for name, answer in told if not isinstance(answer, TransientSourceError)}

    def check(self, repositories: Sequence[str]) -> "Checked":
        """Check repositories, asking for those not cached in one batch."""
        new = self.new(repositories)
        answers = ask_told_apart(self._client, self.questions(new), KIND)
        self.learn(new, answers)
        told = self._answers | dict(zip(new, answers, strict=True))
        checked = Checked({}, {}, set())
        for name in repositories:
            answer = told[name]
            if isinstance(answer, SourceError):
                checked.unread[name] = answer
            elif str(answer.get("nameWithOwner", name)).lower() != name.lower():
                checked.renamed[name] = self._renamed(name, str(answer["nameWithOwner"]))
            elif answer.get("isArchived") is True:
                checked.archived.add(name)
        return checked

    def _renamed(self, name: str, now: str) -> SourceError:
        doing = self._client.doing(Message("repository {repository}", repository=name))
        saw = Message("it is called {now} now, and GitHub's search finds nothing under the former name", now=now)
        return SourceError(doing, saw, effect=EFFECT, advice=Message("Write {moved} in the config.", moved=now))


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of repositories found.

    Attributes:
        unread: the error of each that does not exist or may not be read.
        renamed: the error of each that has another name now.
        archived: those that are archived.
    """

    unread: dict[str, SourceError]
    renamed: dict[str, SourceError]
    archived: set[str]

    def error_of(self, repositories: Iterable[str], excluded: Iterable[str]) -> SourceError | None:
        """Return the error of a search that names these repositories and excludes those; None if there is none."""
        wrong = self.unread | self.renamed
        return next(
            (error for error in (*map(wrong.get, repositories), *map(self.renamed.get, excluded)) if error is not None),
            None,
        )

    def warnings(self, count: int, repositories: Iterable[str], excluded: Iterable[str]) -> tuple[str, ...]:
        """Return warnings on the count of such a search."""
        archived = [name for name in repositories if name in self.archived] if not count else []
        return (
            *(Message("{name} is archived: nothing changes in it any more", name=name) for name in archived),
            *(
                Message("`-repo:{name}` excludes nothing: the token sees no such repository", name=name)
                for name in excluded
                if name in self.unread
            ),
        )
