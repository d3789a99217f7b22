"""Opens the OKR sheet of a workspace: a reader for everybody, a writer for `sync` and `undo` alone."""

from dataclasses import replace

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message
from config.models import GoogleSheetsConnection
from connectors.grids.a1 import parse_area
from connectors.okr_sheet import SheetReader, SheetWriter
from connectors.registry import Context
from syncer.sheet.history_tab import history_title


def open_reader(config: Config, context: Context) -> SheetReader:
    """A reader; it has no way to write, and at Google it asks for the read-only scope."""
    sheet = config.workspace.okr_sheet
    if sheet.file is not None:
        from connectors.local_sheet import okr_sheet as local_okr_sheet

        return local_okr_sheet.open_reader(config.base_dir / sheet.file, _tabs(config), _further(config))
    from connectors.google_sheets import okr_sheet as google_okr_sheet

    wanted = google_okr_sheet.Wanted(sheet.spreadsheet or "", _tabs(config), sheet.own_tab)
    return google_okr_sheet.open_reader(sheet.connection or "", _connection(config), wanted, context)


def to_write(config: Config, context: Context) -> Context:
    """The context of a run that will write the OKR sheet."""
    return replace(context, writes_through=config.workspace.okr_sheet.connection or "")


def open_writer(config: Config, context: Context, *, first: bool = False) -> SheetWriter:
    """A writer. `first`: nothing was ever written there, as far as is known; that spares Google a request."""
    sheet = config.workspace.okr_sheet
    if sheet.file is not None:
        from connectors.local_sheet import okr_sheet as local_okr_sheet

        return local_okr_sheet.open_writer(config.base_dir / sheet.file, _tabs(config), _further(config))
    from connectors.google_sheets import okr_sheet as google_okr_sheet

    wanted = google_okr_sheet.Wanted(sheet.spreadsheet or "", _tabs(config), sheet.own_tab)
    return google_okr_sheet.open_writer(sheet.connection or "", _connection(config), wanted, context, first=first)


def obstacle(config: Config) -> SheetError | None:
    """Why a sync would not write the OKR sheet as its file stands; None where nothing is seen."""
    sheet = config.workspace.okr_sheet
    if sheet.file is None:
        return None
    from connectors.local_sheet import okr_sheet as local_okr_sheet

    path = config.base_dir / sheet.file
    doing, effect = Message("looking at {path}", path=path), Message("`okrsync sync` would write nothing.")
    return local_okr_sheet.obstacle(path, doing, effect)


def sheet_name(config: Config) -> str:
    """The OKR sheet in a word, for messages and as the ledger's key."""
    sheet = config.workspace.okr_sheet
    return sheet.file or sheet.spreadsheet or ""


def _connection(config: Config) -> GoogleSheetsConnection:
    connection = config.workspace.connections[config.workspace.okr_sheet.connection or ""]
    assert isinstance(connection, GoogleSheetsConnection)  # noqa: S101 - the config was checked
    return connection


def _tabs(config: Config) -> tuple[str, ...]:
    """The tabs to read; none named: Google sends all of them, a workbook its first one and okrsync's own."""
    sheet = config.workspace.okr_sheet
    if not sheet.tabs:
        return ()
    return tuple(dict.fromkeys((*sheet.tabs, *_further(config))))


def _further(config: Config) -> tuple[str, ...]:
    """Tabs that need not be there: the history's, and the one of the cell that says when okrsync last wrote."""
    history, stamp = history_title(config.workspace), config.workspace.okr_sheet.last_synced
    return tuple(title for title in (history, parse_area(stamp).tab if stamp else "") if title)
