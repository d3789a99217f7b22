"""Parse and format A1 notation: column letters, cells, and ranges such as `Deals!A:F`, `'My tab'!B2`, `Deals`."""

import re
from functools import lru_cache

from config.dataclass import dataclass
from config.message import Message

_CELL = r"\$?(?P<{0}column>[A-Za-z]{{1,3}})?\$?(?P<{0}row>[1-9]\d{{0,6}})?"
_RANGE = re.compile(_CELL.format("first_") + r"(?::" + _CELL.format("last_") + r")?")
_QUOTED = re.compile(r"'(?:[^']|'')*'(?:!(?P<rest>.*))?")
_LETTERS = 26


@dataclass(frozen=True, slots=True)
class Area:
    """A half-open range of a tab, counted from 0. None is an open end; `tab` is empty where none is named."""

    tab: str
    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None


@lru_cache(1024)
def letters(column: int) -> str:
    """Convert a column index, counted from 0, to letters: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, _LETTERS)
        text = chr(ord("A") + digit) + text
    return text


def column_of(text: str) -> int:
    """Convert column letters to an index counted from 0: A is 0, AA is 26."""
    column = 0
    for letter in text.upper():
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return column - 1


def cell_name(row: int, column: int) -> str:
    """Format a row and a column, counted from 0, as a cell name: (6, 4) is E7."""
    return f"{letters(column)}{row + 1}"


def quoted(tab: str) -> str:
    """Quote a tab's title for A1 notation, always, so that a tab called Q4 is not read as a cell."""
    return "'" + tab.replace("'", "''") + "'"


def parse_area(text: str) -> Area:
    """Parse `Deals!A2:F`, `'My tab'!B2`, `Deals` or `A:F`; a text without `!` that is no range is a tab's title.

    Raises ValueError: the text is empty, or the part after `!` is no range.
    """
    text = text.strip()
    if not text:
        raise ValueError(Message("an empty range; write Deals!A:F"))
    quoted_tab = _QUOTED.fullmatch(text)
    if quoted_tab and quoted_tab["rest"] is None:
        return Area(_unquoted(text))
    tab, separator, rest = text.rpartition("!")
    if not separator:
        return _area("", text) or Area(text)
    area = _area(_unquoted(tab), rest)
    if area is None:
        raise ValueError(Message("{text!r} is not a range; write Deals!A:F or Deals!B2", text=text))
    return area


def _unquoted(tab: str) -> str:
    tab = tab.strip()
    if len(tab) > 1 and tab[0] == tab[-1] == "'":
        return tab[1:-1].replace("''", "'")
    return tab


def _area(tab: str, text: str) -> Area | None:
    match = _RANGE.fullmatch(text.strip())
    if match is None or not (match["first_column"] or match["first_row"]):
        return None
    single = ":" not in text
    if single and not (match["first_column"] and match["first_row"]):
        return None
    if not single and not (match["last_column"] or match["last_row"]):
        return None
    top = int(match["first_row"]) - 1 if match["first_row"] else 0
    left = column_of(match["first_column"]) if match["first_column"] else 0
    if single:
        return Area(tab, top, left, top + 1, left + 1)
    bottom = int(match["last_row"]) if match["last_row"] else None
    right = column_of(match["last_column"]) + 1 if match["last_column"] else None
    return Area(tab, top, left, bottom, right)
