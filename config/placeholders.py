"""Placeholders in queries: `{cycle.start}`, `{cycle.end}`, `{today}` and `{as_of}`. Other braces are kept."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

NAMES = ("cycle.start", "cycle.end", "today", "as_of")
_PLACEHOLDER = re.compile(r"\{(" + "|".join(re.escape(name) for name in NAMES) + r")\}")

_CYCLE = re.compile(r"\{\s*(cycle\.[^{}\s]*)\s*\}")


def fill(text: str, instants: Mapping[str, datetime], write: Callable[[datetime], str]) -> str:
    """Replace each placeholder by its instant, formatted for the source by `write`."""
    return _PLACEHOLDER.sub(lambda match: write(instants[match[1]]), text)


def used(text: str) -> bool:
    """Return whether the text contains a placeholder."""
    return _PLACEHOLDER.search(text) is not None


def unknown(text: str) -> tuple[str, ...]:
    """Return unknown placeholders that begin with `cycle.`, such as `cycle.begin`. Other braces belong to the query."""
    return tuple(name for name in _CYCLE.findall(text) if name not in NAMES)


def epoch_milliseconds(instant: datetime) -> str:
    """Format an instant for Jira Cloud's JQL, which reads date literals in the account's time zone."""
    return str(int(instant.timestamp() * 1000))


def iso_with_offset(instant: datetime) -> str:
    """Format an instant as ISO 8601 with its offset, for GitHub's search and HTTP endpoints."""
    return instant.isoformat(timespec="seconds")
