"""Texts in which no line ends within a day or an issue's key: browsers break after each of their hyphens."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_WHOLE = re.compile(
    r"(?<![A-Za-z0-9_-])(?:\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|[A-Z][A-Z0-9_]{0,19}-\d{1,9})(?![A-Za-z0-9_-])"
)


def unbroken(text: str) -> "Markup":
    """The text, safe as HTML; its days, instants and keys stay on one line."""
    from markupsafe import Markup, escape

    parts, end = [], 0
    for match in _WHOLE.finditer(text):
        parts += [escape(text[end : match.start()]), Markup('<span class="nb">{}</span>').format(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])
