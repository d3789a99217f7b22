"""What a source offers: tables with typed, documented columns."""

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "number", "integer", "boolean", "timestamp", "list"]
"""`timestamp` is an instant, which expressions see in the workspace's time zone; `list` is a list of texts."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `unit` is `hours` for every duration; `values` is a closed set, empty when open."""

    name: str
    type: ColumnType
    doc: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryKey:
    """A key of a measure in which the source's own query language stands, such as `jql`."""

    name: str
    doc: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a source.

    `open` tables learn their columns from the data (a sheet's header row), so only reading can tell a wrong name.
    `key` and `link` name the columns that identify a row and lead to it in the tracker; empty where there are none.
    """

    name: str
    doc: str
    query: tuple[QueryKey, ...]
    columns: tuple[Column, ...] = ()
    open: bool = False
    key: str = ""
    link: str = ""

    def column(self, name: str) -> Column | None:
        """The column of that name, compared as SQL does (without case), or None."""
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)
