"""Place of a grid of cells, for errors that name cells."""

from dataclasses import replace

from config.dataclass import dataclass
from config.errors import SourceError
from connectors.grids.a1 import cell_name


@dataclass(frozen=True, slots=True)
class GridPlace:
    """Place of a grid: operation for errors, tab, and row and column of its first cell, counted from 0."""

    doing: str
    tab: str = ""
    top: int = 0
    left: int = 0

    def name(self, row: int, column: int) -> str:
        """Format a cell of the tab, counted from 0, as `Deals!E7`."""
        return f"{self.tab}!{cell_name(row, column)}" if self.tab else cell_name(row, column)

    def below(self, rows: int) -> "GridPlace":
        """Return the place of the grid without its first rows."""
        return replace(self, top=self.top + rows)

    def refusal(self, saw: str, advice: str) -> SourceError:
        """Create the SourceError for a grid that cannot be read as a table."""
        return SourceError(self.doing, saw, effect="Its key results were left as they were.", advice=advice)
