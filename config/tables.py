"""Descriptions of source tables: typed, documented columns and query keys."""

from typing import Literal

from config.dataclass import dataclass

ColumnType = Literal["text", "number", "integer", "boolean", "timestamp", "list", "empty"]
"""Column types. `timestamp`: an instant, in the workspace's time zone in expressions; `list`: a list of texts; `empty`:
no value yet, so that it fits where any type does."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `unit` is `hours` for durations; `values` is the closed set of values, empty if open. `note` says how the type is
    known where a measure's `types` may state another, such as `text, as Deals!B2 'N/A' shows`; it is empty where the
    table fixes the type.
    """

    name: str
    type: ColumnType
    doc: str
    unit: str = ""
    values: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class QueryKey:
    """A key of a measure for a query in the source's own language, such as `jql`."""

    name: str
    doc: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a source.

    The columns of an `open` table come from the data (a sheet's header row), so a wrong name is found only by reading.
    `key` names the column that identifies a row, `link` the column with its address in the tracker; empty where there
    is none. `notes` are shown after the columns. With `needs_rows`, a value over no rows is unknown, also a count.
    """

    name: str
    doc: str
    query: tuple[QueryKey, ...]
    columns: tuple[Column, ...] = ()
    open: bool = False
    key: str = ""
    link: str = ""
    notes: tuple[str, ...] = ()
    needs_rows: bool = False

    def column(self, name: str) -> Column | None:
        """Return the column of that name, ignoring case as SQL does; None where there is none."""
        wanted = name.lower()
        return next((column for column in self.columns if column.name.lower() == wanted), None)
