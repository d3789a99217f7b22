"""OKR sheet in Google Sheets: one request to read it, one to write and verify it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from config.dataclass import dataclass
from config.errors import SheetError, SourceError, StaleSheetError, UncertainWriteError
from config.message import Message, all_of
from config.models import GoogleSheetsConnection
from connectors.google_sheets.auth import READ_ONLY, READ_WRITE
from connectors.google_sheets.batch import make_requests, new_sheet_id
from connectors.google_sheets.client import SheetsClient
from connectors.google_sheets.errors import BadRequestError
from connectors.google_sheets.image import FIELDS, make_image, sheet_ids, with_first_titles
from connectors.google_sheets.links import spreadsheet_id
from connectors.google_sheets.protections import FIELDS as PROTECTIONS
from connectors.google_sheets.protections import protected_against
from connectors.grids.a1 import quoted
from connectors.okr_sheet import SheetBatch, SheetImage, SheetReader, SheetWriter
from connectors.registry import Context

_NOT_WRITTEN = Message("Nothing was written.")
_NO_SUCH_TAB = "Unable to parse range"
_PROTECTED, _INSERTING = "edit a protected cell or object", "insertDimension"
_ODD = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
"""Exceptions raised while converting JSON that is not a Spreadsheet resource."""


@dataclass(frozen=True, slots=True)
class SheetTabs:
    """What to read: id or address of a spreadsheet, titles of tabs (none: all), original title of the own tab."""

    spreadsheet: str
    tabs: Sequence[str]
    own_tab: str


def open_reader(name: str, connection: GoogleSheetsConnection, asked: SheetTabs, context: Context) -> SheetReader:
    """Open a reader with the read-only scope, without sending a request. Raises SheetError."""
    return _Reader(_client(name, connection, context, READ_ONLY), asked)


def open_writer(
    name: str,
    connection: GoogleSheetsConnection,
    asked: SheetTabs,
    context: Context,
    *,
    first: bool = False,
) -> SheetWriter:
    """Open a reader and writer, without sending a request. `first`: no own tab exists yet. Raises SheetError."""
    return _Writer(_client(name, connection, context, READ_WRITE), asked, first=first)


def _client(name: str, connection: GoogleSheetsConnection, context: Context, scope: str) -> SheetsClient:
    try:
        return SheetsClient(name, connection, context, scope=scope)
    except SourceError as exc:
        raise SheetError(exc.doing, exc.saw, effect=_NOT_WRITTEN, advice=exc.advice) from exc


class _Reader:
    """Reader of the requested tabs and okrsync's own tab, which is found by its id even if it was renamed.

    With named tabs, one request reads only those. A second one reads every tab, so that `all_tabs` is complete, where
    Google refuses the first, since a named tab or the own tab does not exist (before the first sync) or was renamed,
    and where another tab has the title of the own one; `first` skips the request that would be refused. Without named
    tabs, every tab is read.
    """

    def __init__(self, client: SheetsClient, asked: SheetTabs, *, first: bool = False) -> None:
        self._client = client
        self._spreadsheet = spreadsheet_id(asked.spreadsheet)
        self._tabs = (*asked.tabs, asked.own_tab) if asked.tabs else ()
        self._first = first
        self._reading = Message("reading spreadsheet {spreadsheet}", spreadsheet=self._spreadsheet)
        self._image: SheetImage | None = None
        self._ids = {asked.own_tab: new_sheet_id(asked.own_tab)}
        self._renamed: dict[str, str] = {}
        """Current titles of renamed tabs by original title."""

    def read(self) -> SheetImage:
        """Read the sheet in one request, or two if a tab is missing or renamed. Raises SheetError."""
        try:
            found = self._get()
        except SourceError as exc:
            raise SheetError(exc.doing, exc.saw, effect=_NOT_WRITTEN, advice=exc.advice) from exc
        try:
            return self._keep(found, self._tabs)
        except _ODD as exc:
            saw, advice = _odd(exc), Message("Run again; a proxy may have changed Google's answer.")
            raise SheetError(self._reading, saw, effect=_NOT_WRITTEN, advice=advice) from exc

    def read_all(self) -> SheetImage:
        """Read every tab. Raises SheetError."""
        named, self._tabs = self._tabs, ()
        try:
            return self.read()
        finally:
            self._tabs = named

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def _get(self) -> dict[str, object]:
        first, self._first = self._first, False
        if self._tabs and not first:
            ranges = [quoted(tab) for tab in dict.fromkeys(self._tabs)]
            try:
                found = self._client.get_spreadsheet(self._spreadsheet, {"ranges": ranges, "fields": FIELDS})
            except BadRequestError as exc:
                if _NO_SUCH_TAB not in exc.saw:
                    raise
            else:
                if self._ids.items() <= {**self._ids, **sheet_ids(found)}.items():
                    return found
        return self._client.get_spreadsheet(self._spreadsheet, {"fields": FIELDS})

    def _keep(self, found: Mapping[str, Any], tabs: Sequence[str]) -> SheetImage:
        found, self._renamed = with_first_titles(found, self._ids)
        image = make_image(found, tabs, datetime.now(UTC))
        self._image = replace(image, renamed=self._renamed, account=self._client.account.email)
        self._ids |= sheet_ids(found)
        return self._image


class _Writer(_Reader):
    """Reader and writer."""

    def write(self, batch: SheetBatch) -> SheetImage:
        """Apply the batch in one request; return the sheet after the write, from the answer to that request.

        Raises:
            UncertainWriteError: no readable answer arrived, so whether the batch was applied is unknown.
            StaleSheetError: a tab was renamed or deleted, or cells were protected meanwhile; nothing was written.
            SheetError: the write was refused; nothing was written.
        """
        before = self._image or self.read()
        try:
            there = {title: number for title, number in self._ids.items() if number in before.ids.values()}
            requests = make_requests(batch, before, there, self._client.account.email)
        except (ValueError, KeyError) as exc:
            raise SheetError(
                Message("writing spreadsheet {spreadsheet}", spreadsheet=self._spreadsheet),
                f"{exc}" if isinstance(exc, ValueError) else Message("there is no tab {exc}", exc=exc),
                effect=_NOT_WRITTEN,
                advice="Run `okrsync dry-run` and look at the plan.",
            ) from exc
        if not requests:
            return before
        # People's tabs, too: their lookups show whether somebody moved columns of okrsync's tab meanwhile.
        shown = tuple(dict.fromkeys((*before.tabs, *(tab.title for tab in batch.new_tabs))))
        body = {
            "requests": requests,
            "includeSpreadsheetInResponse": True,
            "responseRanges": [quoted(self._renamed.get(title, title)) for title in shown],
            "responseIncludeGridData": True,
        }
        try:
            found = self._client.batch_update(self._spreadsheet, body, f"updatedSpreadsheet({FIELDS})")
        except SheetError as exc:
            if isinstance(exc.__cause__, BadRequestError) and _NO_SUCH_TAB in exc.saw:
                raise StaleSheetError(exc.doing, exc.saw, effect=exc.effect, advice=exc.advice) from exc
            if isinstance(exc.__cause__, BadRequestError) and _PROTECTED in exc.saw:
                raise self._protected(exc, requests) from exc
            raise
        try:
            return self._keep(found, shown)
        except _ODD as exc:
            raise UncertainWriteError(
                Message("writing spreadsheet {spreadsheet}", spreadsheet=self._spreadsheet),
                _odd(exc),
                effect="It was written, but its current content is not known.",
                advice="Run `okrsync sync` again: it reads the sheet again and writes what is still missing.",
            ) from exc

    def _protected(self, refused: SheetError, requests: Sequence[Mapping[str, Any]]) -> SheetError:
        """Create the error of a batch that meets protected cells, which one more read names.

        Cells that are protected when they are read are never written, but rows are inserted wherever they belong.
        """
        try:
            names = protected_against(
                self._client.get_spreadsheet(self._spreadsheet, {"fields": PROTECTIONS}), requests
            )
        except (SourceError, *_ODD):
            names = []
        saw = Message(
            "okrsync's account may not edit {places}: {saw}",
            places=all_of(names) if names else Message("a cell or a tab that it writes"),
            saw=refused.saw,
        )
        advice = Message(
            "Add {email} to those who may edit it (Data > Protect sheets and ranges).",
            email=self._client.account.email or Message("the account that writes"),
        )
        if _INSERTING in refused.saw:
            return SheetError(refused.doing, saw, effect=refused.effect, advice=advice)
        advice += Message(" Or run the command again: it skips protected cells and lists them.")
        return StaleSheetError(refused.doing, saw, effect=refused.effect, advice=advice)


def _odd(exc: Exception) -> str:
    return Message("the answer is not as documented ({kind}: {exc})", kind=type(exc).__name__, exc=exc)
