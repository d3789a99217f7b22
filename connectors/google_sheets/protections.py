"""Find the protected ranges that keep Google from applying a batch of requests; its error names none of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.message import Message
from connectors.google_sheets.image import GRID_RANGE, WITHOUT_END, is_locked, span_of
from connectors.grids.a1 import letters

FIELDS = (
    "sheets(properties(sheetId,title),"
    f"protectedRanges(range({GRID_RANGE}),unprotectedRanges({GRID_RANGE}),warningOnly,requestingUserCanEdit))"
)
"""Field mask of the read that `protected_against` needs."""

_Box = tuple[int, int, int, int]
"""Top, left, bottom and right, half-open, from 0."""


def protected_against(spreadsheet: Mapping[str, Any], requests: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the tabs and ranges that the account may not edit and that a batch would change."""
    boxes = list(_boxes(requests))
    names: dict[str, None] = {}
    for sheet in spreadsheet["sheets"]:
        properties = sheet["properties"]
        mine = [box for sheet_id, box in boxes if sheet_id == properties.get("sheetId", 0)]
        for one in filter(is_locked, sheet.get("protectedRanges", ())):
            span, free = span_of(one.get("range", {})), [span_of(part) for part in one.get("unprotectedRanges", ())]
            if any(_meet(span, box) and not any(_holds(part, box) for part in free) for box in mine):
                names[_name(str(properties["title"]), span)] = None
    return list(names)


def _boxes(requests: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, _Box]]:
    """Yield sheet id and box of what requests change, as they were before the batch; cells of new rows were nowhere."""
    inserted: dict[int, list[tuple[int, int]]] = {}
    for kind, body in (pair for request in requests for pair in request.items()):
        if kind == "updateCells":
            start = body["start"]
            for row, written in enumerate(body["rows"], start["rowIndex"]):
                before, left = _before(row, inserted.get(start["sheetId"], ())), start["columnIndex"]
                if before is not None:
                    yield start["sheetId"], (before, left, before + 1, left + len(written["values"]))
        elif kind == "insertDimension" and body["range"]["dimension"] == "ROWS":
            span = body["range"]
            inserted.setdefault(span["sheetId"], []).append((span["startIndex"], span["endIndex"] - span["startIndex"]))
            yield span["sheetId"], (span["startIndex"], 0, span["startIndex"] + 1, WITHOUT_END)


def _before(row: int, inserted: Sequence[tuple[int, int]]) -> int | None:
    for first, count in reversed(inserted):
        if row >= first + count:
            row -= count
        elif row >= first:
            return None
    return row


def _meet(one: _Box, other: _Box) -> bool:
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(one[3], other[3])


def _holds(one: _Box, other: _Box) -> bool:
    return one[0] <= other[0] and one[1] <= other[1] and other[2] <= one[2] and other[3] <= one[3]


def _name(title: str, span: _Box) -> str:
    """Format a range as `OKRs!C3:D9`, or as its tab where it has no ends."""
    top, left, bottom, right = span
    if (bottom, right) == (WITHOUT_END, WITHOUT_END):
        return Message("the tab {tab}", tab=title)
    all_rows, all_columns = (top, bottom) == (0, WITHOUT_END), (left, right) == (0, WITHOUT_END)
    first = f"{'' if all_columns else letters(left)}{'' if all_rows else top + 1}"
    last = f"{'' if right == WITHOUT_END else letters(right - 1)}{'' if bottom == WITHOUT_END else bottom}"
    return f"{title}!{first}" if first == last and not (all_rows or all_columns) else f"{title}!{first}:{last}"
