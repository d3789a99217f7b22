"""The cell that says when okrsync last wrote: in a row of its own tab, or where the config names one. Pure.

It is written along with anything else and never by itself, so that a run without changes writes nothing.
"""

from dataclasses import replace
from datetime import date, datetime

from config.loading.loader import Config
from config.message import Message
from connectors.grids.a1 import parse_area
from connectors.okr_sheet import EMPTY, CellValue, SheetImage, Tab
from syncer.i18n import translatable, translate
from syncer.model.cells import same
from syncer.model.plan import CellChange, Key, Note, NoteKind, Plan
from syncer.plan.new_rows import NewRows
from syncer.sheet.last_written import WORKSPACE, LastWritten
from syncer.sheet.view import SheetView

STAMP_KEY: Key = (WORKSPACE, "last_synced")
LAST_SYNCED = translatable("Last synced")
STAMP_ID = "(okrsync)"
"""The row of okrsync's own tab that says it; no key result can have this id."""


def stamped(plan: Plan, config: Config, image: SheetImage, view: SheetView, new_rows: NewRows) -> Plan:
    """The plan with the cell in it, where anything else is written; with a note where the cell cannot be used."""
    if not plan.has_work:
        return plan
    sheet, language = config.workspace.okr_sheet, config.workspace.language
    now = moment(plan.now)
    if sheet.last_synced is None:
        return replace(plan, stamp=_own(view, new_rows, language, now)) if sheet.has_own_tab else plan
    area = parse_area(sheet.last_synced)
    tab = image.tabs.get(area.tab or view.layouts[0].tab.title)
    why = _why_not(tab, area.top, area.left, view.base)
    if tab is None or why:
        told = Message(
            "{cell} does not say when okrsync last wrote: {why}.",
            cell=sheet.last_synced,
            why=Message(why),
        )
        return replace(plan, notes=(*plan.notes, Note(NoteKind.STAMP_UNUSABLE, told)))
    row = area.top + sum(one.count for one in plan.inserts if one.tab == tab.title and one.row <= area.top)
    memory = {**plan.workspace_memory, STAMP_KEY: now}
    before = tab.cell(area.top, area.left).value
    change = CellChange("", STAMP_KEY[1], tab.title, row, area.left, before, now)
    return replace(plan, stamp=(change,), workspace_memory=memory)


def moment(now: datetime) -> date:
    """An instant as a cell holds it: to the minute, in the workspace's zone; a day at midnight, as sheets read it."""
    minute = now.replace(second=0, microsecond=0, tzinfo=None)
    return minute if minute.time() != datetime.min.time() else minute.date()


def _own(view: SheetView, new_rows: NewRows, language: str, now: CellValue) -> tuple[CellChange, ...]:
    row = view.data_row_of(STAMP_ID)
    if row is None:
        layout, at = new_rows.place(STAMP_ID)
        values: dict[str, CellValue] = {"id": STAMP_ID, "title": translate(language, LAST_SYNCED), "updated": now}
    else:
        layout, at, values = row.layout, row.row, {"updated": now}
    cells = {name: (layout.columns[name], layout.tab.cell(at, layout.columns[name])) for name in values}
    return tuple(
        CellChange(STAMP_ID, name, layout.tab.title, at, index, cell.value, values[name])
        for name, (index, cell) in cells.items()
        if not cell.locked and cell.formula is None
    )


def _why_not(tab: Tab | None, row: int, column: int, base: LastWritten) -> str:
    """Why the cell cannot be used; empty where it can."""
    if tab is None:
        return translatable("there is no such tab")
    cell = tab.cell(row, column)
    if cell.locked or cell.formula:
        return cell.locked or translatable("holds a formula")
    ours = STAMP_KEY in base.values and same(cell.value, base.values[STAMP_KEY])
    return "" if cell == EMPTY or cell.value is None or ours else translatable("it holds something else")
