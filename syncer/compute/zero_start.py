"""Titles of numbers that fall: values that people type start at 0 when nothing says where, but not these."""

import re

_FALLS = re.compile(
    r"\b(?:shorten|reduce|decrease|lower|cut|drop|fewer|minimi[sz]e|shrink|halve|slash)(?:s|d|ed|ing|ting)?\b"
    r"|縮短|降低|減少|下降|降至|降到|縮減|壓低|減半",
    re.IGNORECASE,
)


def falls(title: str) -> bool:
    """Whether a title describes a number that falls, such as "shorten to 1 hour", and so does not start at 0."""
    return _FALLS.search(title) is not None
