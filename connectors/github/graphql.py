"""Many small questions in one GraphQL request: aliases, halves on trouble, each error back to its question.

GitHub's limits: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from config.errors import SourceError
from config.message import Message
from connectors.github.client import EFFECT, GitHubClient, HeavyError, Reply, is_heavy

T = TypeVar("T")

ALIASES = 50
"""Light questions per request. Count-only searches are light; GitHub gives a query ten seconds."""

_ALIAS = re.compile(r"k\d+")


@dataclass(frozen=True, slots=True)
class Question:
    """One top-level field. Its variables are all `String!`; `about` names it in messages.

    `weight` is how many light questions it counts for: a page of nodes takes GitHub longer than a count.
    """

    field: str
    variables: Mapping[str, str]
    about: str
    weight: int = 1


Answer = Mapping[str, Any] | SourceError


def count_question(search: str) -> Question:
    """How many issues or pull requests a search finds; exact above 1,000 too."""
    return Question(
        "search(query:$query,type:ISSUE){issueCount}", {"query": search}, Message("search `{search}`", search=search)
    )


def repository_question(repository: str, fields: str, weight: int = 1) -> Question:
    """These fields of one repository."""
    owner, _, name = repository.partition("/")
    field = f"repository(owner:$owner,name:$name){{{fields}}}"
    return Question(
        field, {"owner": owner, "name": name}, Message("repository {repository}", repository=repository), weight
    )


def filled(things: Iterable[T], weight: Callable[[T], int]) -> list[list[T]]:
    """The things in order, as many together as weigh 50 at most; what weighs more stands alone."""
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
    """One answer or error per question, in order. One bad question costs only itself."""
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


def _halves(part: list[int]) -> list[list[int]]:
    middle = (len(part) + 1) // 2
    return [half for half in (part[:middle], part[middle:]) if half]


def _send(client: GitHubClient, questions: Sequence[Question], kind: str) -> Reply | HeavyError:
    names: dict[str, str] = {}
    fields: list[str] = []
    for n, question in enumerate(questions):
        names |= {f"{name}{n}": value for name, value in question.variables.items()}
        fields.append(f"k{n}:" + re.sub(r"\$(\w+)", rf"$\g<1>{n}", question.field))
    declared = ",".join(f"${name}:String!" for name in names)
    return client.graphql(f"query({declared}){{{' '.join(fields)}}}", names, kind, splittable=len(questions) > 1)


def _take(
    client: GitHubClient, questions: Sequence[Question], part: list[int], reply: Reply, answers: dict[int, Answer]
) -> list[list[int]]:
    """Keep what was answered; give what has to be asked again.

    An error below an alias spoils that alias. An alias without data or error fell with another's error: where a type
    may not be null, one error takes all data with it.
    """
    blamed = {str(error["path"][0]): error for error in reversed(reply.errors)}
    if foreign := next((error for alias, error in blamed.items() if not _ALIAS.fullmatch(alias)), None):
        answers.update({n: client.error_of(questions[n].about, foreign) for n in part})
        return []
    again: list[int] = []
    heavy: list[int] = []
    for place, n in enumerate(part):
        error, value = blamed.get(f"k{place}"), reply.data.get(f"k{place}")
        if error is not None and is_heavy(error) and len(part) > 1:
            heavy.append(n)
        elif error is not None:
            answers[n] = client.error_of(questions[n].about, error)
        elif isinstance(value, Mapping):
            answers[n] = value
        elif reply.errors and len(part) > 1:
            again.append(n)
        else:
            doing = client.doing(questions[n].about)
            answers[n] = SourceError(doing, "GitHub gave no answer", effect=EFFECT, advice=client.access_advice())
    return [*([again] if again else []), *_halves(heavy)]
