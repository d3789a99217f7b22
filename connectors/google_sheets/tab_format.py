"""Convert the format of a new tab to requests of `spreadsheets.batchUpdate`. Pure functions.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.grids.a1 import letters
from connectors.okr_sheet import TabChart, TabColumn, TabFormat

_PIXELS = 7
"""Width of a digit in pixels at the default font size; column widths are in digits."""


def dressing(look: TabFormat, sheet_id: int) -> Iterator[dict[str, Any]]:
    """Yield the requests for one tab."""
    yield _frozen(look, sheet_id)
    yield _heads_stay(look, sheet_id)
    head = {"textFormat": {"bold": True}, "verticalAlignment": "MIDDLE", "wrapStrategy": "WRAP"}
    yield _repeat(_area(sheet_id, 0, 1, 0, len(look.columns)), head)
    yield _repeat(_area(sheet_id, 1, look.rows, 0, len(look.columns)), {"verticalAlignment": "MIDDLE"})
    for row in look.bold_rows:
        shown = {"backgroundColor": _colour(look.bold_colour), "textFormat": {"bold": True}}
        yield _repeat(_area(sheet_id, row, row + 1, 0, len(look.columns)), shown)
    for index, column in enumerate(look.columns):
        yield from _column(look, sheet_id, index, column)
    for index, top, bottom, pattern in look.formats:
        shape = {"type": "PERCENT" if pattern.endswith("%") else "NUMBER", "pattern": pattern}
        yield _repeat(_area(sheet_id, top, bottom, index, index + 1), {"numberFormat": shape})
    for top, bottom, pixels in look.row_heights:
        if top < bottom:
            yield _sized(sheet_id, "ROWS", (top, bottom), pixels)
    for index, formula, colour in look.formulas:
        shown = {"textFormat": {"foregroundColor": _colour(colour)}}
        yield _rule(_area(sheet_id, 1, look.rows, index, index + 1), formula, shown)
    if look.folded:
        yield from _folded(sheet_id, look.folded)
    for chart in look.charts:
        yield _chart(chart, sheet_id)


def _frozen(look: TabFormat, sheet_id: int) -> dict[str, Any]:
    grid = {"frozenRowCount": 1, "frozenColumnCount": look.frozen_columns}
    fields = "gridProperties.frozenRowCount,gridProperties.frozenColumnCount"
    return {"updateSheetProperties": {"properties": {"sheetId": sheet_id, "gridProperties": grid}, "fields": fields}}


def _folded(sheet_id: int, columns: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """Group columns, then fold the new group, whose depth is 1 in a new tab."""
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": columns[0], "endIndex": columns[1]}
    yield {"addDimensionGroup": {"range": span}}
    group = {"range": span, "depth": 1, "collapsed": True}
    yield {"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}}


def _sized(sheet_id: int, dimension: str, ends: tuple[int, int], pixels: int) -> dict[str, Any]:
    span = {"sheetId": sheet_id, "dimension": dimension, "startIndex": ends[0], "endIndex": ends[1]}
    return {"updateDimensionProperties": {"range": span, "properties": {"pixelSize": pixels}, "fields": "pixelSize"}}


def _heads_stay(look: TabFormat, sheet_id: int) -> dict[str, Any]:
    """Protect the headers with a warning on edits, without restricting editors."""
    span = _area(sheet_id, 0, 1, 0, len(look.columns))
    return {
        "addProtectedRange": {
            "protectedRange": {"range": span, "description": look.header_warning, "warningOnly": True}
        }
    }


def _column(look: TabFormat, sheet_id: int, index: int, column: TabColumn) -> Iterator[dict[str, Any]]:
    yield _sized(sheet_id, "COLUMNS", (index, index + 1), round(column.width * _PIXELS))
    if column.head_colour:
        yield _repeat(_area(sheet_id, 0, 1, index, index + 1), {"backgroundColor": _colour(column.head_colour)})
    body = _area(sheet_id, 1, look.rows, index, index + 1)
    if column.wrap:
        yield _repeat(body, {"wrapStrategy": "WRAP"})
    if column.centred:
        yield _repeat(body, {"horizontalAlignment": "CENTER", "textFormat": {"bold": True}})
    if column.pattern:
        yield _repeat(body, {"numberFormat": {"type": column.kind, "pattern": column.pattern}})
    if column.text_colour:
        yield _repeat(body, {"textFormat": {"foregroundColor": _colour(column.text_colour)}})
    if rule := _validation(column):
        yield {"setDataValidation": {"range": body, "rule": rule}}
    for fill, text, words in column.colours:
        shown = {"backgroundColor": _colour(fill), "textFormat": {"foregroundColor": _colour(text)}}
        first = f"{letters(index)}2"
        same = ";".join(f'{first}="{word}"' for word in words)
        yield _rule(body, f"OR({same})", shown)


def _validation(column: TabColumn) -> dict[str, Any]:
    if column.choices_from:
        condition = {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": column.choices_from}]}
        return {"condition": condition, "strict": False, "showCustomUi": True}
    if column.choices:
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": text} for text in column.choices]}
        return {"condition": condition, "strict": True, "showCustomUi": True}
    if column.between is not None:
        values = [{"userEnteredValue": str(end)} for end in column.between]
        return {"condition": {"type": "NUMBER_BETWEEN", "values": values}, "strict": True, "inputMessage": column.hint}
    return {}


def _rule(body: Mapping[str, int], formula: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": f"={formula}"}]}
    rule = {"ranges": [dict(body)], "booleanRule": {"condition": condition, "format": dict(shown)}}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def _chart(chart: TabChart, sheet_id: int) -> dict[str, Any]:
    left, right = chart.bars[0][0], chart.bars[-1][0] + 1
    colours = [{"index": index, "color": _colour(colour)} for index, (_, colour) in enumerate(chart.bars)]
    shown = {"targetAxis": "BOTTOM_AXIS", "dataLabel": {"type": "DATA"}, "styleOverrides": colours}
    basic = {
        "chartType": "BAR",
        "legendPosition": "NO_LEGEND",
        "headerCount": 0,
        "domains": [{"domain": _part(sheet_id, 0, left, right)}],
        "series": [{"series": _part(sheet_id, chart.row, left, right), **shown}],
    }
    place = {"anchorCell": {"sheetId": sheet_id, "rowIndex": chart.at_row, "columnIndex": chart.at_column}}
    size = {"widthPixels": chart.width, "heightPixels": chart.height}
    spec = {"title": chart.title, "basicChart": basic}
    return {"addChart": {"chart": {"spec": spec, "position": {"overlayPosition": {**place, **size}}}}}


def _part(sheet_id: int, row: int, left: int, right: int) -> dict[str, Any]:
    return {"sourceRange": {"sources": [_area(sheet_id, row, row + 1, left, right)]}}


def _repeat(span: Mapping[str, int], shown: Mapping[str, Any]) -> dict[str, Any]:
    fields = ",".join(
        f"userEnteredFormat.{name}" + (f".{next(iter(value))}" if name == "textFormat" else "")
        for name, value in shown.items()
    )
    return {"repeatCell": {"range": dict(span), "cell": {"userEnteredFormat": dict(shown)}, "fields": fields}}


def _area(sheet_id: int, top: int, bottom: int, left: int, right: int) -> dict[str, int]:
    return {
        "sheetId": sheet_id, "startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left,
        "endColumnIndex": right,
    }  # fmt: skip


def _colour(code: str) -> dict[str, float]:
    """Convert RRGGBB, such as `8FB4E8`, to shares of red, green and blue from 0 to 1."""
    parts = (int(code[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return {name: round(part, 4) for name, part in zip(("red", "green", "blue"), parts, strict=True)}
