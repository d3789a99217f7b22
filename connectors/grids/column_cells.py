"""The filled cells of a column, and what was found of its type."""

from collections.abc import Callable, Iterator, Sequence

from config.cell_types import CellRules
from config.dataclass import dataclass
from config.message import Message
from config.tables import ColumnType
from connectors.grids.cells import CellLike
from connectors.grids.doubts import Doubt, shown
from connectors.protocol import Value

Place = Callable[[int], str]
"""Function that names the place of a cell, given by its index in the column."""


@dataclass(frozen=True, slots=True)
class ColumnCells:
    """The cells of a column; None in place of those that are empty or sheet errors."""

    name: str
    cells: Sequence[CellLike]
    rules: CellRules
    place: Place

    @property
    def filled(self) -> Iterator[CellLike]:
        """The cells with a value."""
        return (cell for cell in self.cells if cell is not None)

    @property
    def texts(self) -> Iterator[str]:
        """The cells that are texts."""
        return (cell for cell in self.cells if isinstance(cell, str))

    def distinct(self) -> dict[str, int]:
        """Return the distinct texts in their order, each with the index of its first cell."""
        first: dict[str, int] = dict.fromkeys(self.texts, 0)
        if len(first) == len(self.cells):
            return dict(zip(first, range(len(first)), strict=True))
        for index in range(len(self.cells) - 1, -1, -1):
            if isinstance(cell := self.cells[index], str):
                first[cell] = index
        return first

    def shown(self, index: int) -> Message:
        """Return a cell with its place, for people."""
        return shown(self.place(index), self.cells[index])


@dataclass(frozen=True, slots=True)
class Found:
    """One value per cell of a column, None for a cell that does not fit the type, and how the type is known."""

    type: ColumnType
    values: list[Value]
    note: str
    doubt: Doubt | None = None
