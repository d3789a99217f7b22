"""Sorting and filters of the Google Sheets sandbox.

A filter hides rows from users, not from the API: positions in reads and writes do not change. The sort order of a basic
filter moves the rows below its header; that of a filter view moves nothing (according to the documentation of
`BasicFilter` and `FilterView`; not verified with the live service).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.google_sheets.book import Book, GridTab, Refusal
from connectors.sandbox.google_sheets.mask import shown_filter
from connectors.sandbox.google_sheets.moves import sort_rows
from connectors.sandbox.google_sheets.ranges import box_of, editable, only


def sort_range(book: Book, body: Mapping[str, Any], user: str) -> None:
    """Execute `sortRange`. Raises Refusal."""
    only(body, "range", "sortSpecs")
    tab, box = box_of(book, body["range"])
    editable(tab, box, user)
    sort_rows(tab, box, _keys(body["sortSpecs"]))


def set_basic_filter(book: Book, body: Mapping[str, Any], user: str) -> None:
    """Execute `setBasicFilter`: one per tab, with its header in the first row. Raises Refusal."""
    only(body, "filter")
    stated = body["filter"]
    tab, (top, left, bottom, right) = _stated_range(book, stated, "criteria")
    editable(tab, (top, left, bottom, right), user)
    if stated.get("sortSpecs"):
        sort_rows(tab, (top + 1, left, bottom, right), _keys(stated["sortSpecs"]))
    tab.basic_filter = {**stated, "range": [top, left, bottom, right]}


def clear_basic_filter(book: Book, body: Mapping[str, Any], _user: str) -> None:
    """Execute `clearBasicFilter`. Raises Refusal."""
    only(body, "sheetId")
    book.tab(body.get("sheetId", 0)).basic_filter = None


def add_filter_view(book: Book, body: Mapping[str, Any], _user: str) -> dict[str, Any]:
    """Execute `addFilterView`. Raises Refusal."""
    only(body, "filter")
    stated = body["filter"]
    tab, box = _stated_range(book, stated, "criteria", "title", "filterViewId")
    number = stated.get("filterViewId") or 1 + sum(len(other.filter_views) for other in book.tabs)
    tab.filter_views.append({**stated, "filterViewId": number, "range": list(box)})
    return {"addFilterView": {"filter": shown_filter(tab, tab.filter_views[-1])}}


def _stated_range(book: Book, stated: Mapping[str, Any], *names: str) -> tuple[GridTab, tuple[int, int, int, int]]:
    only(stated, "range", "sortSpecs", *names)
    for criteria in (stated.get("criteria") or {}).values():
        only(criteria, "hiddenValues")
    tab, box = box_of(book, stated["range"])
    if box[0] >= box[2] or box[1] >= box[3]:
        raise Refusal("You can't create a filter over an empty range.")
    return tab, box


def _keys(specs: Sequence[Mapping[str, Any]]) -> list[tuple[int, bool]]:
    for spec in specs:
        only(spec, "dimensionIndex", "sortOrder")
    return [(spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING") for spec in specs]
