"""Admin API `/_sandbox/sheets/...`: simulate manual edits of a sheet, and view it in a browser.

`GET /` and `GET /spreadsheets/{id}` are pages, `GET /spreadsheets/{id}/values` is JSON. `POST /spreadsheets/{id}/`
`cells` {"range": "OKRs!E5", "value": 3}, `sort` {"tab", "column": "A", "from_row": 3, "descending"}, `insert-rows` and
`delete-rows` {"tab", "row": 5, "count": 1}. Rows count from 1.
"""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.grids.a1 import column_of, letters
from connectors.sandbox.google_sheets.book import Book, GridTab, Refusal, enter
from connectors.sandbox.google_sheets.formulas import Shown
from connectors.sandbox.google_sheets.moves import delete_dimension, insert_dimension, sort_rows
from connectors.sandbox.google_sheets.shown_text import formatted
from connectors.sandbox.google_sheets.values import dump_values
from connectors.sandbox.server import Request, Response

_PATH = re.compile(r"/spreadsheets/([^/]+)(?:/([a-z-]+))?")
_STYLE = "body{font:14px sans-serif}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:2px 8px}"


def administer(books: Mapping[str, Book], request: Request) -> Response:
    """Answer one admin request."""
    if request.method == "GET" and request.path in ("", "/"):
        return _page("okrsync sandbox: spreadsheets", "".join(map(_book_html, books.values())))
    match = _PATH.fullmatch(request.path)
    book = books.get(match[1]) if match else None
    if match is None or book is None:
        return Response(404, {"message": "use /spreadsheets/{id}; there are " + ", ".join(books)})
    if request.method == "GET" and match[2] is None:
        return _page(book.title, _book_html(book))
    if request.method == "POST" and match[2] in _ACTIONS:
        try:
            _ACTIONS[match[2]](book, request.json())
        except (Refusal, KeyError, TypeError, ValueError) as exc:
            return Response(400, {"message": f"{type(exc).__name__}: {exc}"})
    elif (request.method, match[2]) != ("GET", "values"):
        return Response(404, {"message": "GET values, or POST one of " + ", ".join(_ACTIONS)})
    return Response(200, dump_values(book))


def _named(book: Book, body: Mapping[str, Any]) -> GridTab:
    return next((tab for tab in book.tabs if tab.title == body["tab"]), None) or _no_tab(book, body["tab"])


def _no_tab(book: Book, title: str) -> GridTab:
    raise Refusal(f"no tab {title!r}; there are {', '.join(tab.title for tab in book.tabs)}")


def _cells(book: Book, body: Mapping[str, Any]) -> None:
    tab, box, _ = book.find(body["range"])
    for row in range(box[0], box[2]):
        for column in range(box[1], box[3]):
            enter(tab, row, column, body["value"])


def _sort(book: Book, body: Mapping[str, Any]) -> None:
    tab = _named(book, body)
    last = max((row for row, _, _ in tab.used((0, 0, tab.rows, tab.columns))), default=0) + 1
    box = (int(body["from_row"]) - 1, 0, last, tab.columns)
    sort_rows(tab, box, [(column_of(body["column"]), bool(body.get("descending")))])


def _rows(body: Mapping[str, Any]) -> tuple[int, int]:
    first = int(body["row"]) - 1
    return first, first + int(body.get("count", 1))


def _insert(book: Book, body: Mapping[str, Any]) -> None:
    insert_dimension(book, _named(book, body), "ROWS", _rows(body), inherit=_rows(body)[0] > 0)


def _delete(book: Book, body: Mapping[str, Any]) -> None:
    delete_dimension(book, _named(book, body), "ROWS", _rows(body))


_ACTIONS: dict[str, Callable[[Book, Mapping[str, Any]], None]] = {
    "cells": _cells,
    "sort": _sort,
    "insert-rows": _insert,
    "delete-rows": _delete,
}


def _page(title: str, body: str) -> Response:
    text = (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(title)}</h1>{body}"
    )
    return Response(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _book_html(book: Book) -> str:
    tabs = "".join(
        f"<h3>{html.escape(tab.title)}{' (hidden)' if tab.hidden else ''}</h3>{_tab_html(book, tab)}"
        for tab in book.tabs
    )
    return f"<h2>{html.escape(book.title)} <small>{html.escape(book.id)}</small></h2>{tabs}"


def _tab_html(book: Book, tab: GridTab) -> str:
    values = Shown(book)
    shown = {
        (row, column): formatted(book, values.value(tab, row, column), cell.number_format)
        for row, column, cell in tab.used((0, 0, tab.rows, tab.columns))
    }
    rows = max((row for (row, _), text in shown.items() if text), default=-1) + 1
    columns = max((column for (_, column), text in shown.items() if text), default=-1) + 1
    head = "".join(f"<th>{letters(column)}</th>" for column in range(columns))
    body = "".join(
        f"<tr><th>{row + 1}</th>"
        + "".join(
            f"<td{_style(tab, row, column)}>{html.escape(shown.get((row, column), ''))}</td>"
            for column in range(columns)
        )
        for row in range(rows)
    )
    return f"<table><tr><th></th>{head}</tr>{body}</table>"


def _style(tab: GridTab, row: int, column: int) -> str:
    """Return the style attribute of a cell: background, bold, link; conditional formats are not evaluated."""
    look = tab.cells[row, column].look if (row, column) in tab.cells else {}
    colour = look.get("backgroundColor", {})
    shares = [round(255 * float(colour.get(name, 0))) for name in ("red", "green", "blue")]
    found = [f"background:rgb({','.join(map(str, shares))})"] if colour else []
    text = look.get("textFormat", {})
    found += ["font-weight:bold"] if text.get("bold") else []
    found += ["text-decoration:underline"] if text.get("link") else []
    return f' style="{";".join(found)}"' if found else ""
