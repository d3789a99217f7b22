"""Formatting requests of the sandbox: sizes and groups of rows and columns, conditional formats, charts."""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.google_sheets.book import Book, GridTab, Refusal
from connectors.sandbox.google_sheets.formula_text import Dimension
from connectors.sandbox.google_sheets.ranges import box_of, only


def set_size(book: Book, body: Mapping[str, Any], _user: str) -> None:
    """Execute `updateDimensionProperties` for the width of columns or the height of rows. Raises Refusal."""
    only(body, "range", "properties", "fields")
    only(body["properties"], "pixelSize")
    if body["fields"] != "pixelSize":
        raise Refusal("the sandbox sets the pixelSize only")
    tab, dimension, first, end = _span(book, body["range"])
    sizes = tab.widths if dimension == "COLUMNS" else tab.heights
    sizes.append([first, end, body["properties"]["pixelSize"]])


def add_group(book: Book, body: Mapping[str, Any], _user: str) -> dict[str, Any]:
    """Execute `addDimensionGroup`; groups may contain each other, and otherwise not overlap. Raises Refusal."""
    only(body, "range")
    tab, dimension, first, end = _span(book, body["range"])
    mine = [group for group in tab.groups if group["range"]["dimension"] == dimension]
    for group in mine:
        other = group["range"]["startIndex"], group["range"]["endIndex"]
        inside = (other[0] <= first and end <= other[1]) or (first <= other[0] and other[1] <= end)
        if other == (first, end) or (first < other[1] and other[0] < end and not inside):
            raise Refusal("the sandbox refuses a group that overlaps another one, or is there already")
        group["depth"] += int(first <= other[0] and other[1] <= end)
    depth = 1 + sum(group["range"]["startIndex"] <= first and end <= group["range"]["endIndex"] for group in mine)
    span = {"sheetId": tab.sheet_id, "dimension": dimension, "startIndex": first, "endIndex": end}
    tab.groups.append({"range": span, "depth": depth, "collapsed": False})
    groups = [group for group in tab.groups if group["range"]["dimension"] == dimension]
    return {"addDimensionGroup": {"dimensionGroups": groups}}


def update_group(book: Book, body: Mapping[str, Any], _user: str) -> None:
    """Execute `updateDimensionGroup`: fold or unfold the group of this range and depth. Raises Refusal."""
    only(body, "dimensionGroup", "fields")
    stated = body["dimensionGroup"]
    only(stated, "range", "depth", "collapsed")
    if body["fields"] not in ("collapsed", "*"):
        raise Refusal(f"Invalid field: {body['fields']}")
    tab, dimension, first, end = _span(book, stated["range"])
    for group in tab.groups:
        found = group["range"]["dimension"], group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]
        if found == (dimension, first, end, stated["depth"]):
            group["collapsed"] = bool(stated.get("collapsed"))
            return
    raise Refusal("there is no dimension group of this range and depth")


def _span(book: Book, span: Mapping[str, Any]) -> tuple[GridTab, Dimension, int, int]:
    only(span, "sheetId", "dimension", "startIndex", "endIndex")
    tab, dimension = book.tab(span.get("sheetId", 0)), span.get("dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise Refusal("range.dimension must be ROWS or COLUMNS")
    size = tab.rows if dimension == "ROWS" else tab.columns
    if not 0 <= span.get("startIndex", 0) < span["endIndex"] <= size:
        raise Refusal(f"range ends at [{span['endIndex']}], beyond the grid of {size} {dimension.lower()}")
    return tab, dimension, span.get("startIndex", 0), span["endIndex"]


def add_rule(book: Book, body: Mapping[str, Any], _user: str) -> None:
    """Execute `addConditionalFormatRule` with a boolean rule. Raises Refusal."""
    only(body, "rule", "index")
    rule = body["rule"]
    only(rule, "ranges", "booleanRule")
    only(rule["booleanRule"], "condition", "format")
    only(rule["booleanRule"]["condition"], "type", "values")
    only(rule["booleanRule"]["format"], "backgroundColor", "textFormat")
    only(rule["booleanRule"]["format"].get("textFormat", {}), "bold", "italic", "strikethrough", "foregroundColor")
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
