"""Formatting requests of the sandbox: column widths, conditional formats, charts."""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.google_sheets.book import Book, Refusal
from connectors.sandbox.google_sheets.ranges import box_of, only


def set_width(book: Book, body: Mapping[str, Any], _user: str) -> None:
    """Execute `updateDimensionProperties` for the width of columns. Raises Refusal."""
    only(body, "range", "properties", "fields")
    span = body["range"]
    only(span, "sheetId", "dimension", "startIndex", "endIndex")
    only(body["properties"], "pixelSize")
    tab = book.tab(span.get("sheetId", 0))
    if span.get("dimension") != "COLUMNS" or body["fields"] != "pixelSize":
        raise Refusal("the sandbox sets the pixelSize of COLUMNS only")
    if not 0 <= span.get("startIndex", 0) < span["endIndex"] <= tab.columns:
        raise Refusal(f"range ends at [{span['endIndex']}], beyond the grid of {tab.columns} columns")
    tab.widths.append([span.get("startIndex", 0), span["endIndex"], body["properties"]["pixelSize"]])


def add_rule(book: Book, body: Mapping[str, Any], _user: str) -> None:
    """Execute `addConditionalFormatRule` with a boolean rule. Raises Refusal."""
    only(body, "rule", "index")
    rule = body["rule"]
    only(rule, "ranges", "booleanRule")
    only(rule["booleanRule"], "condition", "format")
    only(rule["booleanRule"]["condition"], "type", "values")
    tabs = {id(tab): tab for tab, _ in (box_of(book, span) for span in rule["ranges"])}
    if len(tabs) != 1:
        raise Refusal("All ranges of a rule must be on the same sheet.")
    next(iter(tabs.values())).rules.insert(body.get("index", 0), dict(rule))


def add_chart(book: Book, body: Mapping[str, Any], _user: str) -> dict[str, Any]:
    """Execute `addChart` with a basic chart over cells. Raises Refusal."""
    only(body, "chart")
    chart = body["chart"]
    only(chart, "spec", "position")
    only(chart["spec"], "title", "basicChart")
    basic = chart["spec"]["basicChart"]
    only(basic, "chartType", "stackedType", "legendPosition", "headerCount", "domains", "series", "axis")
    parts = [one["domain"] for one in basic["domains"]] + [one["series"] for one in basic["series"]]
    for part in parts:
        for span in part["sourceRange"]["sources"]:
            _, (top, left, bottom, right) = box_of(book, span)
            if 1 not in (right - left, bottom - top):
                raise Refusal("Domain and series ranges must be one column or one row.")
    place = chart["position"]["overlayPosition"]
    only(place, "anchorCell", "widthPixels", "heightPixels")
    anchor = place["anchorCell"]
    only(anchor, "sheetId", "rowIndex", "columnIndex")
    tab = book.tab(anchor.get("sheetId", 0))
    if anchor.get("rowIndex", 0) >= tab.rows or anchor.get("columnIndex", 0) >= tab.columns:
        raise Refusal("The anchor of a chart lies beyond the grid.")
    one = {"chartId": 1 + sum(len(tab.charts) for tab in book.tabs), **chart}
    tab.charts.append(one)
    return {"addChart": {"chart": one}}
