"""GitHub's search text: what it states, what we add, and how a large one is cut by creation date. Pure functions.

The syntax: https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from urllib.parse import quote_plus, urlsplit

from config.message import Message

_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_TYPES = {"is:issue": "issue", "type:issue": "issue", "is:pr": "pr", "type:pr": "pr", "is:pull-request": "pr"}
_ONLY_PULLS = ("is:merged", "is:unmerged", "is:draft", "draft:", "merged:", "review:", "base:", "head:")
_OPERATOR = re.compile(r"[<>]=?|")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The seconds from `first` to `last`, both included; None where an end is open. Aware, UTC, whole seconds."""

    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bounded:
    """A span without open ends."""

    first: datetime
    last: datetime

    def __str__(self) -> str:
        return f"{_stamp(self.first)}..{_stamp(self.last)}"

    def parts(self, count: int) -> list["Bounded"]:
        """The span in at most `count` parts of equal length, each at least a second, that touch but do not overlap."""
        seconds = int((self.last - self.first).total_seconds()) + 1
        count = min(count, seconds)
        starts = [self.first + timedelta(seconds=seconds * n // count) for n in range(count)]
        ends = [*(start - _SECOND for start in starts[1:]), self.last]
        return [Bounded(start, end) for start, end in zip(starts, ends, strict=True)]


def _stamp(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else "*"


def words(search: str) -> list[str]:
    """The words and qualifiers of a search; what stands in quotes stays together."""
    return _WORD.findall(search)


def _bare(word: str) -> str:
    return word.strip("()").lower()


def is_compound(search: str) -> bool:
    """Whether it holds OR, NOT or parentheses, so that a qualifier more could bind to a part of it only."""
    return any(word in ("OR", "NOT") or word != word.strip("()") for word in words(search))


def with_type(search: str, kind: Literal["issue", "pr"]) -> str:
    """The search with its type stated. Raises ValueError when it states the other one."""
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
    """The repositories that `repo:` names, each once."""
    bare = (_bare(word) for word in words(search))
    return tuple(dict.fromkeys(word[5:].strip('"') for word in bare if word.startswith("repo:")))


def sorted_by_creation(search: str) -> str:
    """The search with the oldest first, whatever order it asks for: paging needs one that does not move."""
    kept = [word for word in words(search) if not _bare(word).startswith("sort:")]
    return " ".join([*kept, "sort:created-asc"])


def without_created(search: str) -> tuple[str, Span]:
    """The search without its `created:`, and the span that it stated. Raises ValueError where that is not certain."""
    if is_compound(search):
        raise ValueError(Message("a search with OR, NOT or parentheses cannot be cut by creation date"))
    stated = [word for word in words(search) if _bare(word).lstrip("-").startswith("created:")]
    if len(stated) > 1 or any(word.startswith("-") for word in stated):
        raise ValueError(Message("a search with more than one `created:` cannot be cut by creation date"))
    kept = " ".join(word for word in words(search) if word not in stated)
    return kept, parse_span(stated[0][len("created:") :].strip('"')) if stated else Span()


def parse_span(text: str) -> Span:
    """`>=X`, `>X`, `<=X`, `<X`, `X`, `X..Y`, `*..Y`, `X..*`; X is a day in UTC or a date-time. Raises ValueError."""
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
    """The repositories of a `repository` key, each once. Raises ValueError for what is not owner/name."""
    names = tuple(dict.fromkeys(text.split()))
    wrong = next((name for name in names if not re.fullmatch(r"[\w.-]+/[\w.-]+", name)), None)
    if not names or wrong is not None:
        raise ValueError(Message("{wrong!r} is not a repository; write owner/name", wrong=wrong or text))
    return names


def web_url(api_url: str) -> str:
    """The address of the pages that belong to an API address, for github.com, ghe.com and Enterprise Server."""
    parts = urlsplit(api_url)
    host = parts.netloc.removeprefix("api.") if not parts.path else parts.netloc
    return f"{parts.scheme}://{host}{parts.path.removesuffix('/api/v3')}"


def search_page(api_url: str, search: str, kind: Literal["issue", "pr"]) -> str:
    """The search in GitHub's own pages."""
    return f"{web_url(api_url)}/search?q={quote_plus(search)}&type={'issues' if kind == 'issue' else 'pullrequests'}"


def repository_page(api_url: str, repositories: Sequence[str], below: str) -> str:
    """The page of one repository, such as its `/milestones`; empty for several."""
    return f"{web_url(api_url)}/{repositories[0]}{below}" if len(repositories) == 1 else ""
