"""Errors of columns: cells that do not fit the column's type, and doubts about the type itself."""

from collections.abc import Sequence

from config.errors import SourceError
from config.message import Message, in_turn
from config.tables import ColumnType
from connectors.grids.doubts import Doubt

EFFECT = Message("Its key results were left as they were.")
CORRECT_CELL = Message("Correct the cell, or clear it where the value is not known yet.")

_NEEDED: dict[ColumnType, Message] = {
    "number": Message("a number"),
    "timestamp": Message("a date"),
    "text": Message("a value"),
    "boolean": Message("true or false"),
    "empty": Message("a value"),
}
_SHOWN = 3


def bad_cells(
    doing: str, cells: Sequence[tuple[str, str]], kind: ColumnType, advice: str = CORRECT_CELL
) -> SourceError:
    """Create the error of a column with bad cells, given by place and text; it names the first ones."""
    shown = in_turn(
        Message("{name} is '{text}' where {needed} is needed", name=name, text=text, needed=_NEEDED[kind])
        for name, text in cells[:_SHOWN]
    )
    more = Message("; and {bad} more", bad=len(cells) - _SHOWN) if len(cells) > _SHOWN else ""
    return SourceError(doing, shown + more, effect=EFFECT, advice=advice)


def doubtful(doing: str, doubt: Doubt) -> SourceError:
    """Create the error of a column whose type is not certain."""
    return SourceError(doing, doubt.saw, effect=EFFECT, advice=doubt.advice)
