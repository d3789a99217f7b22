"""Authorised Sheets API client on gspread, without hidden requests or retries; faults are SourceError or SheetError.

Import this module only where a Google connection is opened, since it imports gspread and google-auth.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import gspread
import requests
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL, SPREADSHEET_VALUES_BATCH_URL

from config.errors import SheetError, SourceError, UncertainWriteError
from config.message import Message
from config.models import GoogleSheetsConnection
from connectors.accounts import READ, WRITE
from connectors.bounded_requests import BoundedAdapter, BoundedSession
from connectors.bounds import Bounds
from connectors.google_sheets.auth import DEFAULT_KEY, READ_WRITE, TokenRequests, ca_bundle, log_in, patience_of
from connectors.google_sheets.errors import Account, LostAnswerError, OversizedError, network_error, refused, unreadable
from connectors.http import metered
from connectors.registry import Context

_API = "https://sheets.googleapis.com"


class _RebasedClient(gspread.HTTPClient):
    """gspread's HTTP client at the connection's own address, which does not follow redirects.

    google-auth's session would request tokens implicitly; this client sends the token that was requested before.
    """

    base = _API
    verify: str | None = None
    credentials: Any = None

    def request(self, method: str, endpoint: str, *_: Any, **sent: Any) -> requests.Response:
        """Send one request and return its response, whatever the status."""
        url = self.base + endpoint.removeprefix(_API)
        return self.session.request(method, url, auth=self._sign, verify=self.verify, allow_redirects=False, **sent)

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self.credentials.apply(request.headers)
        return request


class SheetsClient:
    """Client for the API methods that okrsync uses. Thread-safe, with one access token."""

    def __init__(self, name: str, connection: GoogleSheetsConnection, context: Context, *, scope: str) -> None:
        """Load the credentials without sending a request. Raises AuthError, SourceError."""
        self._name = name
        self._writes = scope == READ_WRITE
        self._key = str(connection.service_account or DEFAULT_KEY)
        self._meter = context.meter
        self._confirm_write = context.confirm_write
        self._patience = patience_of(name, connection, context)
        self._login = log_in(name, connection, context, scope)
        self._tokens = TokenRequests(name, connection, context, self._seconds)
        adapter = BoundedAdapter(self._seconds, Bounds(reach=connection.reach), lanes=connection.lanes)
        self._http = _RebasedClient(auth=self._login.credentials, session=BoundedSession(adapter))
        self._http.credentials = self._login.credentials
        self._http.base, self._http.verify = connection.url, ca_bundle(name, connection, context)

    @property
    def account(self) -> Account:
        """The account of the credentials, for advice in errors."""
        email = str(getattr(self._login.credentials, "service_account_email", ""))
        return Account(email if "@" in email else "", self._key, self._writes)

    def get_values(self, spreadsheet: str, ranges: Sequence[str], options: Mapping[str, str]) -> list[dict[str, Any]]:
        """Call `spreadsheets.values.batchGet`; return one ValueRange per range. Raises SourceError."""
        doing = self._doing("reading", spreadsheet)
        params = {**options, "ranges": list(ranges)}
        url = SPREADSHEET_VALUES_BATCH_URL % quote(spreadsheet, safe="")

        def send() -> list[dict[str, Any]]:
            body, response = self._send(doing, "cells", lambda: self._http.request("get", url, params=dict(params)))
            found = body.get("valueRanges")
            if not isinstance(found, list) or len(found) != len(ranges) or not all(map(_is_value_range, found)):
                raise unreadable(doing, response)
            return found

        return self._patience.call(send, doing, READ)

    def get_spreadsheet(self, spreadsheet: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Call `spreadsheets.get`; return a Spreadsheet resource. Raises SourceError."""
        doing = self._doing("reading", spreadsheet)
        url = SPREADSHEET_URL % quote(spreadsheet, safe="")

        def send() -> dict[str, Any]:
            body, response = self._send(doing, "read", lambda: self._http.request("get", url, params=dict(params)))
            if not _has_sheets(body):
                raise unreadable(doing, response)
            return body

        return self._patience.call(send, doing, READ)

    def batch_update(self, spreadsheet: str, body: Mapping[str, Any], fields: str) -> dict[str, Any]:
        """Call `spreadsheets.batchUpdate`; return its `updatedSpreadsheet`.

        Sent again only where it was refused in passing (HTTP 429) or never left. The write, and the read after a lost
        answer, have a time of their own. Each time, the run's right to write is confirmed after all waits.

        Raises:
            SheetError: the request was refused; nothing was written.
            UncertainWriteError: no answer arrived, or it cannot be read.
        """
        doing = self._doing("writing", spreadsheet)
        url = SPREADSHEET_BATCH_UPDATE_URL % quote(spreadsheet, safe="")

        def send() -> dict[str, Any]:
            self._confirm_write()
            try:
                answer, response = self._send(
                    doing, "write", lambda: self._http.request("post", url, params={"fields": fields}, json=body)
                )
                updated = answer.get("updatedSpreadsheet")
                if not isinstance(updated, dict) or not _has_sheets(updated):
                    raise unreadable(doing, response)
            except (LostAnswerError, OversizedError) as exc:
                raise UncertainWriteError(
                    doing,
                    exc.saw,
                    effect="Whether the write arrived is not known; it was not sent again.",
                    advice="Run `okrsync sync` again: it reads the sheet again and writes what is still missing.",
                ) from exc
            return updated

        self._patience = self._patience.restarted()
        try:
            return self._patience.call(send, doing, WRITE)
        except UncertainWriteError:
            self._patience = self._patience.restarted()
            raise
        except SourceError as exc:
            raise SheetError(exc.doing, exc.saw, effect="Nothing was written.", advice=exc.advice) from exc

    def close(self) -> None:
        """Close connections."""
        self._http.session.close()
        self._tokens.close()

    def _seconds(self) -> float:
        return self._patience.request_seconds()

    def _doing(self, verb: str, spreadsheet: str) -> str:
        return Message(
            "google_sheets '{name}': {verb} spreadsheet {spreadsheet}",
            name=self._name,
            verb=verb,
            spreadsheet=spreadsheet,
        )

    def _send(
        self, doing: str, kind: str, request: Callable[[], requests.Response]
    ) -> tuple[dict[str, Any], requests.Response]:
        self._login.ensure(doing, self._tokens, self._patience, self.account)
        with metered(self._meter, self._name, kind) as received:
            try:
                response = request()
            except requests.RequestException as exc:
                raise network_error(doing, exc, self._name) from exc
            received(len(response.content))
        if not requests.codes.ok <= response.status_code < requests.codes.multiple_choices:
            raise refused(doing, response, self.account)
        try:
            body = response.json()
        except (ValueError, RecursionError) as exc:
            raise unreadable(doing, response) from exc
        if not isinstance(body, dict):
            raise unreadable(doing, response)
        return body, response


def _has_sheets(spreadsheet: Mapping[str, Any]) -> bool:
    """Return whether a Spreadsheet resource has sheets; every real one has at least one."""
    return isinstance(spreadsheet.get("sheets"), list) and bool(spreadsheet["sheets"])


def _is_value_range(found: object) -> bool:
    if not isinstance(found, dict) or not isinstance(found.get("range"), str):
        return False
    rows = found.get("values", [])
    return isinstance(rows, list) and all(
        isinstance(row, list) and all(cell is None or isinstance(cell, str | int | float) for cell in row)
        for row in rows
    )
