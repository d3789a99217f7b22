"""Protocols and data of an OKR sheet: an image of its cells to read, a batch of cells to write.

Rows and columns count from 0. A SheetReader cannot write; a SheetWriter is opened only by commands that write.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from config.dataclass import dataclass

CellValue = str | bool | Decimal | date | None
"""Value of a cell; None is an empty cell. A date-time at midnight is read as a date."""

MEMORY_TAB = "_okrsync"
"""Title of the hidden tab with the values that okrsync last wrote; for a CSV, they are in a separate file."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a sheet.

    Attributes:
        value: the value, computed if the cell holds a formula; None when empty or in error.
        formula: the formula as entered, beginning with `=`; None without a formula.
        error: a sheet error such as `#REF!`; None without an error.
        locked: why okrsync may not write to the cell (protected, in a merge, an array's spill); None if it may.
        percent: whether the cell is formatted as a percentage (the value 0.9 is shown as 90%).
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
    """One tab of a sheet. Trailing empty cells and rows are left out, so rows differ in length."""

    title: str
    rows: tuple[tuple[Cell, ...], ...] = ()
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    row_count: int = 0
    column_count: int = 0
    closed_rows: tuple[tuple[int, int], ...] = ()
    """Half-open spans of rows between which no row may be inserted, as they are protected."""

    def takes_row(self, row: int) -> bool:
        """Whether a row may be inserted above this one."""
        return not any(top <= max(row - 1, 0) and row < bottom for top, bottom in self.closed_rows)

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a position; an empty cell outside the rows that were read."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return EMPTY


@dataclass(frozen=True, slots=True)
class SheetImage:
    """Snapshot of the OKR sheet: the requested tabs by title, and the memory tab where it exists.

    `version` changes whenever a local file changes; empty for services without versions. `all_tabs` lists every title;
    `ids` has the id of each tab by title, which stays the same when the tab is renamed; empty for services without ids.
    """

    title: str
    tabs: Mapping[str, Tab]
    read_at: datetime
    all_tabs: tuple[str, ...] = ()
    version: str = ""
    link: str = ""
    ids: Mapping[str, int] = field(default_factory=dict)
    tab_links: Mapping[str, str] = field(default_factory=dict)
    """Web addresses of tabs by title, for services that have them."""
    account: str = ""
    """The e-mail address of the account that reads and writes, for services that have one."""
    place: str = ""
    """Identifies a file of a service, also after it was renamed or moved; empty for others."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Current titles of renamed tabs, by their title in `tabs`."""

    def title_now(self, title: str) -> str:
        """Return the current title of a tab, for use in formulas."""
        return self.renamed.get(title, title)


@dataclass(frozen=True, slots=True)
class NewTab:
    """A tab to create before cells are written."""

    title: str
    hidden: bool = False
    protected: bool = False


@dataclass(frozen=True, slots=True)
class RowInsert:
    """Insertion of empty rows above `row` of a tab, formatted like the row above."""

    tab: str
    row: int
    count: int


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """Insertion of empty columns left of `column` of a tab in Google Sheets; a `count` below 0 deletes columns."""

    tab: str
    column: int
    count: int


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One cell to write, at its position after the batch's inserts. None clears; text is always written as text.

    `percent` sets a percent format; only for cells that okrsync creates. `formula` is written instead of a value; only
    for Google Sheets, with `;` between arguments. `reset_format` removes a number format that does not fit the value,
    in tabs that okrsync alone writes and in rows that it inserts. `link` is an address to link the cell's text to;
    without one, a filled cell keeps its link and a cleared one loses it. A CSV ignores `link`.
    """

    tab: str
    row: int
    column: int
    value: CellValue
    percent: bool = False
    formula: str = ""
    reset_format: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class TabColumn:
    """Format of one column of a new tab.

    Attributes:
        width: in digits of the default font size.
        head_colour: background of the header, as RRGGBB; empty for none.
        kind, pattern: number format, such as PERCENT and `0.0%`; an empty pattern keeps the program's default.
        choices: the only texts that may be entered.
        between: minimum and maximum of a number that may be entered; `hint` is shown to who enters one.
        colours: fill colour, text colour, and the words in whose cells they are shown.
        choices_from: a range as a formula, `='Tab'!$A$2:$A`, whose texts are offered; others may be entered too.
        text_colour: colour of the text, as RRGGBB; empty for the default.
        centred: whether texts are in the middle of their cells, and bold.
    """

    width: float
    head_colour: str = ""
    kind: str = "NUMBER"
    pattern: str = ""
    wrap: bool = False
    choices: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    hint: str = ""
    colours: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    text_colour: str = ""
    choices_from: str = ""
    centred: bool = False


@dataclass(frozen=True, slots=True)
class TabChart:
    """Bar chart of the numbers in one row of a tab, with the headers above them as names.

    Attributes:
        bars: adjacent columns with the colours of their bars.
        at_row, at_column: the cell of its upper left corner; `width` and `height` are pixels.
    """

    title: str
    row: int
    bars: tuple[tuple[int, str], ...]
    at_row: int
    at_column: int
    width: int = 420
    height: int = 280


@dataclass(frozen=True, slots=True)
class TabFormat:
    """Format of a new tab: the first row (headers) is frozen; formats reach down to row `rows`.

    Attributes:
        frozen_columns: number of columns that stay in sight.
        row_heights: first row, end row and height in pixels, of rows of one height.
        formats: number formats of parts of columns: column, first row, end row, pattern.
        formulas: conditions with the text colour of their cells: column, formula for row 2, colour.
        folded: first and end of the columns that are grouped and folded; None for none.
    """

    title: str
    rows: int
    columns: tuple[TabColumn, ...]
    bold_rows: tuple[int, ...] = ()
    bold_colour: str = "FFFFFF"
    header_warning: str = ""
    charts: tuple[TabChart, ...] = ()
    formats: tuple[tuple[int, int, int, str], ...] = ()
    frozen_columns: int = 1
    row_heights: tuple[tuple[int, int, int], ...] = ()
    formulas: tuple[tuple[int, str, str], ...] = ()
    folded: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SheetBatch:
    """All writes of one run, applied atomically: new tabs, then inserts of rows and columns, then cells.

    `looks` are the formats of new tabs of a Google spreadsheet; a local workbook is created with its formats. `version`
    is the version of the local file that the batch was made for.
    """

    cells: tuple[CellWrite, ...]
    inserts: tuple[RowInsert, ...] = ()
    columns: tuple[ColumnChange, ...] = ()
    new_tabs: tuple[NewTab, ...] = ()
    version: str = field(default="")
    looks: tuple[TabFormat, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedTabs:
    """What to read of a workbook: `tabs`, or its first visible one if there are none, and `also` those that exist."""

    tabs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class SheetReader(Protocol):
    """Reader of the OKR sheet, without any method to write."""

    def read(self) -> SheetImage:
        """Read the sheet in one request. Raises SheetError."""

    def read_all(self) -> SheetImage:
        """Read all tabs, whichever the config names. Raises SheetError."""

    def close(self) -> None:
        """Close connections."""


class SheetWriter(SheetReader, Protocol):
    """Reader and writer of the OKR sheet."""

    def write(self, batch: SheetBatch) -> SheetImage:
        """Apply the batch in one request; return the sheet after the write, from the answer to that request.

        Raises:
            StaleSheetError: a local file is no longer of version `batch.version`; nothing was written.
            UncertainWriteError: no answer arrived, so whether the batch was applied is unknown.
            SheetError: the write was refused; nothing was written.
        """
