"""Tokenize formulas, and adjust separators by locale and references to moved rows and columns."""

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from connectors.grids.a1 import column_of, letters

Dimension = Literal["ROWS", "COLUMNS"]
Moved = Callable[[int], int | None]
"""Maps a former row or column to its current position; None if it was deleted."""
COMMA_DECIMAL = frozenset({"de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL", "sv_SE", "vi_VN", "id_ID"})
"""Locales with decimal commas, in which formulas separate arguments by semicolons only."""

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    |(?P<gone>\#REF!)
    |(?P<tab>(?:'(?:[^']|'')*'|[^\W\d]\w*)!)
    |(?P<area>\$?[A-Z]{1,3}(?:\$?\d+)?:\$?[A-Z]{1,3}(?:\$?\d+)?|\$?[A-Z]{1,3}\$?\d+)(?![\w(])
    |(?P<name>[A-Z][A-Z0-9.]*)(?=\()
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<space>\s+)
    |(?P<sign><>|<=|>=|.)""",
    re.VERBOSE | re.IGNORECASE,
)
_END = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d*)", re.IGNORECASE)


class Token(NamedTuple):
    """A token and its kind: text, gone, tab, area, name, number, space or sign."""

    kind: str
    text: str


def tokens(formula: str) -> Iterator[Token]:
    """Yield the tokens of a formula, without the `=` at its start."""
    for match in _TOKEN.finditer(formula, 1):
        yield Token(match.lastgroup or "sign", match[0])


def as_entered(formula: str, locale: str) -> str:
    """Format a formula for a locale: `;` becomes `,` in locales with a decimal point."""
    if locale in COMMA_DECIMAL:
        return formula
    depth, parts = 0, ["="]
    for kind, text in tokens(formula):
        depth += (text == "{") - (text == "}")
        parts.append("," if (kind, text, depth) == ("sign", ";", 0) else text)
    return "".join(parts)


def title_of(tab: str) -> str:
    """Return the title in a token such as `'My tab'!`."""
    return tab[:-1].removeprefix("'").removesuffix("'").replace("''", "'")


def following(formula: str, title: str, dimension: Dimension, moved: Moved, *, same_tab: bool) -> str:
    """Adjust a formula after rows or columns of tab `title` moved; references to deleted ones become #REF!."""
    tab, parts = "", ["="]
    for kind, text in tokens(formula):
        follows = kind == "area" and (tab == title if tab else same_tab)
        parts.append(_moved(text, dimension, moved) if follows else text)
        tab = title_of(text) if kind == "tab" else ""
    return "".join(parts)


def _moved(area: str, dimension: Dimension, moved: Moved) -> str:
    ends = [match.groups() for end in area.split(":") if (match := _END.fullmatch(end))]
    if dimension == "ROWS" and not all(row for _, _, _, row in ends):
        return area  # whole columns
    places = [column_of(column) if dimension == "COLUMNS" else int(row) - 1 for _, column, _, row in ends]
    left = [place for then in range(places[0], places[-1] + 1) if (place := moved(then)) is not None]
    if not left:
        return "#REF!"
    return ":".join(
        f"{held}{letters(place)}{fixed}{row}" if dimension == "COLUMNS" else f"{held}{column}{fixed}{place + 1}"
        for (held, column, fixed, row), place in zip(ends, (left[0], left[-1]), strict=False)
    )
