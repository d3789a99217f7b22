"""Plan the rows of the history tab: one per key result for the current week, added or updated. Pure.

Rows of other weeks, rows not written by okrsync and additional columns stay unchanged.
"""

from collections.abc import Sequence
from datetime import date

from config.dataclass import dataclass
from config.errors import SheetError
from config.loading.loader import Config
from config.masking import mask
from config.message import Message
from connectors.okr_sheet import EMPTY, CellValue, RowInsert, SheetImage, Tab
from syncer.compute.states import KeyResultState
from syncer.model.cells import rounded, same
from syncer.model.plan import CellChange, Note, NoteKind
from syncer.plan.rows import PERCENT_COLUMNS
from syncer.sheet.columns import status_text
from syncer.sheet.layout import (
    HISTORY_COLUMNS,
    Layout,
    SheetRow,
    find_history,
    history_headers,
    history_layout,
    history_title,
    rows_of,
)
from syncer.sheet.view import SheetView


@dataclass(frozen=True, slots=True)
class History:
    """Cells to write, rows to insert for new lines, and the title of the tab if it has to be created.

    `unusable` is the title of a tab without headers for week and id.
    """

    changes: tuple[CellChange, ...] = ()
    inserts: tuple[RowInsert, ...] = ()
    new_tab: str = ""
    unusable: str = ""


def week_of(day: date) -> str:
    """Return the ISO week of a day, such as 2026-W47."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


@dataclass(frozen=True, slots=True)
class Week:
    """Input of the lines of one week."""

    config: Config
    view: SheetView
    key_results: Sequence[KeyResultState]
    today: date

    @property
    def states(self) -> dict[str, KeyResultState]:
        """Key results to write, by line id: of an open cycle, not dropped, and without a duplicate id."""
        return {
            f"{week_of(self.today)} {state.definition.id}": state
            for state in self.key_results
            if state.definition.cycle.phase != "closed"
            and not state.dropped
            and state.definition.id not in self.view.duplicates
        }

    def cells(self, state: KeyResultState) -> dict[str, CellValue]:
        """Return the cells of a line; unknown values are left out."""
        definition = state.definition
        row = self.view.row_of(definition.id, definition.former_id)
        confidence = row.cell("confidence") if row else None
        found: dict[str, CellValue] = {
            "week": week_of(self.today),
            "id": definition.id,
            "title": definition.title,
            "status": status_text(state.status, self.config.workspace.language),
            "confidence": (confidence or EMPTY).value,
        }
        if state.known:
            found |= {"current": state.current, "progress": state.progress.progress, "expected": state.expected}
        return {name: rounded(mask(value)) for name, value in found.items() if value not in (None, "")}


def plan_history(week: Week, image: SheetImage) -> History:
    """Plan this week's lines. A line whose key result is unknown today keeps its values."""
    title = history_title(week.config.workspace)
    if not title:
        return History()
    tab = find_history(image, week.config.workspace.okr_sheet)
    if tab is None or not any(cell.value is not None or cell.formula for row in tab.rows for cell in row):
        return _begun(week, tab, title)
    try:
        return _continued(week, history_layout(tab))
    except SheetError:
        return History(unusable=tab.title)


def history_notes(history: History) -> tuple[Note, ...]:
    """Return notes on what is written to the history tab, or why nothing is."""
    if history.unusable:
        text = Message(
            "Tab '{tab}' has no header row with a week and a KR id, so no history is written. Put the row back, "
            "or name another tab in okr_sheet.history_tab.",
            tab=history.unusable,
        )
        return (Note(NoteKind.HISTORY_UNUSABLE, text),)
    lines = {change.id for change in history.changes if change.id}
    if not lines:
        return ()
    tab = history.changes[0].tab
    text = Message(
        "History tab '{tab}': {count} row of {week} is written.",
        "History tab '{tab}': {count} rows of {week} are written.",
        count=len(lines),
        tab=tab,
        week=min(lines).partition(" ")[0],
    )
    return (Note(NoteKind.HISTORY_WRITTEN, text),)


def _begun(week: Week, tab: Tab | None, title: str) -> History:
    columns = {name: index for index, name in enumerate(HISTORY_COLUMNS)}
    layout = Layout(tab or Tab(title), 0, columns, keyed_by=("week", "id"))
    headers = zip(HISTORY_COLUMNS, history_headers(week.config.workspace.language), strict=True)
    changes = [CellChange("", name, layout.tab.title, 0, columns[name], None, header) for name, header in headers]
    for at, (key, state) in enumerate(week.states.items(), 1):
        changes += _new_line(week, layout, at, key, state)
    return History(tuple(changes), new_tab="" if tab else title)


def _continued(week: Week, layout: Layout) -> History:
    lines = {row.id: row for row in reversed(rows_of(layout))}
    filled = (
        row
        for row, cells in enumerate(layout.tab.rows)
        if any(cell.value is not None or cell.formula for cell in cells)
    )
    below = max(filled, default=layout.header_row) + 1
    changes: list[CellChange] = []
    new = 0
    for key, state in week.states.items():
        line = lines.get(key)
        if line is None:
            changes += _new_line(week, layout, below + new, key, state)
            new += 1
        elif state.known:
            changes += _brought_up_to_date(week, line, state)
    inserts = (RowInsert(layout.tab.title, below, new),) if new else ()
    return History(tuple(changes), inserts)


def _new_line(week: Week, layout: Layout, at: int, key: str, state: KeyResultState) -> list[CellChange]:
    return [
        CellChange(
            key, name, layout.tab.title, at, layout.columns[name], None, value,
            percent=name in PERCENT_COLUMNS or (name == "current" and state.definition.percent),
        )
        for name, value in week.cells(state).items()
        if name in layout.columns
    ]  # fmt: skip


def _brought_up_to_date(week: Week, line: SheetRow, state: KeyResultState) -> list[CellChange]:
    layout = line.layout
    changes = []
    for name, value in week.cells(state).items():
        cell = line.cell(name)
        if cell is not None and not cell.locked and cell.formula is None and not same(cell.value, value):
            percent = cell == EMPTY and (name in PERCENT_COLUMNS or (name == "current" and state.definition.percent))
            changes.append(
                CellChange(
                    line.id, name, layout.tab.title, line.row, layout.columns[name], cell.value, value, percent=percent
                )
            )
    return changes
