"""Check-ins: texts that people write in the sheet, read at every run, recorded with a date, never written. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from config.scalars import parse_amount, parse_date
from connectors.okr_sheet import CellValue
from syncer.ledger.records import CheckIn
from syncer.model.cells import as_text
from syncer.sheet.columns import COLUMNS
from syncer.sheet.layout import SheetRow
from syncer.sheet.view import SheetView

PEOPLE_COLUMNS = tuple(name for name, column in COLUMNS.items() if column.owner == "people")


def people_texts(row: SheetRow) -> dict[str, str]:
    """Return what people wrote in a row, by column, without empty cells and errors."""
    cells = {name: row.cell(name) for name in PEOPLE_COLUMNS}
    texts = {name: as_text(cell.value) for name, cell in cells.items() if cell is not None and cell.error is None}
    return {name: text for name, text in texts.items() if text}


def new_check_ins(
    view: SheetView, keys: Collection[str], known: Mapping[str, Sequence[CheckIn]], now: datetime, run: str = ""
) -> list[CheckIn]:
    """List the check-ins in the sheet that the ledger does not have yet, by id; clearing cells is one as well.

    The date is that of the date cell, or today if that is empty or in the future.
    """
    found = []
    for key in sorted(keys):
        row = view.row_of(key)
        if row is None or key in view.duplicates:
            continue
        said = people_texts(row)
        before = known[key][-1].said if known.get(key) else {}
        if said != before:
            cell = row.cell("date")
            stated = _date(cell.value) if cell is not None else None
            today = now.date()
            found.append(CheckIn(run, key, min(stated, today) if stated else today, now, said))
    return found


def _date(value: CellValue) -> date | None:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return parse_date(value)
        except ValueError:
            return None
    return None


def confidence_of(check_in: CheckIn, scale: int) -> Decimal | None:
    """Return the confidence as a share of its scale; None if it is missing or not a number on the scale."""
    try:
        amount = parse_amount(check_in.said["confidence"])
    except (KeyError, ValueError):
        return None
    share = amount.value if amount.percent else amount.value / scale
    return share if 0 <= share <= 1 else None
