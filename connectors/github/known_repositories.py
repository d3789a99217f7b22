"""Check repositories that searches and other reads name: missing, hidden, renamed or archived ones."""

from collections.abc import Iterable, Sequence

from config.dataclass import dataclass
from config.errors import SourceError, TransientSourceError
from config.message import Message
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT, MissingError, NullError
from connectors.github.graphql import Answer, Question, ask, owner_question, repository_question

KIND = "repositories"


def ask_and_explain(client: GitHubClient, questions: Sequence[Question], kind: str) -> list[Answer]:
    """Ask, and explain repositories that are not found by whether their owners exist, in one more request.

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
        answers[place] = _explained(client, questions[place].about, name, found[name.partition("/")[0]])
    return answers


def _explained(client: GitHubClient, about: str, name: str, owner_answer: Answer) -> SourceError:
    owner = name.partition("/")[0]
    if isinstance(owner_answer, MissingError | NullError):
        saw = Message(
            "GitHub has no repository {name}: there is no user or organisation {owner}", name=name, owner=owner
        )
        advice = Message("Check the spelling of {owner}.", owner=owner)
        return SourceError(client.faults.doing(about), saw, effect=EFFECT, advice=advice)
    saw = Message(
        "GitHub shows no repository {name}: it was deleted or misspelt, or it is private and hidden from the token",
        name=name,
    )
    return SourceError(client.faults.doing(about), saw, effect=EFFECT, advice=client.faults.access_advice())


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
        pairs = zip(repositories, answers, strict=True)
        self._answers |= {name: answer for name, answer in pairs if not isinstance(answer, TransientSourceError)}

    def check(self, repositories: Sequence[str]) -> "Checked":
        """Check repositories, asking for those not cached in one batch."""
        new = self.new(repositories)
        answers = ask_and_explain(self._client, self.questions(new), KIND)
        self.learn(new, answers)
        known = self._answers | dict(zip(new, answers, strict=True))
        checked = Checked({}, {}, set())
        for name in repositories:
            answer = known[name]
            if isinstance(answer, SourceError):
                checked.unread[name] = answer
            elif str(answer.get("nameWithOwner", name)).lower() != name.lower():
                checked.renamed[name] = self._renamed(name, str(answer["nameWithOwner"]))
            elif answer.get("isArchived") is True:
                checked.archived.add(name)
        return checked

    def _renamed(self, name: str, now: str) -> SourceError:
        doing = self._client.faults.doing(Message("repository {repository}", repository=name))
        saw = Message("it is now called {now}, and GitHub's search finds nothing under the former name", now=now)
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
