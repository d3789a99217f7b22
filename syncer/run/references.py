"""References in formulas, where rows and columns moved. Pure."""

import re
from collections.abc import Mapping

from connectors.grids.a1 import column_of, letters
from syncer.run.alignment import Alignment

_REFERENCE = re.compile(r"\"[^\"]*\"|'[^']*'![$A-Z0-9:]+|(?<![\w!'.$])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\w(!.])")
"""Cells of the formula's own tab; texts and cells of other tabs are matched to be passed over."""


def moved_formula(formula: str, alignment: Alignment) -> str:
    """A formula of the tab as it was, with its references where their cells are now; as Sheets does on insertions."""
    turned = alignment.turned()

    def move(match: re.Match[str]) -> str:
        if match[4] is None:
            return match[0]
        row, column = _now(turned.rows, int(match[4]) - 1), _now(turned.columns, column_of(match[2]))
        return f"{match[1]}{letters(column)}{match[3]}{row + 1}"

    return _REFERENCE.sub(move, formula)


def without_references(formula: str) -> str:
    """A formula by which it is known wherever its cells are."""
    return _REFERENCE.sub(lambda match: match[0] if match[4] is None else "_", formula)


def _now(places: Mapping[int, int], old: int) -> int:
    """Where a row or column is now; one that nobody recognised moved as the nearest before it."""
    if old in places:
        return places[old]
    near = max((other for other in places if other < old), default=None)
    return old if near is None else places[near] + old - near
