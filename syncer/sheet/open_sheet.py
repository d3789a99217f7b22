"""Open the OKR sheet of a workspace for reading, or for writing in commands that write."""

from typing import cast

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from config.models import GoogleSheetsConnection
from connectors.grids.a1 import parse_area
from connectors.microsoft.links import shown
from connectors.okr_sheet import AskedTabs, SheetReader, SheetWriter
from connectors.registry import Context
from syncer.sheet.layout import history_title


def open_reader(config: Config, context: Context) -> SheetReader:
    """Open the sheet read-only; for Google Sheets with the read-only scope."""
    sheet = config.workspace.okr_sheet
    if sheet.file is not None:
        from connectors.local_sheet import okr_sheet as local_okr_sheet

        return local_okr_sheet.open_reader(config.base_dir / sheet.file, _tabs(config), _further(config))
    name, connection = sheet.connection or "", config.workspace.connections[sheet.connection or ""]
    if sheet.link is not None:
        from connectors.microsoft import okr_sheet as online_okr_sheet

        asked = AskedTabs(_tabs(config), _further(config))
        return online_okr_sheet.open_reader(name, cast("MicrosoftConnection", connection), sheet.link, asked, context)
    from connectors.google_sheets import okr_sheet as google_okr_sheet

    tabs = google_okr_sheet.SheetTabs(sheet.spreadsheet or "", _tabs(config), sheet.own_tab)
    return google_okr_sheet.open_reader(name, cast("GoogleSheetsConnection", connection), tabs, context)


def open_writer(config: Config, context: Context, *, first: bool = False) -> SheetWriter:
    """Open the sheet for writing. `first`: okrsync never wrote to it, which saves a request to Google."""
    sheet = config.workspace.okr_sheet
    if sheet.file is not None:
        from connectors.local_sheet import okr_sheet as local_okr_sheet

        return local_okr_sheet.open_writer(config.base_dir / sheet.file, _tabs(config), _further(config))
    name, connection = sheet.connection or "", config.workspace.connections[sheet.connection or ""]
    if sheet.link is not None:
        from connectors.microsoft import okr_sheet as online_okr_sheet

        asked = AskedTabs(_tabs(config), _further(config))
        return online_okr_sheet.open_writer(name, cast("MicrosoftConnection", connection), sheet.link, asked, context)
    from connectors.google_sheets import okr_sheet as google_okr_sheet

    tabs = google_okr_sheet.SheetTabs(sheet.spreadsheet or "", _tabs(config), sheet.own_tab)
    return google_okr_sheet.open_writer(name, cast("GoogleSheetsConnection", connection), tabs, context, first=first)


def obstacle(config: Config) -> SheetError | None:
    """Return why a sync could not write the local OKR file; None if nothing is found, or for another sheet."""
    sheet = config.workspace.okr_sheet
    if sheet.file is None:
        return None
    from connectors.local_sheet import okr_sheet as local_okr_sheet

    path = config.base_dir / sheet.file
    doing, effect = Message("looking at {path}", path=path), Message("`okrsync sync` would write nothing.")
    return local_okr_sheet.obstacle(path, doing, effect)


def sheet_name(config: Config) -> str:
    """Return the file, link or spreadsheet as in the config, for messages."""
    sheet = config.workspace.okr_sheet
    return sheet.file or shown(sheet.link or "") or sheet.spreadsheet or ""


def _tabs(config: Config) -> tuple[str, ...]:
    """List the tabs to read. Empty: all tabs of a Google sheet; the first and okrsync's own of a workbook."""
    sheet = config.workspace.okr_sheet
    if not sheet.tabs:
        return ()
    return tuple(dict.fromkeys((*sheet.tabs, *_further(config))))


def _further(config: Config) -> tuple[str, ...]:
    """List optional tabs: the history tab, and the tab of the cell with the time of the last write."""
    history, stamp = history_title(config.workspace), config.workspace.okr_sheet.last_synced
    return tuple(title for title in (history, parse_area(stamp).tab if stamp else "") if title)
