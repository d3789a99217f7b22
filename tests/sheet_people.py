"""What people do to the demo's OKR sheet in the sandbox, and what stands there by id, wherever that is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import book_kit
from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, enter
from connectors.sandbox.google_sheets.formulas import Shown
from connectors.sandbox.google_sheets.moves import (
    delete_dimension,
    insert_dimension,
)
from connectors.sandbox.server import Request
from demo_kit import sheets_of
from sandbox_kit import Sandbox

Act = Callable[[Book, GridTab], None]


def book_of(sandbox: Sandbox) -> Book:
    return sheets_of(sandbox).books["demo-okrs"]


def tab_of(sandbox: Sandbox, title: str = "OKRs") -> GridTab:
    return next(tab for tab in book_of(sandbox).tabs if tab.title == title)


def between(sandbox: Sandbox, *acts: Act | None, title: str = "OKRs") -> None:
    """Before the first write act the first, before the second the second ...; None lets one pass."""
    waiting = list(acts)

    def hook(request: Request) -> None:
        if request.path.endswith(":batchUpdate") and waiting:
            act = waiting.pop(0)
            if act is not None:
                book = book_of(sandbox)
                act(book, next((tab for tab in book.tabs if tab.title == title), book.tabs[0]))

    sandbox.hooks["sheets"] = hook


def shuffle(tab: GridTab, order: Sequence[int], top: int = 2) -> None:
    """Sort the rows from `top` on in this order; merges go, as people must take them out before they sort."""
    tab.merges.clear()
    rows = {
        row: {column: cell for (r, column), cell in tab.cells.items() if r == top + row} for row in range(len(order))
    }
    tab.cells = {place: cell for place, cell in tab.cells.items() if not top <= place[0] < top + len(order)}
    for now, then in enumerate(order):
        tab.cells.update({(top + now, column): cell for column, cell in rows[then].items()})


def sort(_book: Book, tab: GridTab) -> None:
    shuffle(tab, (6, 5, 4, 3, 2, 1, 0))


def insert_above(book: Book, tab: GridTab) -> None:
    insert_dimension(book, tab, "ROWS", (3, 4), inherit=True)


def insert_at_top(book: Book, tab: GridTab) -> None:
    insert_dimension(book, tab, "ROWS", (0, 2))


def delete(book: Book, tab: GridTab) -> None:
    delete_dimension(book, tab, "ROWS", (3, 4))


def insert_column(book: Book, tab: GridTab) -> None:
    insert_dimension(book, tab, "COLUMNS", (4, 5))


def insert_first_column(book: Book, tab: GridTab) -> None:
    insert_dimension(book, tab, "COLUMNS", (0, 1))


def delete_column(book: Book, tab: GridTab) -> None:
    delete_dimension(book, tab, "COLUMNS", (3, 4))


def rename_header(_book: Book, tab: GridTab) -> None:
    column = next(
        c for (r, c), cell in tab.cells.items() if r == 1 and cell.entered.get("stringValue") == "Current value"
    )
    enter(tab, 1, column, "How far we are")


def rename_tab(book: Book, tab: GridTab) -> None:
    book_kit.rename_tab(book, tab, "Our OKRs")


def delete_tab(book: Book, tab: GridTab) -> None:
    book_kit.delete_tab(book, tab)


def merge(_book: Book, tab: GridTab) -> None:
    """Merge the current values of the first two key results; the second's goes, as in Sheets."""
    tab.merges.append((2, 6, 4, 7))
    tab.cells[3, 6] = GridCell()


def protect(_book: Book, tab: GridTab) -> None:
    book_kit.protect(tab, 2, 6, 3, 7)


def formula(_book: Book, tab: GridTab) -> None:
    enter(tab, 2, 6, "=1+1")


def edit_a_note(_book: Book, tab: GridTab) -> None:
    enter(tab, 4, 13, "people's own words")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the headers and the ids of a tab stand: columns by header, rows by id (an id's rows are all given)."""

    head: int
    columns: dict[str, int]
    rows: dict[str, list[int]]


def places_of(tab: GridTab) -> Places:
    """Raises StopIteration when no header says where the ids are."""
    texts = {
        (row, column): cell.entered.get("stringValue", "") for (row, column), cell in tab.cells.items() if cell.entered
    }
    head = next(row for (row, _), text in sorted(texts.items()) if text in ("KR id", "KR 編號"))
    columns = {text: column for (row, column), text in texts.items() if row == head}
    of_ids = next(column for text, column in columns.items() if text in ("KR id", "KR 編號"))
    rows: dict[str, list[int]] = {}
    for (row, column), text in sorted(texts.items()):
        if row > head and column == of_ids and text:
            rows.setdefault(text, []).append(row)
    return Places(head, columns, rows)


def entered_by_id(sandbox: Sandbox, title: str = "OKRs") -> dict[str, dict[str, Any]]:
    """What was entered, by id and header, wherever rows and columns are; rows without an id by their place."""
    tab = tab_of(sandbox, title)
    places = places_of(tab)
    headers = {column: text for text, column in places.columns.items()}
    ids = {row: text for text, rows in places.rows.items() for row in rows}
    found: dict[str, dict[str, Any]] = {}
    for (row, column), cell in sorted(tab.cells.items()):
        if cell.entered and row != places.head:
            header = headers.get(column) or f"column {column}"
            found.setdefault(ids.get(row, f"row {row}"), {})[header] = next(iter(cell.entered.values()))
    return found


def shown_by_id(sandbox: Sandbox, title: str = "OKRs") -> dict[str, dict[str, Any]]:
    """What people see, by id and header: lookups evaluated; of a row that was copied, the lower one."""
    tab = tab_of(sandbox, title)
    places, shown = places_of(tab), Shown(book_of(sandbox))
    return {
        key: {
            header: next(iter(value.values()))
            for header, column in places.columns.items()
            if (value := shown.value(tab, row, column)) and value != {"stringValue": ""}
        }
        for key, rows in places.rows.items()
        for row in rows
    }
