"""The protocol of an OKR sheet: an image of its cells to read, a batch of cells to write.

Rows and columns count from 0. A reader cannot write; only `sync` opens a writer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

CellValue = str | bool | Decimal | date | None
"""Text, truth, a number, a date, or nothing. A date-time cell is read as its date when it falls on midnight."""

MEMORY_TAB = "_okrsync"
"""The hidden tab that remembers what okrsync last wrote; a CSV keeps it in a file beside it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it stands.

    Attributes:
        value: what it shows, computed if it holds a formula; None when empty or in error.
        formula: the formula as entered, beginning with `=`; None when it holds none.
        error: a sheet error such as `#REF!`; None when there is none.
        locked: why okrsync may not write here (protected, inside a merge, an array's spill); None when it may.
        percent: the cell is shown as a percentage (its value 0.9 reads 90%).
    """

    value: CellValue = None
    formula: str | None = None
    error: str | None = None
    locked: str | None = None
    percent: bool = False


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, half-open: rows [top, bottom), columns [left, right)."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. Trailing empty cells and rows are left out, so rows differ in length."""

    title: str
    rows: tuple[tuple[Cell, ...], ...] = ()
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    row_count: int = 0
    column_count: int = 0

    def cell(self, row: int, column: int) -> Cell:
        """The cell at that place; an empty one beyond what the sheet sent."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return EMPTY


@dataclass(frozen=True, slots=True)
class SheetImage:
    """The OKR sheet at one moment: the wanted tabs by title, and the base tab where it exists.

    `version` changes whenever a local file does; empty for services that have none. `all_tabs` lists every title, `ids`
    says by title what a tab is known by however it is called; empty for services that do not.
    """

    title: str
    tabs: Mapping[str, Tab]
    read_at: datetime
    all_tabs: tuple[str, ...] = ()
    version: str = ""
    link: str = ""
    ids: Mapping[str, int] = field(default_factory=dict)
    tab_links: Mapping[str, str] = field(default_factory=dict)
    """Addresses of tabs by title, where the service has pages of its own."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """What tabs are called now, by the title under which `tabs` has them."""

    def title_now(self, title: str) -> str:
        """What a tab is called now; formulas name it so."""
        return self.renamed.get(title, title)


@dataclass(frozen=True, slots=True)
class NewTab:
    """A tab to make before anything is written in it."""

    title: str
    hidden: bool = False
    protected: bool = False


@dataclass(frozen=True, slots=True)
class RowInsert:
    """Empty rows to insert above `row` of a tab, formatted like the row above."""

    tab: str
    row: int
    count: int


@dataclass(frozen=True, slots=True)
class ColumnInsert:
    """Empty columns to insert left of `column` of a tab of a Google spreadsheet; with `count` below 0, to delete."""

    tab: str
    column: int
    count: int


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One cell to write. Its place is that after the batch's inserts. None clears. Text goes in as text, always.

    `percent` sets the number format; only for cells that okrsync creates. `formula` is written instead of a value; only
    for Google Sheets, with `;` between its arguments.
    `link` is an address that the cell leads to, its text staying what it is; empty leaves links as they are. A CSV has
    none.
    """

    tab: str
    row: int
    column: int
    value: CellValue
    percent: bool = False
    formula: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class TabColumn:
    """How one column of a new tab looks.

    Attributes:
        width: in digits of the usual size.
        head_colour: behind its header, as RRGGBB; empty for none.
        kind, pattern: its number format, such as PERCENT and `0.0%`; no pattern leaves the program's own.
        choices: the only texts that may be entered.
        between: the least and the largest number that may be entered; `told` says so.
        colours: fill, text, and the words in whose cells they are shown.
        choices_from: a range as a formula, `='Tab'!$A$2:$A`, whose texts are offered; others may be entered too.
        text_colour: of what stands in it, as RRGGBB; empty for the usual one.
    """

    width: float
    head_colour: str = ""
    kind: str = "NUMBER"
    pattern: str = ""
    wrap: bool = False
    choices: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    told: str = ""
    colours: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    text_colour: str = ""
    choices_from: str = ""


@dataclass(frozen=True, slots=True)
class TabChart:
    """Stacked bars of a table in `tab`: rows [top, bottom) with headers first, `names` the column of the bars' names.

    `series` are columns with their colours; it stands at a cell of the tab it belongs to, its size in pixels. With
    `of_row` the bars are the shares, 0 to 1, that this row has in these columns, which lie side by side.
    """

    title: str
    tab: str
    top: int
    bottom: int
    names: int
    series: tuple[tuple[int, str], ...]
    at_row: int
    at_column: int
    width: int = 720
    height: int = 320
    of_row: int = 0


@dataclass(frozen=True, slots=True)
class TabFormat:
    """How a new tab looks: its first row are headers that stay in sight; formats reach down to row `rows`."""

    title: str
    rows: int
    columns: tuple[TabColumn, ...]
    frozen_columns: int = 1
    bold_rows: tuple[int, ...] = ()
    bold_colour: str = "FFFFFF"
    told: str = ""
    charts: tuple[TabChart, ...] = ()
    formats: tuple[tuple[int, int, int, str], ...] = ()
    """Number formats within a column: its place, the rows [top, bottom), the pattern."""


@dataclass(frozen=True, slots=True)
class SheetBatch:
    """All that one run writes: new tabs, then rows and columns to insert, then cells; all of it or nothing.

    `looks` are for new tabs of a Google spreadsheet; a local workbook is made with its looks.
    """

    cells: tuple[CellWrite, ...]
    inserts: tuple[RowInsert, ...] = ()
    columns: tuple[ColumnInsert, ...] = ()
    new_tabs: tuple[NewTab, ...] = ()
    version: str = field(default="")
    looks: tuple[TabFormat, ...] = ()


class SheetReader(Protocol):
    """Reads the OKR sheet. Cannot write it."""

    def read(self) -> SheetImage:
        """The sheet as it stands, in one request. Raises SheetError."""

    def close(self) -> None:
        """Free connections."""


class SheetWriter(SheetReader, Protocol):
    """Reads and writes the OKR sheet."""

    def write(self, batch: SheetBatch) -> SheetImage:
        """Apply the batch in one request and give the sheet as it stands after, from that request's own answer.

        Raises:
            StaleSheetError: a local file is not the one of `batch.version` any more; nothing was written.
            UncertainWriteError: the answer never came.
            SheetError: it was refused; nothing was written.
        """
