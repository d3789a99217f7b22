"""Convert the format of a new tab to requests of `spreadsheets.batchUpdate`. Pure functions.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.grids.a1 import letters
from connectors.okr_sheet import TabChart, TabColumn, TabFormat

_PIXELS = 7
"""Width of a digit in pixels at the default font size; column widths are in digits."""


def dressing(look: TabFormat, sheet_id: int, ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield the requests for one tab; `ids` are the sheet ids by title, for charts."""
    yield _frozen(sheet_id)
    yield _heads_stay(look, sheet_id)
    head = {"textFormat": {"bold": True}, "verticalAlignment": "MIDDLE", "wrapStrategy": "WRAP"}
    yield _repeat(_area(sheet_id, 0, 1, 0, len(look.columns)), head)
    for row in look.bold_rows:
        shown = {"backgroundColor": _colour(look.bold_colour), "textFormat": {"bold": True}}
        yield _repeat(_area(sheet_id, row, row + 1, 0, len(look.columns)), shown)
    for index, column in enumerate(look.columns):
        yield from _column(look, sheet_id, index, column)
    for index, top, bottom, pattern in look.formats:
        shape = {"type": "PERCENT" if pattern.endswith("%") else "NUMBER", "pattern": pattern}
        yield _repeat(_area(sheet_id, top, bottom, index, index + 1), {"numberFormat": shape})
    for chart in look.charts:
        yield _chart(chart, sheet_id, ids)


def _frozen(sheet_id: int) -> dict[str, Any]:
    grid = {"frozenRowCount": 1, "frozenColumnCount": 1}
    fields = "gridProperties.frozenRowCount,gridProperties.frozenColumnCount"
    return {"updateSheetProperties": {"properties": {"sheetId": sheet_id, "gridProperties": grid}, "fields": fields}}


def _heads_stay(look: TabFormat, sheet_id: int) -> dict[str, Any]:
    """Protect the headers with a warning on edits, without restricting editors."""
    span = _area(sheet_id, 0, 1, 0, len(look.columns))
    return {
        "addProtectedRange": {
            "protectedRange": {"range": span, "description": look.header_warning, "warningOnly": True}
        }
    }


def _column(look: TabFormat, sheet_id: int, index: int, column: TabColumn) -> Iterator[dict[str, Any]]:
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": index, "endIndex": index + 1}
    size = {"pixelSize": round(column.width * _PIXELS)}
    yield {"updateDimensionProperties": {"range": span, "properties": size, "fields": "pixelSize"}}
    if column.head_colour:
        yield _repeat(_area(sheet_id, 0, 1, index, index + 1), {"backgroundColor": _colour(column.head_colour)})
    body = _area(sheet_id, 1, look.rows, index, index + 1)
    if column.wrap:
        yield _repeat(body, {"wrapStrategy": "WRAP", "verticalAlignment": "TOP"})
    if column.pattern:
        yield _repeat(body, {"numberFormat": {"type": column.kind, "pattern": column.pattern}})
    if column.text_colour:
        yield _repeat(body, {"textFormat": {"foregroundColor": _colour(column.text_colour)}})
    if rule := _validation(column):
        yield {"setDataValidation": {"range": body, "rule": rule}}
    for fill, text, words in column.colours:
        yield {"addConditionalFormatRule": {"rule": _coloured(body, fill, text, words), "index": 0}}


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


def _coloured(body: Mapping[str, int], fill: str, text: str, words: tuple[str, ...]) -> dict[str, Any]:
    first = f"{letters(body['startColumnIndex'])}{body['startRowIndex'] + 1}"
    same = ";".join(f'{first}="{word}"' for word in words)
    shown = {"backgroundColor": _colour(fill), "textFormat": {"foregroundColor": _colour(text)}}
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": f"=OR({same})"}]}
    return {"ranges": [dict(body)], "booleanRule": {"condition": condition, "format": shown}}


def _chart(chart: TabChart, sheet_id: int, ids: Mapping[str, int]) -> dict[str, Any]:
    basic = {"chartType": "BAR", **(_row_bars if chart.of_row else _stacked_bars)(chart, ids[chart.tab])}
    place = {"anchorCell": {"sheetId": sheet_id, "rowIndex": chart.at_row, "columnIndex": chart.at_column}}
    size = {"widthPixels": chart.width, "heightPixels": chart.height}
    spec = {"title": chart.title, "basicChart": basic}
    return {"addChart": {"chart": {"spec": spec, "position": {"overlayPosition": {**place, **size}}}}}


def _stacked_bars(chart: TabChart, source: int) -> dict[str, Any]:
    top, bottom = chart.top, chart.bottom
    series = [
        {
            "series": _part(source, top, bottom, column, column + 1),
            "targetAxis": "BOTTOM_AXIS",
            "color": _colour(colour),
        }
        for column, colour in chart.series
    ]
    return {
        "stackedType": "STACKED",
        "legendPosition": "BOTTOM_LEGEND",
        "headerCount": 1,
        "domains": [{"domain": _part(source, top, bottom, chart.names, chart.names + 1)}],
        "series": series,
    }


def _row_bars(chart: TabChart, source: int) -> dict[str, Any]:
    left, right = chart.series[0][0], chart.series[-1][0] + 1
    colours = [{"index": index, "color": _colour(colour)} for index, (_, colour) in enumerate(chart.series)]
    shown = {"targetAxis": "BOTTOM_AXIS", "dataLabel": {"type": "DATA"}, "styleOverrides": colours}
    window = {"viewWindowMode": "EXPLICIT", "viewWindowMin": 0, "viewWindowMax": 1}
    return {
        "legendPosition": "NO_LEGEND",
        "headerCount": 0,
        "axis": [{"position": "BOTTOM_AXIS", "viewWindowOptions": window}],
        "domains": [{"domain": _part(source, chart.top, chart.top + 1, left, right)}],
        "series": [{"series": _part(source, chart.of_row, chart.of_row + 1, left, right), **shown}],
    }


def _part(source: int, top: int, bottom: int, left: int, right: int) -> dict[str, Any]:
    return {"sourceRange": {"sources": [_area(source, top, bottom, left, right)]}}


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
