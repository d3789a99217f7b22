"""Ranges in requests, and whether a user may edit them."""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.google_sheets.book import Book, GridTab, Refusal

Box = tuple[int, int, int, int]
"""Half-open box, from 0: (top, left, bottom, right)."""

_PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
    "if you need to edit."
)


def only(body: Mapping[str, Any], *names: str) -> None:
    """Check that a request has no other fields than these. Raises Refusal."""
    if wrong := set(body) - set(names):
        raise Refusal(f'Unknown name "{min(wrong)}" (the sandbox knows {", ".join(names)})')


def box_of(book: Book, grid: Mapping[str, Any]) -> tuple[GridTab, Box]:
    """Resolve a GridRange to its tab and box. Raises Refusal."""
    only(grid, "sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    tab = book.tab(grid.get("sheetId", 0))
    bottom, right = grid.get("endRowIndex", tab.rows), grid.get("endColumnIndex", tab.columns)
    if bottom > tab.rows or right > tab.columns:
        raise Refusal(
            f"GridRange ends at [{bottom}, {right}], beyond the grid of {tab.rows} rows, {tab.columns} columns"
        )
    return tab, (grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0), bottom, right)


def ends(span: Mapping[str, int]) -> list[int | None]:
    """Convert a GridRange to top, left, bottom, right; None for an open end."""
    return [span.get(name) for name in ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")]


def editable(tab: GridTab, box: Box, user: str, *, across: bool = False) -> None:
    """Check that no protection covers a box. Raises Refusal.

    `across`: only a protection that covers both rows of the box counts (for an insert).
    """
    for one in tab.protected:
        if one.get("warningOnly") or user in one["editors"]["users"]:
            continue
        top, left, bottom, right = one["range"]
        inside = (
            max(box[0], top or 0) < min(box[2], tab.rows if bottom is None else bottom)
            and max(box[1], left or 0) < min(box[3], tab.columns if right is None else right)
            and not (across and ((top or 0) > box[0] or (bottom is not None and bottom < box[2])))
        )
        free = [(a or 0, b or 0, c or tab.rows, d or tab.columns) for a, b, c, d in one.get("unprotectedRanges", [])]
        if inside and not any(a <= box[0] and b <= box[1] and box[2] <= c and box[3] <= d for a, b, c, d in free):
            raise Refusal(_PROTECTED)
