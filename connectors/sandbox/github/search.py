"""Subset of GitHub's search syntax for issues and pull requests.

Supported syntax; anything else is refused, never ignored:

    repo:owner/name              several mean any of them; at least one is required, or an owner
    org:owner  user:owner        all repositories of that owner
    is: open closed merged issue pr draft      (is:closed includes merged pull requests)
    type: issue pr               state: open closed               draft: true false
    label:bug  label:"good first issue"  label:a,b  -label:x     several mean all, a comma means any
    milestone:"v2.0"             author:login                     assignee:login
    no: label assignee milestone reason: completed "not planned" duplicate
    created: updated: closed: merged:          >=X >X <=X <X X a..b *..b a..*  each at most once
    sort: created-asc created-desc updated-asc updated-desc
    words and "quoted phrases"   all must be in the title, case-insensitive

X is a day (2026-10-01, in UTC) or a date-time with `Z` or an offset (2026-10-01T00:00:00+08:00).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

Item = Mapping[str, Any]
"""An issue or pull request; times are texts such as 2026-10-01T00:00:00Z, which sort correctly."""

_TOKEN = re.compile(r'(?P<not>-)?(?:(?P<name>[a-z]+):)?(?P<value>"[^"]*"|[^\s"]+)(?=\s|$)')
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})")
_TIMES = {"created": "created_at", "updated": "updated_at", "closed": "closed_at", "merged": "merged_at"}
_SORTS = {"created": "created_at", "updated": "updated_at"}


class SearchRefusedError(ValueError):
    """A search with syntax that GitHub, or this sandbox, does not support."""


class UnknownRepositoryError(SearchRefusedError):
    """A search in a repository that does not exist."""


@dataclass(frozen=True, slots=True)
class Search:
    """A parsed search: its repositories (`owner/*`: all of an owner), the conditions for items, and the order."""

    repositories: tuple[str, ...]
    conditions: tuple[Callable[[Item], bool], ...]
    sort_field: str = "created_at"
    ascending: bool = False

    def run(self, items: Iterable[Item]) -> list[Item]:
        """Return the matching items in order."""
        found = list(items)
        for holds in self.conditions:
            found = [item for item in found if holds(item)]
        return sorted(found, key=lambda item: (item[self.sort_field], item["number"]), reverse=not self.ascending)


def parse(text: str) -> Search:
    """Parse a search. Raises SearchRefusedError with the unsupported part."""
    repositories: list[str] = []
    conditions: list[Callable[[Item], bool]] = []
    spans: list[Callable[[Item], bool]] = []
    sort_field, ascending = "created_at", False
    once: set[str] = set()
    for negated, name, value in _tokens(text):
        if name in (*_TIMES, "sort", "reason", "milestone", "author") and not negated:
            _refuse(name in once, f"{name}: occurs twice")
            once.add(name)
        if name in ("org", "user") and not negated:
            repositories.append(f"{value.lower()}/*")
        elif name == "repo" and not negated:
            _refuse(value.count("/") != 1, f"repo:{value} is not owner/name")
            repositories.append(value.lower())
        elif name == "sort" and not negated:
            field, _, direction = value.partition("-")
            _refuse(field not in _SORTS or direction not in ("asc", "desc"), f"sort:{value}")
            sort_field, ascending = _SORTS[field], direction == "asc"
        else:
            (spans if name in _TIMES else conditions).append(_condition(name, value, negated=negated))
    _refuse(not repositories, "the sandbox needs repo:owner/name or org:owner")
    return Search(tuple(repositories), (*spans, *conditions), sort_field, ascending)


def _refuse(wrong: bool, what: str) -> None:  # noqa: FBT001 - reads as one sentence where it is called
    if wrong:
        raise SearchRefusedError(f"The search is not understood: {what}")


def _tokens(text: str) -> list[tuple[bool, str, str]]:
    found: list[tuple[bool, str, str]] = []
    rest = text.strip()
    while rest:
        match = _TOKEN.match(rest)
        if match is None:
            raise SearchRefusedError(f"The search is not understood: {rest[:40]}")
        name, value = match["name"] or "", match["value"]
        plain = value.strip('"')
        odd = not name and (value in ("AND", "OR", "NOT") or (value[0] != '"' and re.search("[():]", value)))
        _refuse(bool(odd) or not plain, match[0])
        found.append((bool(match["not"]), name, plain))
        rest = rest[match.end() :].lstrip()
    return found


def _condition(name: str, value: str, *, negated: bool) -> Callable[[Item], bool]:
    lowered = value.lower()
    if name == "label":
        wanted = {part.strip() for part in lowered.split(",")}
        return lambda item: negated != any(label.lower() in wanted for label in item["labels"])
    _refuse(negated, f"-{name}:{value}" if name else f"-{value}")
    if name in _TIMES:
        return _within(_TIMES[name], value)
    if not name:
        return lambda item: lowered in item["title"].lower()
    return _equals(name, lowered) if name in ("milestone", "author", "assignee") else _flag(name, lowered)


def _equals(name: str, lowered: str) -> Callable[[Item], bool]:
    if name == "assignee":
        return lambda item: lowered in [login.lower() for login in item["assignees"]]
    return lambda item: (item[name] or "").lower() == lowered


def _reason(reason: str) -> Callable[[Item], bool]:
    return lambda item: item["state"] == "closed" and item["state_reason"] == reason


_FLAGS: dict[str, Callable[[Item], bool]] = {
    "is:open": lambda item: item["state"] == "open",
    "is:closed": lambda item: item["state"] == "closed",
    "is:merged": lambda item: item["merged_at"] is not None,
    "is:issue": lambda item: item["type"] == "issue",
    "is:pr": lambda item: item["type"] == "pr",
    "is:draft": lambda item: bool(item["draft"]),
    "draft:false": lambda item: item["type"] == "pr" and not item["draft"],
    "no:label": lambda item: not item["labels"],
    "no:assignee": lambda item: not item["assignees"],
    "no:milestone": lambda item: item["milestone"] is None,
}
_FLAGS |= {
    "type:issue": _FLAGS["is:issue"],
    "type:pr": _FLAGS["is:pr"],
    "state:open": _FLAGS["is:open"],
    "state:closed": _FLAGS["is:closed"],
    "draft:true": _FLAGS["is:draft"],
    "reason:completed": _reason("completed"),
    "reason:not planned": _reason("not_planned"),
    "reason:duplicate": _reason("duplicate"),
}


def _flag(name: str, value: str) -> Callable[[Item], bool]:
    known = _FLAGS.get(f"{name}:{value}")
    if known is None:
        raise SearchRefusedError(f"The search is not understood: {name}:{value}")
    return known


def _within(field: str, value: str) -> Callable[[Item], bool]:
    first, last = parse_range(value)
    return lambda item: item[field] is not None and first <= item[field] <= last


def parse_range(value: str) -> tuple[str, str]:
    """Parse a range to its first and last second, as sortable texts in UTC. Raises SearchRefusedError."""
    if ".." in value:
        left, _, right = value.partition("..")
        return (_edge(left)[0] if left != "*" else "0000"), (_edge(right)[1] if right != "*" else "9999")
    sign = re.match(r"[<>]=?|", value)
    operator = sign[0] if sign else ""
    first, last = _edge(value[len(operator) :])
    if operator == ">=":
        return first, "9999"
    if operator == ">":
        return _shift(last, 1), "9999"
    if operator == "<=":
        return "0000", last
    if operator == "<":
        return "0000", _shift(first, -1)
    return first, last


def _edge(text: str) -> tuple[str, str]:
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text).isoformat()
            return f"{day}T00:00:00Z", f"{day}T23:59:59Z"
        if _INSTANT.fullmatch(text):
            at = stamp(datetime.fromisoformat(text))
            return at, at
    except ValueError as exc:
        raise SearchRefusedError(f"The search is not understood: {text} ({exc})") from exc
    raise SearchRefusedError(f"The search is not understood: {text or 'an empty date'}")


def _shift(text: str, seconds: int) -> str:
    return stamp(datetime.fromisoformat(text) + timedelta(seconds=seconds))


def stamp(instant: datetime) -> str:
    """Format an aware instant like GitHub: UTC, whole seconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
