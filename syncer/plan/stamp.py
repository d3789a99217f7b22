"""The stamp, a cell with the time of the last write: in a row of the own tab, or as set in the config. Pure.

It is written only together with other changes, so that a run without changes writes nothing.
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
from syncer.sheet.own_tab import STAMP_COLUMN, STAMP_ID, OwnTab, Stamp, stamp_of
from syncer.sheet.view import WORKSPACE, LastWritten, SheetView

STAMP_KEY: Key = (WORKSPACE, "last_synced")
LAST_SYNCED = translatable("Last synced")


def stamped(plan: Plan, config: Config, image: SheetImage, view: SheetView, new_rows: NewRows) -> Plan:
    """Add the stamp to a plan that writes anything; add a note if the cell cannot be used."""
    if not plan.has_work:
        return plan
    sheet, language = config.workspace.okr_sheet, config.workspace.language
    now = moment(plan.now)
    if view.own is not None:
        stamp = stamp_of(config.workspace, view.layouts)
        return replace(plan, stamp=_own(view.own, new_rows, stamp, language, now))
    if sheet.last_synced is None:
        return plan
    area = parse_area(sheet.last_synced)
    tab = image.tabs.get(area.tab or view.layouts[0].tab.title)
    why = _why_not(tab, area.top, area.left, view.base)
    if tab is None or why:
        text = Message(
            "{cell} does not say when okrsync last wrote: {why}.",
            cell=sheet.last_synced,
            why=Message(why),
        )
        return replace(plan, notes=(*plan.notes, Note(NoteKind.STAMP_UNUSABLE, text)))
    row = area.top + sum(one.count for one in plan.inserts if one.tab == tab.title and one.row <= area.top)
    memory = {**plan.workspace_memory, STAMP_KEY: now}
    before = tab.cell(area.top, area.left).value
    change = CellChange("", STAMP_KEY[1], tab.title, row, area.left, before, now)
    return replace(plan, stamp=(change,), workspace_memory=memory)


def moment(now: datetime) -> date:
    """Convert an instant to a cell value, to the minute; midnight becomes a date, as sheets read it."""
    minute = now.replace(second=0, microsecond=0, tzinfo=None)
    return minute if minute.time() != datetime.min.time() else minute.date()


def _own(own: OwnTab, new_rows: NewRows, stamp: Stamp, language: str, now: CellValue) -> tuple[CellChange, ...]:
    values: dict[str, CellValue] = {
        "id": STAMP_ID, "title": translate(language, LAST_SYNCED), STAMP_COLUMN: stamp.text, "updated": now,
    }  # fmt: skip
    row = own.rows.get(STAMP_ID)
    at = row.row if row else new_rows.place_in(own)[1]
    cells = {name: (row.cell(name) or EMPTY) if row else EMPTY for name in values}
    return tuple(
        CellChange(STAMP_ID, name, own.layout.tab.title, at, own.columns[name], cell.value, values[name])
        for name, cell in cells.items()
        if not cell.locked
    )


def _why_not(tab: Tab | None, row: int, column: int, base: LastWritten) -> str:
    """Return why the cell cannot be used; empty if it can."""
    if tab is None:
        return translatable("there is no such tab")
    cell = tab.cell(row, column)
    if cell.locked or cell.formula:
        return cell.locked or translatable("holds a formula")
    ours = STAMP_KEY in base.values and same(cell.value, base.values[STAMP_KEY])
    return "" if cell == EMPTY or cell.value is None or ours else translatable("it holds something else")
