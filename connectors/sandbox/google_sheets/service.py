"""Google Sheets API v4 as far as okrsync uses it, with a token endpoint. Anything else is refused, never ignored.

`/token` issues access tokens, `/v4/spreadsheets/...` is the API. The admin API is in `admin.py`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from connectors.sandbox.google_sheets.admin import administer
from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, Refusal
from connectors.sandbox.google_sheets.limits import Limits
from connectors.sandbox.google_sheets.mask import (
    SPREADSHEET,
    UPDATED,
    VALUE_RANGES,
    Mask,
    cells_of,
    cut,
    parse_mask,
    resource,
)
from connectors.sandbox.google_sheets.tokens import EMAIL, READ_ONLY, READ_WRITE, Tokens
from connectors.sandbox.google_sheets.updates import apply_all
from connectors.sandbox.google_sheets.values import render_options, value_range
from connectors.sandbox.server import Request, Response

_PATH = re.compile(r"/v4/spreadsheets/(?P<id>[^/:]+)(?P<rest>.*)", re.DOTALL)
_BATCH_KEYS = {"requests", "includeSpreadsheetInResponse", "responseRanges", "responseIncludeGridData"}
_GET_KEYS = {"ranges", "fields", "includeGridData", "alt", "prettyPrint"}


class SheetsService:
    """The service `sheets`. Tests and samples may change `books` while it runs; `limits` are Google's, if any."""

    name = "sheets"

    def __init__(self, *books: Book) -> None:
        self.books = {book.id: book for book in books}
        self.tokens = Tokens()
        self.limits: Limits | None = None

    def service_account_info(self, base_url: str) -> dict[str, str]:
        """Return a key file for this service; `base_url` is the service's address."""
        return self.tokens.service_account_info(base_url)

    def handle(self, request: Request) -> Response:
        """Answer a client's request."""
        if (request.method, request.path) == ("POST", "/token"):
            return self.tokens.grant(request)
        try:
            return self._api(request)
        except Refusal as refusal:
            return Response(refusal.code, refusal.body)

    def admin(self, request: Request) -> Response:
        """Answer `/_sandbox/sheets/...`."""
        return administer(self.books, request)

    def dump(self) -> dict[str, Any]:
        """Return all spreadsheets and the private key, so that key files stay valid after `load`."""
        return {"key": self.tokens.pem, "books": [_dumped(book) for book in self.books.values()]}

    def load(self, state: Mapping[str, Any]) -> None:
        """Restore the state from `dump`."""
        self.tokens.pem = state["key"]
        self.books = {book.id: book for book in map(_loaded, state["books"])}

    def _api(self, request: Request) -> Response:
        scopes = self.tokens.scopes(request.headers.get("authorization", ""))
        if scopes is None:
            raise Refusal(
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                "valid authentication credential.",
                code=401,
                status="UNAUTHENTICATED",
            )
        match = _PATH.fullmatch(request.path)
        if match is None:
            raise Refusal("Not Found", code=404, status="NOT_FOUND")
        route = (request.method, match["rest"])
        writes = route == ("POST", ":batchUpdate")
        if READ_WRITE not in scopes and (writes or READ_ONLY not in scopes):
            raise Refusal(
                "Request had insufficient authentication scopes.",
                code=403,
                status="PERMISSION_DENIED",
                reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            )
        if self.limits:
            self.limits.spend("Write" if writes else "Read")
        book = self._book(match["id"])
        if writes:
            return self._batch_update(book, request)
        if route == ("GET", ""):
            return self._get(book, request)
        if route == ("GET", "/values:batchGet"):
            return _batch_get(book, request)
        if request.method == "GET" and match["rest"].startswith("/values/"):
            return Response(200, value_range(book, match["rest"].removeprefix("/values/"), render_options(request)))
        raise Refusal(f"the sandbox does not implement {request.method} {request.path}", code=400)

    def _book(self, book_id: str) -> Book:
        book = self.books.get(book_id)
        if book is None:
            raise Refusal("Requested entity was not found.", code=404, status="NOT_FOUND")
        if not book.shared:
            raise Refusal("The caller does not have permission", code=403, status="PERMISSION_DENIED")
        return book

    def _get(self, book: Book, request: Request) -> Response:
        """Answer `spreadsheets.get`; with a field mask, `includeGridData` is ignored, as by Google."""
        if wrong := set(request.query) - _GET_KEYS:
            raise Refusal(f'Invalid JSON payload received. Unknown name "{min(wrong)}": Cannot bind query parameter.')
        mask = parse_mask(request.first("fields"), SPREADSHEET) if request.first("fields") else {}
        cells = cells_of(mask) if mask or request.first("includeGridData") == "true" else None
        return Response(200, cut(self._resource(book, request, request.query.get("ranges", ()), cells), mask))

    def _resource(self, book: Book, request: Request, ranges: Any, cells: Mask | None) -> dict[str, Any]:
        url = f"{request.base_url.rpartition('/')[0]}/_sandbox/{self.name}/spreadsheets/{book.id}"
        return resource(book, ranges, url=url, user=EMAIL, cells=cells)

    def _batch_update(self, book: Book, request: Request) -> Response:
        try:
            body = json.loads(request.body, parse_constant=_no_constant)
        except ValueError as exc:
            raise Refusal(f"Invalid JSON payload received. {exc}") from None
        if wrong := set(body) - _BATCH_KEYS:
            raise Refusal(f'Invalid JSON payload received. Unknown name "{min(wrong)}": Cannot find field.')
        if not body.get("requests"):
            raise Refusal("Must specify at least one request.")
        mask = parse_mask(request.first("fields"), UPDATED) if request.first("fields") else {}
        changed, replies = apply_all(book, body["requests"], EMAIL)
        answer: dict[str, Any] = {"spreadsheetId": book.id, "replies": replies}
        if body.get("includeSpreadsheetInResponse"):
            shown = mask or body.get("responseIncludeGridData")
            cells = cells_of(mask.get("updatedSpreadsheet", {})) if shown else None
            answer["updatedSpreadsheet"] = self._resource(changed, request, body.get("responseRanges", ()), cells)
        self.books[book.id] = changed
        return Response(200, cut(answer, mask))


def _batch_get(book: Book, request: Request) -> Response:
    options = render_options(request)
    found = [value_range(book, text, options) for text in request.query.get("ranges", ())]
    mask = parse_mask(request.first("fields"), VALUE_RANGES) if request.first("fields") else {}
    return Response(200, cut({"spreadsheetId": book.id, "valueRanges": found}, mask))


def _no_constant(name: str) -> Any:
    raise ValueError(f"Unexpected token. {name}")


_KEPT = ("protected", "frozen_columns", "rules", "charts", "widths", "heights", "groups")


def _dumped(book: Book) -> dict[str, Any]:
    tabs = []
    for tab in book.tabs:
        cells = [[row, column, asdict(cell)] for (row, column), cell in sorted(tab.cells.items()) if not cell.blank]
        rest = {name: getattr(tab, name) for name in ("sheet_id", "title", "rows", "columns", "hidden", "frozen_rows")}
        rest |= {name: getattr(tab, name) for name in _KEPT}
        tabs.append({**rest, "cells": cells, "merges": [list(box) for box in tab.merges]})
    names = ("id", "title", "locale", "time_zone", "shared")
    return {**{name: getattr(book, name) for name in names}, "tabs": tabs}


def _loaded(state: Mapping[str, Any]) -> Book:
    tabs = []
    for tab in state["tabs"]:
        cells = {(row, column): GridCell(**cell) for row, column, cell in tab["cells"]}
        merges = [(top, left, bottom, right) for top, left, bottom, right in tab["merges"]]
        tabs.append(GridTab(**{**tab, "cells": cells, "merges": merges}))
    return Book(**{**state, "tabs": tabs})
