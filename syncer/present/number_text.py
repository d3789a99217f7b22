"""Format numbers, percentages and cell values; pad and cut texts by terminal cells, for wide characters."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from rich.cells import cell_len, chop_cells, set_cell_size

from config.message import unpacked
from config.plain_text import one_line
from connectors.okr_sheet import CellValue
from syncer.i18n import localize, translate
from syncer.method.progress import rounded

NOTHING = "–"
_PLACES = 4


def show_number(value: Decimal) -> str:
    """Format a number with thousands separators and at most 4 decimals, rounded half up, without trailing zeros."""
    return f"{rounded(value, _PLACES):,f}"


def show_percent(value: Decimal | None) -> str:
    """Format a fraction as a percentage with at most one decimal, rounded half up; `–` for None."""
    return NOTHING if value is None else f"{show_number(rounded(value * 100, places=1))}%"


def show_value(value: CellValue, *, percent: bool = False) -> str:
    """Format a cell's value for display; `percent`: a number is a fraction to show as a percentage."""
    match value:
        case None:
            return NOTHING
        case Decimal():
            return show_percent(value) if percent else show_number(value)
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case _:
            return one_line(value)


def show_current(value: CellValue, *, percent: bool, parts: Sequence[bool] = (), language: str = "en") -> str:
    """Format a current value for display.

    `parts` says of each of several parts whether it is a percentage; `value` is then their text, separated by `;`.
    """
    pieces = value.split(";") if parts and isinstance(value, str) else []
    if not pieces or len(pieces) != len(parts):
        return show_value(value, percent=percent)
    shown = (_part(piece.strip(), percent=of_it) for piece, of_it in zip(pieces, parts, strict=True))
    return translate(language, "; ").join(shown)


def show_numbers(numbers: Sequence[Decimal | None], percents: Sequence[bool], language: str) -> str:
    """Format several numbers in one line; `percents` says which are percentages, and may be empty when unknown."""
    known = percents if len(percents) == len(numbers) else [False] * len(numbers)
    each = (show_value(number, percent=percent) for number, percent in zip(numbers, known, strict=True))
    return translate(language, "; ").join(each)


def _part(text: str, *, percent: bool) -> str:
    try:
        return show_value(Decimal(text) if text else None, percent=percent)
    except InvalidOperation:
        return one_line(text)


def reason_text(reason: str, language: str) -> str:
    """Translate the reason why a value is unknown, in one line; `reason` may be packed (`config.message.packed`)."""
    return one_line(localize(language, unpacked(reason)))


def fit(text: str, width: int) -> str:
    """Pad a text to exactly `width` terminal cells, or cut it with an ellipsis."""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
    return padded(text, width)


def padded(text: str, width: int) -> str:
    """Pad a text with spaces to at least `width` terminal cells."""
    return text + " " * (width - cell_len(text))


def widest(texts: list[str], most: int) -> int:
    """Return the width of the widest text in terminal cells, at most `most`; 0 without texts."""
    return min(max((cell_len(text) for text in texts), default=0), most)


def wrapped(lines: Sequence[str], width: int) -> list[str]:
    """Break lines wider than `width` terminal cells (0: none) at spaces, and indent what follows like their beginning.

    A word that is wider than a line is cut.
    """
    return [part for line in lines for part in (_wrapped(line, width) if 0 < width < cell_len(line) else [line])]


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip(" ")))
    room = max(width - len(indent), 1)
    parts = [""]
    for word in re.findall(r" *[^ ]+", line.strip()):
        joined = (parts[-1] + word).lstrip(" ")
        if cell_len(joined) <= room:
            parts[-1] = joined
        elif cell_len(word.strip()) <= room:
            parts.append(word.strip())
        else:
            parts[-1:] = chop_cells(joined, room)
    return [indent + part for part in parts if part]
