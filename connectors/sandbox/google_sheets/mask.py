"""Field masks (`sheets(properties(title),data.rowData.values)`) and the spreadsheet resource they apply to."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, Refusal
from connectors.sandbox.google_sheets.formulas import Shown
from connectors.sandbox.google_sheets.shown_text import formatted

Mask = dict[str, Any]
"""Field names with the masks below them; an empty mask is the whole field."""

_VALUE: Mask = {name: {} for name in ("numberValue", "stringValue", "boolValue", "formulaValue", "errorValue")}
_VALUE["errorValue"] = {"type": {}, "message": {}}
_FORMAT: Mask = {"numberFormat": {"type": {}, "pattern": {}}}
_RANGE: Mask = {name: {} for name in ("sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")}
_CELL: Mask = {
    "userEnteredValue": _VALUE,
    "effectiveValue": _VALUE,
    "formattedValue": {},
    "userEnteredFormat": _FORMAT,
    "effectiveFormat": _FORMAT,
    "dataValidation": {},
}
_PROPERTIES: Mask = {name: {} for name in ("sheetId", "title", "index", "sheetType", "hidden", "gridProperties")}
_PROPERTIES["gridProperties"] = {"rowCount": {}, "columnCount": {}, "frozenRowCount": {}, "frozenColumnCount": {}}
_PROTECTED: Mask = {
    name: {} for name in ("protectedRangeId", "range", "description", "warningOnly", "requestingUserCanEdit", "editors")
}
_PROTECTED |= {"range": _RANGE, "unprotectedRanges": _RANGE, "editors": {"users": {}}}
_SHEET: Mask = {
    "properties": _PROPERTIES,
    "merges": _RANGE,
    "protectedRanges": _PROTECTED,
    "data": {"startRow": {}, "startColumn": {}, "rowData": {"values": _CELL}},
}
SPREADSHEET: Mask = {
    "spreadsheetId": {},
    "spreadsheetUrl": {},
    "properties": {"title": {}, "locale": {}, "timeZone": {}},
    "sheets": _SHEET,
}
UPDATED: Mask = {"spreadsheetId": {}, "replies": {}, "updatedSpreadsheet": SPREADSHEET}
VALUE_RANGES: Mask = {"spreadsheetId": {}, "valueRanges": {"range": {}, "majorDimension": {}, "values": {}}}
_LOOKS = ("backgroundColor", "backgroundColorStyle", "horizontalAlignment", "verticalAlignment", "wrapStrategy")
_TEXT: Mask = {name: {} for name in ("bold", "italic", "foregroundColor", "foregroundColorStyle", "fontSize", "link")}
CELL_UPDATE: Mask = {
    "userEnteredValue": {},
    "userEnteredFormat": {"numberFormat": {}, "textFormat": _TEXT, **{name: {} for name in _LOOKS}},
    "dataValidation": {},
}


def parse_mask(text: str, known: Mask) -> Mask:
    """Parse a field mask. `*` means all fields. Raises Refusal for a field unknown to the sandbox."""
    mask, rest = _parse(text, known)
    if rest:
        _refuse(text)
    return mask


def _parse(text: str, known: Mask) -> tuple[Mask, str]:
    mask: Mask = {}
    while True:
        text = _path(text, known, mask)
        if not text.startswith(","):
            return mask, text
        text = text[1:]


def _path(text: str, known: Mask, mask: Mask) -> str:
    """Parse one path such as `a.b/c(d,e)` into the mask; return the remaining text."""
    end = next((place for place, letter in enumerate(text) if letter in ",./()"), len(text))
    name, rest = text[:end].strip(), text[end:]
    if name == "*":
        mask.update({field: {} for field in known})
        return rest
    if name not in known:
        _refuse(name)
    if rest[:1] in (".", "/"):
        return _path(rest[1:], known[name], mask.setdefault(name, {}))
    if rest[:1] == "(":
        below, rest = _parse(rest[1:], known[name])
        if not rest.startswith(")"):
            _refuse(text)
        mask.setdefault(name, {}).update(below)
        return rest[1:]
    mask[name] = {}
    return rest


def _refuse(field: str) -> NoReturn:
    raise Refusal(f"Request contains an invalid argument. Invalid field mask: {field or 'empty field'}")


def cut(value: Any, mask: Mask) -> Any:
    """Reduce a value to the fields of a mask."""
    if not mask:
        return value
    if isinstance(value, dict):
        return {
            key: cut(below, mask[key]) if mask[key] and isinstance(below, (dict, list)) else below
            for key, below in value.items()
            if key in mask
        }
    return [cut(below, mask) for below in value] if isinstance(value, list) else value


def cells_of(mask: Mask) -> Mask:
    """Return the mask of cells in the mask of a spreadsheet."""
    for name in ("sheets", "data", "rowData", "values"):
        mask = mask.get(name, {})
    return mask


def resource(book: Book, ranges: Sequence[str], *, url: str, user: str, cells: Mask | None) -> dict[str, Any]:
    """Build the Spreadsheet resource; with ranges, only their tabs and cells. Raises Refusal.

    `cells` is the mask of cells, whose formatted values are left out unless it has them; None for no cells.
    """
    boxes: dict[int, list[tuple[int, int, int, int]]] = {}
    for text in ranges:
        tab, box, _ = book.find(text)
        boxes.setdefault(tab.sheet_id, []).append(box)
    sheets, shown = [], Shown(book)
    for index, tab in enumerate(book.tabs):
        if ranges and tab.sheet_id not in boxes:
            continue
        sheet: dict[str, Any] = {"properties": tab.properties(index)}
        if cells is not None:
            wanted = boxes.get(tab.sheet_id) or [(0, 0, tab.rows, tab.columns)]
            sheet["data"] = [_grid_data(tab, box, shown, cells) for box in wanted]
        if tab.merges:
            sheet["merges"] = [grid_range(tab, box) for box in tab.merges]
        if tab.protected:
            sheet["protectedRanges"] = [shown_protection(tab, one, user) for one in tab.protected]
        sheets.append(sheet)
    properties = {"title": book.title, "locale": book.locale, "timeZone": book.time_zone}
    return {"spreadsheetId": book.id, "properties": properties, "sheets": sheets, "spreadsheetUrl": url}


def grid_range(tab: GridTab, box: Sequence[int | None]) -> dict[str, int]:
    """Build a GridRange; the sheet id 0 and open ends are omitted."""
    names = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")
    found = {name: value for name, value in zip(names, box, strict=True) if value is not None}
    return {"sheetId": tab.sheet_id, **found} if tab.sheet_id else found


def shown_protection(tab: GridTab, one: Mapping[str, Any], user: str) -> dict[str, Any]:
    """Build a ProtectedRange as seen by a user."""
    found = {**one, "range": grid_range(tab, one["range"])}
    if one.get("unprotectedRanges"):
        found["unprotectedRanges"] = [grid_range(tab, box) for box in one["unprotectedRanges"]]
    return {**found, "requestingUserCanEdit": True} if user in one["editors"]["users"] else found


def _grid_data(tab: GridTab, box: tuple[int, int, int, int], shown: Shown, cells: Mask) -> dict[str, Any]:
    top, left, _, _ = box
    rows: list[dict[str, Any]] = []
    for row, column, cell in tab.used(box):
        while len(rows) <= row - top:
            rows.append({})
        values = rows[row - top].setdefault("values", [])
        while len(values) < column - left:
            values.append({})
        value = shown.value(tab, row, column)
        data = _cell_data(cell, value)
        if value and (not cells or "formattedValue" in cells):
            data["formattedValue"] = formatted(shown.book, value, cell.number_format)
        values.append(data)
    start = {"startRow": top} if top else {}
    return start | ({"startColumn": left} if left else {}) | ({"rowData": rows} if rows else {})


def _cell_data(cell: GridCell, shown: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if cell.entered:
        data["userEnteredValue"] = cell.entered
    if shown:
        data["effectiveValue"] = shown
    if cell.number_format:
        data["userEnteredFormat"] = data["effectiveFormat"] = {"numberFormat": cell.number_format}
    if cell.validation:
        data["dataValidation"] = cell.validation
    return data
