"""What people do to tabs of the sandbox's spreadsheets: rename, delete, protect, sort by a filter."""

from collections.abc import Iterator

from connectors.grids.a1 import quoted
from connectors.sandbox.google_sheets.book import Book, GridTab
from connectors.sandbox.google_sheets.formula_text import title_of, tokens
from connectors.sandbox.google_sheets.moves import rewrite

OWNER = "owner@example.com"
"""Somebody else than okrsync's account."""


def rename_tab(book: Book, tab: GridTab, title: str) -> None:
    """Rename a tab, and adjust formulas."""
    former, tab.title = tab.title, title
    rewrite(book, lambda formula, _: renamed(formula, former, title))


def delete_tab(book: Book, tab: GridTab) -> None:
    """Delete a tab; references to it become #REF!."""
    book.tabs.remove(tab)
    rewrite(book, lambda formula, _: without_tab(formula, tab.title))


def protect(tab: GridTab, top: int | None, left: int | None, bottom: int | None, right: int | None) -> None:
    """Protect cells, half-open, None for no end, so that only `OWNER` may edit them."""
    span = [top, left, bottom, right]
    number = 77 + len(tab.protected)
    tab.protected.append({"protectedRangeId": number, "range": span, "editors": {"users": [OWNER]}})


def renamed(formula: str, title: str, other: str) -> str:
    """A formula after a tab was renamed."""
    return "=" + "".join(_with_tab(formula, title, quoted(other) + "!"))


def without_tab(formula: str, title: str) -> str:
    """A formula after a tab was deleted: its references become #REF!."""
    return "=" + "".join(_with_tab(formula, title, "#REF!"))


def _with_tab(formula: str, title: str, instead: str) -> Iterator[str]:
    for kind, text in tokens(formula):
        yield instead if kind == "tab" and title_of(text) == title else text
