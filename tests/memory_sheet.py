"""An OKR sheet in memory, with the contract of the real ones: for tests of everything above the connectors."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from config.errors import StaleSheetError
from connectors.okr_sheet import EMPTY, Cell, CellValue, Merge, SheetBatch, SheetImage, Tab

Grid = list[list[Cell]]


class MemorySheet:
    """Tabs as lists of lists. `edits` are called right before a write, so that a test can act in the window."""

    def __init__(self, tabs: dict[str, Sequence[Sequence[CellValue | Cell]]], title: str = "OKR") -> None:
        self.title = title
        self.tabs: dict[str, Grid] = {name: [[_cell(v) for v in row] for row in rows] for name, rows in tabs.items()}
        self.hidden: set[str] = set()
        self.merges: dict[str, tuple[Merge, ...]] = {}
        self.batches: list[SheetBatch] = []
        self.reads = 0
        self.version = 0

    def read(self) -> SheetImage:
        self.reads += 1
        return self._image()

    def read_all(self) -> SheetImage:
        return self.read()

    def close(self) -> None:
        pass

    def write(self, batch: SheetBatch) -> SheetImage:
        if batch.version != str(self.version):
            raise StaleSheetError("writing", "the sheet changed", effect="Nothing was written.")
        self.batches.append(batch)
        self.version += 1
        for tab in batch.new_tabs:
            self.tabs[tab.title] = []
            if tab.hidden:
                self.hidden.add(tab.title)
        for insert in batch.inserts:
            grid = self.tabs[insert.tab]
            _grow(grid, insert.row, 0)
            grid[insert.row : insert.row] = [[] for _ in range(insert.count)]
        for write in batch.cells:
            grid = self.tabs[write.tab]
            _grow(grid, write.row + 1, write.column + 1)
            written = replace(EMPTY, value=write.value, percent=write.percent)
            grid[write.row][write.column] = replace(written, formula=write.formula or None)
        return self._image()

    def set(self, tab: str, row: int, column: int, value: CellValue | Cell) -> None:
        """Edit as a person does."""
        _grow(self.tabs[tab], row + 1, column + 1)
        self.tabs[tab][row][column] = _cell(value)
        self.version += 1

    def values(self, tab: str) -> list[list[CellValue]]:
        return [[cell.value for cell in row] for row in self.tabs[tab]]

    def _image(self) -> SheetImage:
        tabs = {
            name: Tab(name, tuple(tuple(row) for row in grid), self.merges.get(name, ()), hidden=name in self.hidden)
            for name, grid in self.tabs.items()
        }
        return SheetImage(self.title, tabs, datetime.now(UTC), tuple(tabs), version=str(self.version))


def _cell(value: CellValue | Cell) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)


def _grow(grid: Grid, rows: int, columns: int) -> None:
    while len(grid) < rows:
        grid.append([])
    if rows and columns:
        row = grid[rows - 1]
        row.extend([EMPTY] * (columns - len(row)))
