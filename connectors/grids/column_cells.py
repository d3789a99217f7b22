"""The filled cells of a column, and what was found of its type."""

from collections.abc import Callable
from dataclasses import dataclass

from config.cell_types import CellRules
from config.message import Message
from config.tables import ColumnType
from connectors.grids.cells import CellLike
from connectors.grids.doubts import Doubt, shown
from connectors.protocol import Value

Place = Callable[[int], str]
"""Function that names the place of a cell, given by its index in the column."""


@dataclass(frozen=True, slots=True)
class ColumnCells:
    """The cells of a column that are neither empty nor sheet errors, by index."""

    name: str
    filled: dict[int, CellLike]
    rules: CellRules
    place: Place

    def texts(self) -> dict[int, str]:
        """Return the cells that are texts, by index."""
        return {index: cell for index, cell in self.filled.items() if isinstance(cell, str)}

    def shown(self, index: int) -> Message:
        """Return a cell with its place, for people."""
        return shown(self.place(index), self.filled[index])


@dataclass(frozen=True, slots=True)
class Found:
    """Values of the cells that fit a type, and how it is known."""

    type: ColumnType
    values: dict[int, Value]
    note: str
    doubt: Doubt | None = None
