"""The rows of okrsync's own tab: whatever differs from what was computed is written. Pure."""

from datetime import date
from typing import NamedTuple

from connectors.okr_sheet import EMPTY, CellValue
from syncer.model.cells import as_text, rounded, same
from syncer.model.plan import CellChange, Decision, Held
from syncer.plan.new_rows import NewRows
from syncer.plan.rows import Wanted, plan_new_row
from syncer.sheet.columns import COLUMNS, ROWS_READ
from syncer.sheet.layout import SheetRow
from syncer.sheet.own_tab import OWN_COLUMNS, STAMP_ID, OwnTab
from syncer.sheet.status_words import left_text

_DEFINITIONS = tuple(name for name in OWN_COLUMNS if COLUMNS[name].owner == "definition")


class OwnRow(NamedTuple):
    """What becomes of a key's row: whether it is made, its changes, and cells that are locked."""

    new: bool
    changes: tuple[CellChange, ...]
    held: tuple[Held, ...] = ()


def plan_own_row(own: OwnTab, new_rows: NewRows, wanted: Wanted, today: date) -> OwnRow:
    """Whatever differs is written. A definition that the config does not state any more is cleared."""
    row = own.rows.get(wanted.id)
    if row is None:
        layout, at = new_rows.place_in(own)
        return OwnRow(True, plan_new_row(layout, at, wanted, today))
    values: dict[str, CellValue] = {**dict.fromkeys(_DEFINITIONS), **wanted.stated, **wanted.computed}
    read = values.pop(ROWS_READ, None)
    changes = {name: change for name, value in values.items() if (change := _change(own, row, wanted, name, value))}
    if wanted.computed.get("current") is not None:
        dated = (row.cell("updated") or EMPTY).value is not None
        if ("current" in changes or not dated) and (change := _change(own, row, wanted, "updated", today)):
            changes["updated"] = change
    if wanted.query and wanted.query.moves and all(change.follows for change in changes.values()):
        return OwnRow(False, ())  # not worth a write of its own, which each run would be
    if changes and read is not None and (change := _change(own, row, wanted, ROWS_READ, read)):
        changes[ROWS_READ] = change
    locked = {name: cell for name in changes if (cell := row.cell(name)) is not None and cell.locked}
    held = (
        Held(name, as_text(cell.value), changes[name].after, Decision.LOCKED, cell.locked or "")
        for name, cell in locked.items()
    )
    return OwnRow(False, tuple(change for name, change in changes.items() if name not in locked), tuple(held))


def left_rows(own: OwnTab, known: frozenset[str], language: str) -> tuple[CellChange, ...]:
    """The status of rows whose key results left the config: they stay, marked, as people's tabs may show them."""
    text = left_text(language)
    rows = [row for key, row in sorted(own.rows.items()) if key != STAMP_ID and key not in known]
    changes = (_change(own, row, Wanted(row.id, {}, {}), "status", text) for row in rows)
    return tuple(change for change in changes if change is not None)


def _change(own: OwnTab, row: SheetRow, wanted: Wanted, column: str, value: CellValue) -> CellChange | None:
    """The change of a cell; None where it holds the value already."""
    cell, value = row.cell(column) or EMPTY, rounded(value)
    if cell.formula is None and cell.error is None and same(cell.value, value):
        return None
    fresh = cell.value is None and cell.formula is None and not cell.percent
    before = cell.formula or cell.error or cell.value
    return CellChange(
        row.id, column, own.layout.tab.title, row.row, own.columns[column], before, value,
        percent=fresh and wanted.shown_as_percent(column),
    )  # fmt: skip
