"""Layout of the tabs of an OKR sheet: header row, known columns and rows by id; the history tab. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from config.dataclass import dataclass
from config.errors import SheetError
from config.message import Message
from config.models import HISTORY_TITLES, OkrSheet, Workspace
from config.suggest import did_you_mean
from connectors.okr_sheet import Cell, Merge, SheetImage, Tab
from syncer.i18n import translatable, translate
from syncer.sheet.columns import COLUMNS, column_of, header_of, normal_header
from syncer.sheet.shared_column import objective_rows

_LEAST_HEADERS = 3
"""Minimum number of known headers; a row with fewer may be a title or a sentence."""
_LEAST_STATED = 2
"""The same where the config states headers or their row."""

_SHOWN_HEADERS = 12

HEADER_SEARCH_ROWS = 30
"""Number of rows searched for headers; `header_row` in the config names a row further down."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Header row of a tab and its known columns by name, both counted from 0.

    `keyed_by` are the columns that together identify a row. `objective_rows` are those whose title is an objective's,
    in a tab without a column of objectives.
    """

    tab: Tab
    header_row: int
    columns: Mapping[str, int]
    keyed_by: tuple[str, ...] = ("id",)
    objective_rows: frozenset[int] = frozenset()

    def cell(self, row: int, column: str) -> Cell | None:
        """Return the cell of a row in a known column; None if the tab has no such column."""
        index = self.columns.get(column)
        return None if index is None else self.tab.cell(row, index)

    def merge(self, row: int, column: str) -> Merge | None:
        """Return the merged range that a cell belongs to; None outside of one or without the column."""
        index = self.columns.get(column, -1)
        spans = (one for one in self.tab.merges if one.top <= row < one.bottom and one.left <= index < one.right)
        return next(spans, None)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a tab, by its id; the id is empty where it has none."""

    layout: Layout
    row: int
    id: str

    @property
    def number(self) -> int:
        """Row number as displayed in the sheet, from 1."""
        return self.row + 1

    @property
    def place(self) -> str:
        """Tab and row number, such as `OKRs!5`."""
        return f"{self.layout.tab.title}!{self.number}"

    def cell(self, column: str) -> Cell | None:
        """Return the cell in a known column; None if the tab has no such column."""
        return self.layout.cell(self.row, column)


def find_layout(tab: Tab, stated: OkrSheet) -> Layout:
    """Find the header row and columns of a tab. Raises SheetError if there is no header row with an id column."""
    candidates = header_candidates(tab, stated)
    for row in candidates:
        columns = _known_columns(tab, row, stated)
        if "id" in columns and len(columns) > 1:
            missing = [header for name, header in stated.columns.items() if name not in columns]
            if missing:
                raise _missing_header(tab, row, missing[0])
            return layout_with(tab, row, columns)
    raise _no_header(tab, candidates, stated)


def find_headers(tab: Tab, stated: OkrSheet) -> Layout | None:
    """Find the row with the most known headers, with or without an id column; None if there is none.

    Raises SheetError if two of its columns have the same meaning.
    """
    found = [
        Layout(tab, row, columns) for row in header_candidates(tab, stated) if (columns := _names(tab, row, stated))
    ]
    best = max(found, key=lambda layout: (len(layout.columns), -layout.header_row), default=None)
    least = _LEAST_STATED if stated.columns or stated.header_row else _LEAST_HEADERS
    if best is None or len(best.columns) < least or not {"title", "id"} & set(best.columns):
        return None
    return layout_with(tab, best.header_row, _known_columns(tab, best.header_row, stated))


def layout_with(tab: Tab, header_row: int, columns: Mapping[str, int]) -> Layout:
    """Return the layout of a tab with these columns, rows of objectives included."""
    return Layout(tab, header_row, columns, objective_rows=objective_rows(tab, header_row, columns))


def header_candidates(tab: Tab, stated: OkrSheet) -> list[int]:
    """Return the rows that may hold the headers, from 0."""
    if stated.header_row is not None:
        return [stated.header_row - 1]
    return list(range(min(len(tab.rows), HEADER_SEARCH_ROWS)))


def _names(tab: Tab, row: int, stated: OkrSheet) -> dict[str, int]:
    """Return the known columns of a possible header row; none if two have the same meaning."""
    try:
        return _known_columns(tab, row, stated)
    except SheetError:
        return {}


def _text(cell: Cell) -> str:
    return cell.value.strip() if isinstance(cell.value, str) else ""


def _known_columns(tab: Tab, row: int, stated: OkrSheet) -> dict[str, int]:
    wanted = {normal_header(header): name for name, header in stated.columns.items()}
    found: dict[str, int] = {}
    cells = tab.rows[row] if 0 <= row < len(tab.rows) else ()
    for index, cell in enumerate(cells):
        header = _text(cell)
        if not header:
            continue
        known = column_of(header)
        name = wanted.get(normal_header(header)) or (
            known.name if known and known.name not in wanted.values() else None
        )
        if name is None:
            continue
        if name in found:
            raise SheetError(
                Message("reading the headers of tab '{title}'", title=tab.title),
                Message(
                    "two columns of row {row} both mean {en} / {zh}",
                    row=row + 1,
                    en=COLUMNS[name].en,
                    zh=COLUMNS[name].zh,
                ),
                effect="Nothing was written.",
                advice=Message(
                    "Rename one of them, or name the right one in the config: okr_sheet.columns.{name}.", name=name
                ),
            )
        found[name] = index
    return found


def _missing_header(tab: Tab, row: int, header: str) -> SheetError:
    seen = [text for cell in tab.rows[row] if (text := _text(cell))]
    return SheetError(
        Message("reading the headers of tab '{title}'", title=tab.title),
        Message(
            "row {row} has no header '{header}'{meant}", row=row + 1, header=header, meant=did_you_mean(header, seen)
        ),
        effect="Nothing was written.",
        advice="Correct okr_sheet.columns in the config, or the header in the sheet.",
    )


def _no_header(tab: Tab, candidates: list[int], stated: OkrSheet) -> SheetError:
    wanted = stated.columns.get("id", "KR id / KR 編號")
    saw, texts = _nearest(tab, candidates, Message("no header row with '{wanted}'", wanted=wanted))
    saw += did_you_mean(wanted.split(" / ")[0], texts)
    alone = next((row for row in candidates if "id" in _names(tab, row, stated)), None)
    if alone is not None:
        saw = Message("row {row} has a column of ids, but no other header that okrsync knows", row=alone + 1)
    if not stated.file and not has_content(tab):
        saw, advice = Message("it is empty"), Message("To fill it, run `okrsync init --sheet`.")
    elif find_headers(tab, stated):
        advice = Message(
            "Name your column of ids in the config (okr_sheet.columns.id, and header_row if needed), or let "
            "`okrsync init --sheet` propose ids."
        )
    else:
        advice = _STATE_COLUMNS
    return SheetError(
        Message("reading the headers of tab '{title}'", title=tab.title),
        saw,
        effect="Nothing was written.",
        advice=advice,
    )


def no_known_headers(tab: Tab, stated: OkrSheet) -> SheetError:
    """Build the error for a tab with content in which `find_headers` finds nothing."""
    saw, _ = _nearest(tab, header_candidates(tab, stated), Message("no header row with names that okrsync knows"))
    return SheetError(
        Message("reading the headers of tab '{title}'", title=tab.title),
        saw,
        effect="Nothing was written.",
        advice=_STATE_COLUMNS,
    )


_STATE_COLUMNS = Message(
    "Name your columns in the config, at least those of ids and titles (okr_sheet.columns.id and .title), and the row "
    "of the headers if needed (okr_sheet.header_row)."
)


def _nearest(tab: Tab, candidates: list[int], saw: Message) -> tuple[Message, list[str]]:
    """Add the row with the most known headers, else with the most texts, to a message; return its texts as well."""
    found = [
        (row, [text for cell in tab.rows[row] if (text := _text(cell))]) for row in candidates if row < len(tab.rows)
    ]
    row, texts = max(
        found,
        key=lambda one: (sum(column_of(text) is not None for text in one[1]), len(one[1])),
        default=(0, []),
    )
    if not texts:
        return saw, []
    return saw + Message("; row {row} comes nearest: {texts}", row=row + 1, texts=texts[:_SHOWN_HEADERS]), texts


def has_content(tab: Tab) -> bool:
    """Whether a cell of the tab has a value or a formula."""
    return any(cell.value is not None or cell.formula for row in tab.rows for cell in row)


def cell_id(cell: Cell) -> str:
    """Return an id as trimmed text; a whole number typed as an id reads as displayed."""
    if isinstance(cell.value, Decimal):
        return format(cell.value.normalize(), "f")
    return _text(cell)


def rows_of(layout: Layout) -> tuple[SheetRow, ...]:
    """Return the rows below the header that have an id (all parts of it), from top to bottom."""
    columns = [layout.columns[name] for name in layout.keyed_by]
    rows = []
    for row in range(layout.header_row + 1, len(layout.tab.rows)):
        parts = [cell_id(layout.tab.cell(row, column)) for column in columns]
        if all(parts):
            rows.append(SheetRow(layout, row, " ".join(parts)))
    return tuple(rows)


def filled_down(layout: Layout, row: int, column: str) -> Cell | None:
    """Return the cell of a column, or the top left cell of its merged range if it belongs to one."""
    merge = layout.merge(row, column)
    return layout.tab.cell(merge.top, merge.left) if merge else layout.cell(row, column)


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
        advice="Restore its header row, or give the history tab another name: okr_sheet.history_tab.",
    )
