"""The history tab: a line per key result and week. Which tab it is, what its columns are called, its lines. Pure."""

from config.errors import SheetError
from config.message import Message
from config.models import HISTORY_TITLES, OkrSheet, Workspace
from connectors.okr_sheet import SheetImage, Tab
from syncer.i18n import translatable, translate
from syncer.sheet.columns import column_of, header_of, normal_header
from syncer.sheet.layout import HEADER_SEARCH_ROWS, Layout, cell_id

HISTORY_COLUMNS = ("week", "id", "title", "current", "progress", "expected", "status", "confidence")
"""What a line holds, from left to right; its week and its id say which line it is."""

_WEEK = translatable("Week")


def history_title(workspace: Workspace) -> str:
    """What a new history tab is called; empty where none is wanted."""
    stated = workspace.okr_sheet.history_tab
    return stated if isinstance(stated, str) else HISTORY_TITLES[workspace.language] if stated else ""


def history_headers(language: str) -> tuple[str, ...]:
    """Its header row."""
    return tuple(
        translate(language, _WEEK) if name == "week" else header_of(name, language) for name in HISTORY_COLUMNS
    )


def find_history(image: SheetImage, stated: OkrSheet) -> Tab | None:
    """The history tab, whichever language it was made in; None where it is still to be made."""
    return next((image.tabs[title] for title in stated.history_titles if title in image.tabs), None)


def history_layout(tab: Tab) -> Layout:
    """Its header row and known columns; further ones are people's own. Raises SheetError: there is no such row."""
    week = {normal_header(translate(language, _WEEK)) for language in HISTORY_TITLES}
    for row in range(min(len(tab.rows), HEADER_SEARCH_ROWS)):
        columns: dict[str, int] = {}
        for index, cell in enumerate(tab.rows[row]):
            header = cell_id(cell)
            known = column_of(header)
            name = "week" if normal_header(header) in week else known.name if known else ""
            if name in HISTORY_COLUMNS:
                columns.setdefault(name, index)
        if {"week", "id"} <= set(columns):
            return Layout(tab, row, columns, keyed_by=("week", "id"))
    raise SheetError(
        Message("reading the headers of tab '{title}'", title=tab.title),
        "no header row with a week and a KR id",
        effect="No history was written.",
        advice="Put its header row back, or give the history tab another name: okr_sheet.history_tab.",
    )
