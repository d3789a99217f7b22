"""`{cycle.start}`, `{cycle.end}`, `{today}` and `{as_of}` in a query. Only these names; other braces stay."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

NAMES = ("cycle.start", "cycle.end", "today", "as_of")
_PLACEHOLDER = re.compile(r"\{(" + "|".join(re.escape(name) for name in NAMES) + r")\}")

_CYCLE = re.compile(r"\{\s*(cycle\.[^{}\s]*)\s*\}")


def fill(text: str, instants: Mapping[str, datetime], write: Callable[[datetime], str]) -> str:
    """Replace each placeholder by its instant as `write` writes it for the source at hand."""
    return _PLACEHOLDER.sub(lambda match: write(instants[match[1]]), text)


def used(text: str) -> bool:
    """Whether the text holds a placeholder."""
    return _PLACEHOLDER.search(text) is not None


def unknown(text: str) -> tuple[str, ...]:
    """What looks like a placeholder of a cycle and is none, such as `cycle.begin`. Other braces are the query's own."""
    return tuple(name for name in _CYCLE.findall(text) if name not in NAMES)


def epoch_milliseconds(instant: datetime) -> str:
    """For Jira Cloud's JQL, where a date literal would be read in the account's own zone."""
    return str(int(instant.timestamp() * 1000))


def iso_with_offset(instant: datetime) -> str:
    """For GitHub's search and for HTTP endpoints."""
    return instant.isoformat(timespec="seconds")
