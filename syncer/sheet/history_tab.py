"""The history tab, with one row per key result and week: its title, headers and layout. Pure."""

from config.errors import SheetError
from config.message import Message
from config.models import HISTORY_TITLES, OkrSheet, Workspace
from connectors.okr_sheet import SheetImage, Tab
from syncer.i18n import translatable, translate
from syncer.sheet.columns import column_of, header_of, normal_header
from syncer.sheet.layout import HEADER_SEARCH_ROWS, Layout, cell_id

HISTORY_COLUMNS = ("week", "id", "title", "current", "progress", "expected", "status", "confidence")
"""Columns from left to right; week and id together identify a row."""

_WEEK = translatable("Week")


def history_title(workspace: Workspace) -> str:
    """Return the title of a new history tab; empty if the config wants none."""
    stated = workspace.okr_sheet.history_tab
    return stated if isinstance(stated, str) else HISTORY_TITLES[workspace.language] if stated else ""


def history_headers(language: str) -> tuple[str, ...]:
    """Return the header row of the history tab."""
    return tuple(
        translate(language, _WEEK) if name == "week" else header_of(name, language) for name in HISTORY_COLUMNS
    )


def find_history(image: SheetImage, stated: OkrSheet) -> Tab | None:
    """Find the history tab by its title in any language; None if it does not exist yet."""
    return next((image.tabs[title] for title in stated.history_titles if title in image.tabs), None)


def history_layout(tab: Tab) -> Layout:
    """Find the header row and known columns of the history tab. Raises SheetError if there is no header row."""
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
