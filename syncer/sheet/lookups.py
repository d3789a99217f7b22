"""Lookup formulas: cells of people's tabs that show a value of okrsync's own tab by row id. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from config.dataclass import dataclass
from connectors.grids.a1 import column_of, letters, quoted
from connectors.okr_sheet import Cell, Tab
from syncer.sheet.layout import Layout
from syncer.sheet.own_tab import OwnTab

LOOKED_UP = (
    "current", "progress", "attainment", "expected", "status", "updated", "forecast", "link", "computed_score",
)  # fmt: skip
"""Columns of people's tabs that show values computed by okrsync."""

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")|(?P<tab>'(?:[^']|'')*')|(?<!#)(?P<bare>\b\w+)!|(?P<space>\s+)|(?P<rest>.)"""
)
_OWN = r"(?:'(?:[^']|'')*'!\$[A-Z]+:\$[A-Z]+|#REF!(?:\$[A-Z]+:\$[A-Z]+)?)"
_IDS = r"(?:\$[A-Z]+:\$[A-Z]+|#REF!)"
_FOUND = rf"INDEX\({_OWN};MATCH\(TRIM\(INDEX\({_IDS};ROW\(\)\)\);{_OWN};0\)\)"
_LINKED = rf"(?:IF\({_FOUND}=\"\";{_FOUND};HYPERLINK\({_FOUND};{_FOUND}\)\)|{_FOUND})"
_PLACES = re.compile(
    r"=IFNA\(IF\(INDEX\((?P<tab>'(?:[^']|'')*'!)\$(?P<value>[A-Z]+):.*?"
    r"TRIM\(INDEX\(\S*?;ROW\(\)\)\);(?P=tab)\$(?P<ids>[A-Z]+):"
)
_SHAPE = re.compile(rf"=IFNA\(IF\({_FOUND}=\"\";\"\";{_LINKED}\);\"\"\)")


class Shows(StrEnum):
    """Content of a cell in a looked-up column."""

    OWN = "own"
    """The lookup of its column."""
    BROKEN = "broken"
    """A lookup of another tab or column, or one whose tab was deleted."""
    NOTHING = "nothing"
    TYPED = "typed"
    """A value or formula entered by a person."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Lookups from people's tabs into one own tab."""

    own: OwnTab

    def formula(self, layout: Layout, column: str) -> str:
        """Return the lookup formula of a column in people's tabs; it is the same in all rows."""
        own = OwnPlace(self.own.title, letters(self.own.columns["id"]), letters(self.own.columns[column]))
        ids = letters(layout.columns["id"])
        return lookup_link(own, letters(self.own.columns["link"]), ids) if column == "source" else lookup(own, ids)

    def shown(self, layout: Layout, column: str, cell: Cell) -> Shows:
        """Classify the content of a cell in a looked-up column."""
        if cell.formula is not None:
            if same_formula(cell.formula, self.formula(layout, column)):
                return Shows.OWN
            return Shows.BROKEN if is_lookup(cell.formula) else Shows.TYPED
        return Shows.NOTHING if cell.value is None and cell.error is None else Shows.TYPED


class OwnPlace(NamedTuple):
    """Column of the own tab, in letters: title of the tab, column of the ids, the column itself."""

    tab: str
    ids: str
    column: str


def lookup(own: OwnPlace, id_column: str) -> str:
    """Build the formula that shows a column of the own tab by the id in `id_column` (letters) of the formula's tab."""
    found = _found(own, id_column)
    return f'=IFNA(IF({found}="";"";{found});"")'


def lookup_link(own: OwnPlace, link_column: str, id_column: str) -> str:
    """Build the lookup of *Source*: its text, as a link if the own tab has one."""
    found, link = _found(own, id_column), _found(own._replace(column=link_column), id_column)
    return f'=IFNA(IF({found}="";"";IF({link}="";{found};HYPERLINK({link};{found})));"")'


def claims(layouts: Iterable[Layout], tabs: Mapping[str, Tab], own_title: str) -> Mapping[str, int]:
    """Return the position of each own-tab column according to the lookups; none if two columns collide."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for layout in layouts:
        columns = [(name, layout.columns[name]) for name in (*LOOKED_UP, "source") if name in layout.columns]
        tab = tabs[layout.tab.title]
        for row in range(layout.header_row + 1, len(tab.rows)):
            for name, index in columns:
                formula = tab.cell(row, index).formula
                places = _places(formula, own_title) if formula else None
                if places:
                    counts["id"][places[0]] += 1
                    counts[name][places[1]] += 1
    found = {name: count.most_common(1)[0][0] for name, count in counts.items()}
    return found if len(set(found.values())) == len(found) else {}


@lru_cache(maxsize=256)
def _places(formula: str, own_title: str) -> tuple[int, int] | None:
    """Return the columns of the ids and of the value in a lookup formula; None for any other formula."""
    text = _normal(formula)
    match = _PLACES.match(text) if _SHAPE.fullmatch(text) else None
    if match is None or match["tab"] != _normal(quoted(own_title) + "!"):
        return None
    return column_of(match["ids"]), column_of(match["value"])


def same_formula(first: str, second: str) -> bool:
    """Whether two formulas differ only in separators, spaces, case and the quotes of sheet names."""
    return _normal(first) == _normal(second)


@lru_cache(maxsize=1024)
def is_lookup(formula: str) -> bool:
    """Whether a formula has the form of a lookup, whatever tab and columns it refers to, even deleted ones."""
    return _SHAPE.fullmatch(_normal(formula)) is not None


def _found(own: OwnPlace, id_column: str) -> str:
    tab, key = quoted(own.tab), f"${id_column}:${id_column}"
    ids, value = f"{tab}!${own.ids}:${own.ids}", f"{tab}!${own.column}:${own.column}"
    return f"INDEX({value};MATCH(TRIM(INDEX({key};ROW()));{ids};0))"


@lru_cache(maxsize=1024)
def _normal(formula: str) -> str:
    return "".join(map(_normal_token, _TOKEN.finditer(formula)))


def _normal_token(match: re.Match[str]) -> str:
    if match["text"]:
        return match["text"]
    if match["tab"]:
        return match["tab"].casefold()
    if match["bare"]:
        return quoted(match["bare"]).casefold() + "!"
    if match["space"]:
        return ""
    return match["rest"].upper().replace(",", ";")
