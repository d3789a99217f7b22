"""Placeholders in expressions, such as `{today-14d}`: quoted as texts for DuckDB's parser, and found again."""

import re

from config.placeholders import FORM, used

_TOKENS = re.compile(rf"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|({FORM})")
_WHOLE = re.compile(FORM)


def quoted_placeholders(text: str) -> str:
    """Put each placeholder outside quotes into quotes."""
    return _TOKENS.sub(lambda match: f"'{match[1]}'" if match[1] else match[0], text)


def place_before_quoting(text: str, place: int) -> int:
    """Return the place in `text` of a place in `quoted_placeholders(text)`."""
    added = 0
    for match in _TOKENS.finditer(text):
        if match[1]:
            added += (match.start() + added < place) + (match.end() + added + 1 < place)
    return place - added


def is_placeholder(text: str) -> bool:
    """Return whether a text is one placeholder and nothing else."""
    return _WHOLE.fullmatch(text) is not None


def holds_placeholder(text: str) -> bool:
    """Return whether a text has a placeholder in it, which would not be filled."""
    return used(text) and not is_placeholder(text)
