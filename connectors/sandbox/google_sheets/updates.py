"""Execute `spreadsheets:batchUpdate` atomically: requests change a copy, which replaces the original at the end."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.google_sheets import tab_format
from connectors.sandbox.google_sheets.book import COLUMNS, ROWS, Book, GridCell, GridTab, Refusal
from connectors.sandbox.google_sheets.formula_text import COMMA_DECIMAL, Dimension, as_entered, tokens
from connectors.sandbox.google_sheets.mask import CELL_UPDATE, grid_range, parse_mask
from connectors.sandbox.google_sheets.moves import delete_dimension, insert_dimension
from connectors.sandbox.google_sheets.ranges import box_of, editable, ends, only

_GRID_PROPERTIES = {"frozenRowCount": "frozen_rows", "frozenColumnCount": "frozen_columns"}


def apply_all(book: Book, requests: Sequence[Any], user: str) -> tuple[Book, list[dict[str, Any]]]:
    """Apply requests to a copy of the book; return the copy and the replies. Raises Refusal; the book never changes."""
    changed = book.copied()
    replies = []
    for number, request in enumerate(requests):
        if not isinstance(request, Mapping) or len(request) != 1:
            raise Refusal(f"Invalid value at 'requests[{number}]': one kind of request is required")
        ((kind, body),) = request.items()
        if kind not in _KINDS:
            raise Refusal(f"Invalid JSON payload received. Unknown name \"{kind}\" at 'requests[{number}]'")
        try:
            replies.append(_KINDS[kind](changed, body, user) or {})
        except Refusal as refusal:
            raise Refusal(f"Invalid requests[{number}].{kind}: {refusal}") from None
        except (KeyError, TypeError, ValueError) as exc:
            raise Refusal(f"Invalid requests[{number}].{kind}: {type(exc).__name__} {exc}") from None
    return changed, replies


def _add_sheet(book: Book, body: Mapping[str, Any], _user: str) -> dict[str, Any]:
    only(body, "properties")
    stated = body.get("properties") or {}
    only(stated, "sheetId", "title", "hidden", "index", "gridProperties", "sheetType")
    grid = stated.get("gridProperties") or {}
    only(grid, "rowCount", "columnCount", "frozenRowCount")
    taken = {tab.sheet_id for tab in book.tabs}
    sheet_id = stated.get("sheetId", max(taken, default=0) + 1)
    title = stated.get("title", f"Sheet{len(book.tabs) + 1}")
    if sheet_id in taken:
        raise Refusal(f"Sheet with ID {sheet_id} already exists. Please enter another ID.")
    if any(tab.title.lower() == title.lower() for tab in book.tabs):
        raise Refusal(f'A sheet with the name "{title}" already exists. Please enter another name.')
    tab = GridTab(sheet_id, title, grid.get("rowCount", ROWS), grid.get("columnCount", COLUMNS))
    tab.hidden, tab.frozen_rows = bool(stated.get("hidden")), grid.get("frozenRowCount", 0)
    book.tabs.insert(stated.get("index", len(book.tabs)), tab)
    return {"addSheet": {"properties": tab.properties(book.tabs.index(tab))}}


def _update_properties(book: Book, body: Mapping[str, Any], _user: str) -> None:
    only(body, "properties", "fields")
    properties = body["properties"]
    tab = book.tab(properties.get("sheetId", 0))
    for field in body["fields"].replace(" ", "").split(","):
        _, _, name = field.partition("gridProperties.")
        if name not in _GRID_PROPERTIES:
            raise Refusal(f"Invalid field: {field}")
        setattr(tab, _GRID_PROPERTIES[name], properties.get("gridProperties", {}).get(name, 0))


def _span_of(book: Book, body: Mapping[str, Any]) -> tuple[GridTab, Dimension, int, int]:
    span = body["range"]
    only(span, "sheetId", "dimension", "startIndex", "endIndex")
    dimension = span.get("dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise Refusal("range.dimension must be ROWS or COLUMNS")
    return book.tab(span.get("sheetId", 0)), dimension, span.get("startIndex", 0), span["endIndex"]


def _insert(book: Book, body: Mapping[str, Any], user: str) -> None:
    only(body, "range", "inheritFromBefore")
    tab, dimension, first, last = _span_of(book, body)
    inherit, size = bool(body.get("inheritFromBefore")), tab.rows if dimension == "ROWS" else tab.columns
    if inherit and first == 0:
        raise Refusal("inheritFromBefore cannot be true if inserting at the first row or column.")
    if not 0 <= first < last or first > size:
        raise Refusal(f"range.startIndex[{first}] is after the last row in the grid[{size}]")
    if dimension == "ROWS":
        editable(tab, (max(first - 1, 0), 0, first + 1, tab.columns), user, across=True)
    insert_dimension(book, tab, dimension, (first, last), inherit=inherit)


def _delete(book: Book, body: Mapping[str, Any], user: str) -> None:
    only(body, "range")
    tab, dimension, first, last = _span_of(book, body)
    if not 0 <= first < last <= (tab.rows if dimension == "ROWS" else tab.columns):
        raise Refusal("Cannot delete a row that doesn't exist.")
    editable(tab, (first, 0, last, tab.columns) if dimension == "ROWS" else (0, first, tab.rows, last), user)
    delete_dimension(book, tab, dimension, (first, last))


def _append(book: Book, body: Mapping[str, Any], _user: str) -> None:
    only(body, "sheetId", "dimension", "length")
    tab = book.tab(body.get("sheetId", 0))
    if body["length"] < 1:
        raise Refusal("length must be greater than zero")
    if body["dimension"] == "ROWS":
        tab.rows += body["length"]
    else:
        tab.columns += body["length"]


def _update_cells(book: Book, body: Mapping[str, Any], user: str) -> None:
    only(body, "rows", "fields", "start", "range")
    mask = parse_mask(body["fields"], CELL_UPDATE)
    rows = [row.get("values", []) for row in body.get("rows", [])]
    if "start" in body:
        start = body["start"]
        only(start, "sheetId", "rowIndex", "columnIndex")
        tab = book.tab(start.get("sheetId", 0))
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        box = top, left, top + len(rows), left + max((len(row) for row in rows), default=0)
    else:
        tab, box = box_of(book, body["range"])
    top, left, bottom, right = box
    if bottom > tab.rows or right > tab.columns:
        raise Refusal(
            f"Attempting to write cell [{bottom - 1}, {right - 1}], beyond [{tab.rows - 1}, {tab.columns - 1}]"
        )
    editable(tab, box, user)
    for row in range(top, bottom):
        values = rows[row - top] if row - top < len(rows) else []
        for column in range(left, right):
            if column - left < len(values) or "range" in body:
                data = values[column - left] if column - left < len(values) else {}
                _put(tab.cell(row, column), data, mask, book.locale)


def _repeat_cell(book: Book, body: Mapping[str, Any], user: str) -> None:
    only(body, "range", "cell", "fields")
    tab, box = box_of(book, body["range"])
    editable(tab, box, user)
    mask = parse_mask(body["fields"], CELL_UPDATE)
    for row in range(box[0], box[2]):
        for column in range(box[1], box[3]):
            _put(tab.cell(row, column), body["cell"], mask, book.locale)


def _put(cell: GridCell, data: Mapping[str, Any], mask: Mapping[str, Any], locale: str) -> None:
    only(data, *CELL_UPDATE)
    if "userEnteredValue" in mask:
        value = data.get("userEnteredValue") or {}
        only(value, "numberValue", "stringValue", "boolValue", "formulaValue")
        if len(value) > 1:
            raise Refusal("a cell holds one value")
        cell.entered, cell.stored = dict(value), {}
        if formula := value.get("formulaValue"):
            if locale in COMMA_DECIMAL and any(token.text == "," for token in tokens(formula)):
                raise Refusal(f"the sandbox refuses a formula with commas in a spreadsheet of {locale}: {formula}")
            cell.entered = {"formulaValue": as_entered(formula, locale)}
    if "userEnteredFormat" in mask:
        _look(cell, data.get("userEnteredFormat") or {}, mask["userEnteredFormat"])
    if "dataValidation" in mask:
        cell.validation = dict(data.get("dataValidation") or {})


def _look(cell: GridCell, stated: Mapping[str, Any], mask: Mapping[str, Any]) -> None:
    """Set the parts of a CellFormat in the mask; an empty mask means all of them."""
    only(stated, *CELL_UPDATE["userEnteredFormat"])
    look = dict(cell.look)
    for name in mask or CELL_UPDATE["userEnteredFormat"]:
        value = stated.get(name)
        if name == "numberFormat":
            cell.number_format = dict(value or {})
        elif mask.get(name):
            only(value or {}, *CELL_UPDATE["userEnteredFormat"][name])
            parts = {**look.get(name, {}), **{part: (value or {}).get(part) for part in mask[name]}}
            look[name] = {part: kept for part, kept in parts.items() if kept is not None}
        else:
            look[name] = value
    cell.look = {name: value for name, value in look.items() if value}


def _protect(book: Book, body: Mapping[str, Any], user: str) -> dict[str, Any]:
    only(body, "protectedRange")
    stated = body["protectedRange"]
    only(stated, "range", "description", "warningOnly", "editors", "unprotectedRanges", "protectedRangeId")
    tab, _ = box_of(book, stated["range"])
    users = list((stated.get("editors") or {}).get("users", []))
    one: dict[str, Any] = {
        "protectedRangeId": stated.get("protectedRangeId") or 1 + sum(len(tab.protected) for tab in book.tabs),
        "range": ends(stated["range"]),
        "editors": {"users": users if user in users else [*users, user]},
    }
    if stated.get("unprotectedRanges"):
        one["unprotectedRanges"] = [ends(span) for span in stated["unprotectedRanges"]]
    one |= {name: stated[name] for name in ("description", "warningOnly") if stated.get(name)}
    tab.protected.append(one)
    return {"addProtectedRange": {"protectedRange": {**one, "range": grid_range(tab, one["range"])}}}


def _validation(book: Book, body: Mapping[str, Any], user: str) -> None:
    only(body, "range", "rule")
    tab, box = box_of(book, body["range"])
    editable(tab, box, user)
    for row in range(box[0], box[2]):
        for column in range(box[1], box[3]):
            tab.cell(row, column).validation = dict(body.get("rule") or {})


_KINDS: dict[str, Callable[[Book, Mapping[str, Any], str], dict[str, Any] | None]] = {
    "addSheet": _add_sheet,
    "updateSheetProperties": _update_properties,
    "insertDimension": _insert,
    "deleteDimension": _delete,
    "appendDimension": _append,
    "updateCells": _update_cells,
    "repeatCell": _repeat_cell,
    "addProtectedRange": _protect,
    "setDataValidation": _validation,
    "addConditionalFormatRule": tab_format.add_rule,
    "addChart": tab_format.add_chart,
    "updateDimensionProperties": tab_format.set_size,
    "addDimensionGroup": tab_format.add_group,
    "updateDimensionGroup": tab_format.update_group,
}
