"""Placeholders in queries and values: `{today}`, `{cycle.start+1m}`, `{as_of-30d}`. Other braces are kept."""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from config.message import Message
from config.suggest import did_you_mean

NAMES = ("cycle.start", "cycle.end", "today", "as_of")
PAGES = ("page", "offset", "cursor")
"""Placeholders of a request that is sent page by page."""
InstantForm = Literal["iso", "utc", "date", "seconds", "milliseconds"]
INSTANT_FORMS: tuple[InstantForm, ...] = get_args(InstantForm)
FORM = rf"\{{(?:{'|'.join(map(re.escape, NAMES))})(?:[+-]\d{{1,4}}[dwmy])*\}}"
"""Regular expression of a placeholder, without groups."""

_PLACEHOLDER = re.compile(FORM)
_SHIFT = re.compile(r"([+-]\d+)([dwmy])")
_BRACES = re.compile(r"\{([^{}]*)\}")
_NAME_LIKE = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(?:[+-]\s*\w.*)?", re.DOTALL)
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_LIKE, _LIKE_CYCLE = 0.75, 0.85
"""Similarity from which a word in braces inside quotes is taken for a misspelt placeholder."""

_MOST_YEARS = 100
_DAYS = {"d": 1, "w": 7, "m": 31, "y": 366}


def fill(text: str, instants: Mapping[str, datetime], write: Callable[[datetime], str]) -> str:
    """Replace each placeholder by its instant, formatted for the source by `write`."""
    return _PLACEHOLDER.sub(lambda match: write(instant_of(match[0], instants)), text)


def instant_of(placeholder: str, instants: Mapping[str, datetime]) -> datetime:
    """Return the instant of a placeholder, such as `{cycle.start+1m-1d}`.

    Shifts apply from left to right, by the calendar of the instant's time zone: a day later is the same time on the
    next day, a month after January 31 the last day of February.
    """
    inner = placeholder[1:-1]
    name = re.split(r"[+-]", inner, maxsplit=1)[0]
    moment = instants[name]
    for amount, unit in _SHIFT.findall(inner):
        moment = _shifted(moment, int(amount), unit)
    return moment.astimezone(UTC).astimezone(moment.tzinfo) if moment.tzinfo else moment


def _shifted(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in "dw":
        return moment + timedelta(days=amount * _DAYS[unit])
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def used(text: str, names: Iterable[str] = NAMES) -> bool:
    """Return whether the text contains a placeholder of one of these names, be it shifted."""
    wanted = tuple(f"{{{name}" for name in names)
    return any(match[0].startswith(wanted) for match in _PLACEHOLDER.finditer(text))


def problems(text: str, more: Sequence[str] = (), *, own_braces: bool = False) -> Iterator[str]:
    """Yield what is wrong with the placeholders of a query: an unknown name, or a shift that cannot be read.

    Inside quotes, only what resembles a placeholder is one; other braces belong to the query. `own_braces`: so they do
    anywhere in it. `more`: the names of further placeholders, which cannot be shifted.
    """
    if "{" not in text:
        return
    quoted = [(0, len(text))] if own_braces else [match.span() for match in _QUOTED.finditer(text)]
    known = (*NAMES, *more)
    for match in _BRACES.finditer(text):
        inner = match[1]
        if inner in more:
            continue
        if _PLACEHOLDER.fullmatch(match[0]):
            days = sum(abs(int(amount)) * _DAYS[unit] for amount, unit in _SHIFT.findall(inner))
            if days > _MOST_YEARS * _DAYS["y"]:
                yield Message("{{{inner}}} is more than {years} years away", inner=inner, years=_MOST_YEARS)
            continue
        named = _NAME_LIKE.fullmatch(inner)
        if not named:
            continue
        name = named[1]
        if name in NAMES:
            yield Message(
                "{{{inner}}} cannot be read; write a number and d, w, m or y for days, weeks, months or years, "
                "as in {{{name}-14d}}",
                inner=inner,
                name=name,
            )
        elif meant := did_you_mean(name, known, cutoff=_LIKE_CYCLE if name.startswith("cycle.") else _LIKE):
            yield Message("unknown placeholder {{{name}}}", name=name) + meant
        elif name.startswith("cycle.") or not any(start <= match.start() < end for start, end in quoted):
            yield Message(
                "unknown placeholder {{{name}}}; there are {names}", name=name, names=[f"{{{one}}}" for one in known]
            )


def epoch_milliseconds(instant: datetime) -> str:
    """Format an instant for Jira Cloud's JQL, which reads date literals in the account's time zone."""
    return str(int(instant.timestamp() * 1000))


def iso_with_offset(instant: datetime) -> str:
    """Format an instant as ISO 8601 with its offset, for GitHub's search and HTTP endpoints."""
    return instant.isoformat(timespec="seconds")


def written(instant: datetime, form: InstantForm) -> str:
    """Format an instant as a measure's `instants` says; `date` is the day in the workspace's zone."""
    match form:
        case "utc":
            return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "date":
            return instant.date().isoformat()
        case "seconds":
            return str(int(instant.timestamp()))
        case "milliseconds":
            return epoch_milliseconds(instant)
        case _:
            return iso_with_offset(instant)
