"""Titles of key results and objectives as they are shown: after their id, which people may write into them as well."""

import re

_BEFORE = re.compile(r"\s*[\[(（【]?")
_AFTER = re.compile(r"[\])）】]?(?:\s*[:：、]\s*|\s*[.\-–—|]\s+|\s+)(?=\S)")


def own_title(key: str, title: str) -> str:
    """Return a title without the id that it begins with, such as `KR1: Raise NPS`, since the id is shown before it."""
    before = _BEFORE.match(title)
    start = before.end() if before else 0
    end = start + len(key)
    after = _AFTER.match(title, end) if title[start:end].lower() == key.lower() else None
    return title[after.end() :] if after else title
