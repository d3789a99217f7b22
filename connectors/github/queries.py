"""Parse and extend GitHub search texts, and split searches by creation date. Pure functions.

Syntax: https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from urllib.parse import quote_plus, urlsplit

from config.dataclass import dataclass
from config.message import Message

_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_TYPES = {"is:issue": "issue", "type:issue": "issue", "is:pr": "pr", "type:pr": "pr", "is:pull-request": "pr"}
_ONLY_PULLS = ("is:merged", "is:unmerged", "is:draft", "draft:", "merged:", "review:", "base:", "head:")
_OPERATOR = re.compile(r"[<>]=?|")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A time span in whole seconds (UTC), `first` and `last` included; None where an end is open."""

    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bounded:
    """A time span without open ends; `str()` gives GitHub's `first..last`."""

    first: datetime
    last: datetime

    def __str__(self) -> str:
        return f"{_stamp(self.first)}..{_stamp(self.last)}"

    def parts(self, count: int) -> list["Bounded"]:
        """Split the span into at most `count` adjacent parts of equal length, each at least one second."""
        seconds = int((self.last - self.first).total_seconds()) + 1
        count = min(count, seconds)
        starts = [self.first + timedelta(seconds=seconds * n // count) for n in range(count)]
        ends = [*(start - _SECOND for start in starts[1:]), self.last]
        return [Bounded(start, end) for start, end in zip(starts, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class Numbered:
    """Something that has a number within its `place`, such as an issue within its repository."""

    place: str
    number: int


def _stamp(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else "*"


def words(search: str) -> list[str]:
    """Split a search into words and qualifiers; quoted texts are kept together."""
    return _WORD.findall(search)


def _bare(word: str) -> str:
    return word.strip("()").lower()


def is_compound(search: str) -> bool:
    """Return whether a search has OR, NOT or parentheses, so that an added qualifier could bind to a part only."""
    return any(word in ("OR", "NOT") or word != word.strip("()") for word in words(search))


def with_type(search: str, kind: Literal["issue", "pr"]) -> str:
    """Add `is:issue` or `is:pr` unless the search states it. Raises ValueError where it implies the other type."""
    bare = [_bare(word) for word in words(search)]
    stated = {_TYPES[word] for word in bare if word in _TYPES}
    other = next((word for word in bare if word.startswith(_ONLY_PULLS)), None) if kind == "issue" else None
    if stated - {kind}:
        other = next(word for word in bare if _TYPES.get(word, kind) != kind)
    if other is not None:
        table = "issues" if kind == "pr" else "pull_requests"
        raise ValueError(
            Message("`{other}` does not fit this table; read it from the table `{table}`", other=other, table=table)
        )
    if stated:
        return search
    return f"({search}) is:{kind}" if is_compound(search) else f"{search} is:{kind}".strip()


def repositories_in(search: str) -> tuple[str, ...]:
    """Return the repositories named by `repo:`, each once."""
    return _named(search, "repo:")


def excluded_in(search: str) -> tuple[str, ...]:
    """Return the repositories excluded by `-repo:`, each once."""
    return _named(search, "-repo:")


def scopes_in(search: str) -> int:
    """Return how many repositories, users and organisations a search names to look into."""
    return sum(len(_named(search, name)) for name in ("repo:", "user:", "org:"))


def _named(search: str, qualifier: str) -> tuple[str, ...]:
    bare = (_bare(word) for word in words(search))
    return tuple(dict.fromkeys(word[len(qualifier) :].strip('"') for word in bare if word.startswith(qualifier)))


def sorted_by_creation(search: str) -> str:
    """Replace the order of a search by oldest first, which is stable while paging."""
    kept = [word for word in words(search) if not _bare(word).startswith("sort:")]
    return " ".join([*kept, "sort:created-asc"])


def without_created(search: str) -> tuple[str, Span]:
    """Split a search into the text without `created:` and the span of `created:`.

    Raises ValueError: OR, NOT, parentheses, more than one or a negated `created:`, or an invalid date.
    """
    if is_compound(search):
        raise ValueError(Message("a search with OR, NOT or parentheses cannot be cut by creation date"))
    stated = [word for word in words(search) if _bare(word).lstrip("-").startswith("created:")]
    if len(stated) > 1 or any(word.startswith("-") for word in stated):
        raise ValueError(Message("a search with more than one `created:` cannot be cut by creation date"))
    kept = " ".join(word for word in words(search) if word not in stated)
    return kept, parse_span(stated[0][len("created:") :].strip('"')) if stated else Span()


def parse_span(text: str) -> Span:
    """Parse `>=X`, `>X`, `<=X`, `<X`, `X`, `X..Y`, `*..Y` or `X..*`; X: a UTC day or a date-time. Raises ValueError."""
    if ".." in text:
        left, _, right = text.partition("..")
        return Span(None if left == "*" else _edges(left).first, None if right == "*" else _edges(right).last)
    match = _OPERATOR.match(text)
    operator = match[0] if match else ""
    edges = _edges(text[len(operator) :])
    if operator.startswith(">"):
        return Span(edges.first if "=" in operator else edges.last + _SECOND, None)
    if operator:
        return Span(None, edges.last if "=" in operator else edges.first - _SECOND)
    return Span(edges.first, edges.last)


def _edges(text: str) -> Bounded:
    if "T" not in text:
        start = datetime.combine(date.fromisoformat(text), time(), UTC)
        return Bounded(start, start + timedelta(days=1) - _SECOND)
    at = datetime.fromisoformat(text)
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    return Bounded(at, at)


def split_repositories(text: str) -> tuple[str, ...]:
    """Split the value of a `repository` key, each name once. Raises ValueError for a name that is not owner/name."""
    names = tuple(dict.fromkeys(text.split()))
    wrong = next((name for name in names if not re.fullmatch(r"[\w.-]+/[\w.-]+", name)), None)
    if not names or wrong is not None:
        raise ValueError(Message("{wrong!r} is not a repository; write owner/name", wrong=wrong or text))
    return names


_ISSUE = re.compile(r"(?:https?://\S+/)?([\w.-]+/[\w.-]+)(?:#|/issues/)(\d+)(?:[?#]\S*)?")


def split_issues(text: str) -> tuple[Numbered, ...]:
    """Split the value of a `parent` key: issues as owner/name#number or by address, each once. Raises ValueError."""
    found = [(word, _ISSUE.fullmatch(word)) for word in text.split()]
    wrong = next((word for word, match in found if match is None), None)
    if not found or wrong is not None:
        raise ValueError(Message("{wrong!r} is not an issue; write one such as acme/app#12", wrong=wrong or text))
    return tuple(dict.fromkeys(Numbered(match[1], int(match[2])) for _, match in found if match))


_PROJECT = re.compile(
    r"(?:https?://\S+/(?:orgs|users)/)?(?P<owner>[\w.-]+)/(?:projects/)?(?P<number>\d+)(?:/views/\d+)?(?:[/?#]\S*)?"
)


def split_projects(text: str) -> tuple[Numbered, ...]:
    """Split the value of a `project` key: projects as owner/number or by address, each once. Raises ValueError."""
    found = [(word, _PROJECT.fullmatch(word)) for word in text.split()]
    wrong = next((word for word, match in found if match is None), None)
    if not found or wrong is not None:
        raise ValueError(Message("{wrong!r} is not a project; write one such as acme/7", wrong=wrong or text))
    return tuple(dict.fromkeys(Numbered(match["owner"], int(match["number"])) for _, match in found if match))


def web_url(api_url: str) -> str:
    """Convert an API address into that of the web pages, for github.com, ghe.com and Enterprise Server."""
    parts = urlsplit(api_url)
    host = parts.netloc.removeprefix("api.") if not parts.path else parts.netloc
    return f"{parts.scheme}://{host}{parts.path.removesuffix('/api/v3')}"


def search_page(api_url: str, search: str, kind: Literal["issue", "pr"]) -> str:
    """Return the address of the search on GitHub's web pages."""
    return f"{web_url(api_url)}/search?q={quote_plus(search)}&type={'issues' if kind == 'issue' else 'pullrequests'}"


def repository_page(api_url: str, repositories: Sequence[str], below: str) -> str:
    """Return the address of a page of one repository, such as its `/milestones`; empty for several repositories."""
    return f"{web_url(api_url)}/{repositories[0]}{below}" if len(repositories) == 1 else ""
