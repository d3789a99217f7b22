"""Pad, cut and wrap texts by terminal cells, for wide characters."""

import re
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

_CLOSING = frozenset("，。、；：！？）」』】》〉…％%,.;:!?)]}")
"""Characters that begin no line."""
_OPENING = frozenset("（「『【《〈([{")
"""Characters that end no line."""


def fit(text: str, width: int) -> str:
    """Pad a text to exactly `width` terminal cells, or cut it with an ellipsis."""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
    return padded(text, width)


def padded(text: str, width: int) -> str:
    """Pad a text with spaces to at least `width` terminal cells."""
    return text + " " * (width - cell_len(text))


def to_right(text: str, width: int) -> str:
    """Pad a text with leading spaces to at least `width` terminal cells."""
    return " " * (width - cell_len(text)) + text


def widest(texts: Sequence[str], most: int) -> int:
    """Return the width of the widest text in terminal cells, at most `most`; 0 without texts."""
    return min(max((cell_len(text) for text in texts), default=0), most)


def wrapped(lines: Sequence[str], width: int) -> list[str]:
    """Break lines wider than `width` terminal cells (0: none), and indent what follows like their beginning.

    Lines break at spaces and between Chinese characters. A word that is wider than a line stays whole.
    """
    return [part for line in lines for part in (_wrapped(line, width) if 0 < width < cell_len(line) else [line])]


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip(" ")))
    room = max(width - len(indent), 1)
    parts = [""]
    for piece in _pieces(line.strip()):
        if parts[-1] and cell_len(parts[-1] + piece.rstrip()) > room:
            parts[-1] = parts[-1].rstrip()
            parts.append(piece.lstrip())
        else:
            parts[-1] += piece
    return [indent + part for part in parts if part]


def _pieces(text: str) -> list[str]:
    """Split a text where a line may break: after spaces, and around wide characters."""
    pieces: list[str] = []
    for run in re.findall(r"[^ ]+ *", text):
        for char in run:
            if pieces and _stays_with(pieces[-1], char):
                pieces[-1] += char
            else:
                pieces.append(char)
    return pieces


def _stays_with(before: str, char: str) -> bool:
    """Whether no line breaks between what ends with a character, and the next one."""
    last = before[-1]
    if char == " ":
        return True
    if last == " ":
        return False
    if char in _CLOSING or last in _OPENING:
        return True
    return cell_len(last) < 2 and cell_len(char) < 2  # noqa: PLR2004 - wide characters are words of their own
