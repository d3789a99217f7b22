"""Titles of key results and objectives as they are shown: after their id, which people may write into them as well."""

import re


def own_title(key: str, title: str) -> str:
    """Return a title without the id that it begins with, such as `KR1: Raise NPS`, since the id is shown before it."""
    begin = rf"[\[(（【]?{re.escape(key)}[\])）】]?"
    found = re.match(rf"\s*{begin}(?:\s*[:：、]\s*|\s*[.\-–—|]\s+|\s+)(?=\S)", title, re.IGNORECASE)
    return title[found.end() :] if found else title
