"""Batch GraphQL questions as aliases of one request, split batches that are too heavy, and assign errors by alias.

GitHub's limits: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors.github.client import GitHubClient, Reply
from connectors.github.errors import EFFECT, HeavyError, NullError, is_heavy

T = TypeVar("T")

ALIASES = 50
"""Maximum weight per request, in count-only searches; GitHub ends a query after ten seconds."""

_ALIAS = re.compile(r"k\d+")


@dataclass(frozen=True, slots=True)
class Question:
    """One top-level GraphQL field. All its variables are of one `type`; `about` names it in messages.

    `weight` is its cost in count-only searches: a page of nodes takes GitHub longer than a count.
    """

    field: str
    variables: Mapping[str, str]
    about: str
    weight: int = 1
    type: str = "String!"

    @property
    def repository(self) -> str:
        """The repository asked about, as owner/name; empty for another question."""
        return f"{self.variables['owner']}/{self.variables['name']}" if "owner" in self.variables else ""


Answer = Mapping[str, Any] | SourceError


def count_question(search: str) -> Question:
    """Ask for the number of issues or pull requests that a search finds, which is exact above 1,000 as well."""
    return Question(
        "search(query:$query,type:ISSUE){issueCount}", {"query": search}, Message("search `{search}`", search=search)
    )


def repository_question(repository: str, fields: str, weight: int = 1) -> Question:
    """Ask for fields of one repository, named owner/name."""
    owner, _, name = repository.partition("/")
    field = f"repository(owner:$owner,name:$name){{{fields}}}"
    return Question(
        field, {"owner": owner, "name": name}, Message("repository {repository}", repository=repository), weight
    )


def owner_question(login: str) -> Question:
    """Ask whether there is a user or an organisation of that name."""
    about = Message("account {login}", login=login)
    return Question("repositoryOwner(login:$login){login}", {"login": login}, about)


def filled(things: Iterable[T], weight: Callable[[T], int]) -> list[list[T]]:
    """Split items in order into batches of a total weight up to ALIASES; a heavier item gets a batch of its own."""
    batches: list[list[T]] = []
    room = 0
    for thing in things:
        if weight(thing) > room:
            batches.append([])
            room = ALIASES
        batches[-1].append(thing)
        room -= weight(thing)
    return batches


def ask(client: GitHubClient, questions: Sequence[Question], kind: str) -> list[Answer]:
    """Send questions in batches; return one answer or SourceError per question, in order.

    An error affects its question only, except that a HeavyError before any answer is taken as an outage.
    """
    answers: dict[int, Answer] = {}
    todo = filled(range(len(questions)), lambda n: questions[n].weight)
    while todo:
        part = todo.pop(0)
        try:
            reply = _send(client, [questions[n] for n in part], kind)
        except SourceError as exc:
            answers.update(dict.fromkeys(part, exc))
            if isinstance(exc, HeavyError) and not any(isinstance(given, Mapping) for given in answers.values()):
                # Not one answer, and even a single question fails: the service is down, not the question heavy.
                return [answers.get(n, exc) for n in range(len(questions))]
            continue
        if isinstance(reply, HeavyError):
            todo[:0] = _halves(part)
            continue
        todo[:0] = _take(client, questions, part, reply, answers)
    return [answers[n] for n in range(len(questions))]


def _alias_of(path: Sequence[Any]) -> str:
    """Return the alias that an error is below; the path of a query that was not executed begins with `query`."""
    at = 1 if len(path) > 1 and str(path[0]).split(" ")[0] == "query" else 0
    return str(path[at])


def _halves(part: list[int]) -> list[list[int]]:
    middle = (len(part) + 1) // 2
    return [half for half in (part[:middle], part[middle:]) if half]


def _send(client: GitHubClient, questions: Sequence[Question], kind: str) -> Reply | HeavyError:
    names: dict[str, str] = {}
    types: list[str] = []
    fields: list[str] = []
    for n, question in enumerate(questions):
        names |= {f"{name}{n}": value for name, value in question.variables.items()}
        types += [f"${name}{n}:{question.type}" for name in question.variables]
        fields.append(f"k{n}:" + re.sub(r"\$(\w+)", rf"$\g<1>{n}", question.field))
    return client.graphql(f"query({','.join(types)}){{{' '.join(fields)}}}", names, kind, splittable=len(questions) > 1)


def _take(
    client: GitHubClient, questions: Sequence[Question], part: list[int], reply: Reply, answers: dict[int, Answer]
) -> list[list[int]]:
    """Store the answers of a reply; return the batches of questions to ask again.

    An error below an alias fails that alias. An alias without data or error is asked again: where a type may not be
    null, an error of another alias removes all data (GraphQL specification, section 6.4.4), and so does a field that
    the server does not have.
    """
    blamed = {_alias_of(error["path"]): error for error in reversed(reply.errors)}
    if foreign := next((error for alias, error in blamed.items() if not _ALIAS.fullmatch(alias)), None):
        answers.update({n: client.faults.error_of(questions[n].about, foreign) for n in part})
        return []
    again: list[int] = []
    heavy: list[int] = []
    for place, n in enumerate(part):
        error, value = blamed.get(f"k{place}"), reply.data.get(f"k{place}")
        if error is not None and is_heavy(error) and len(part) > 1:
            heavy.append(n)
        elif error is not None:
            answers[n] = client.faults.error_of(questions[n].about, error)
        elif isinstance(value, Mapping):
            answers[n] = value
        elif reply.errors and len(part) > 1:
            again.append(n)
        else:
            doing = client.faults.doing(questions[n].about)
            kind = NullError if f"k{place}" in reply.data and not reply.errors else SourceError
            answers[n] = kind(doing, "GitHub gave no answer", effect=EFFECT, advice=client.faults.access_advice())
    return [*([again] if again else []), *_halves(heavy)]
