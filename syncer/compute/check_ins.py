"""What people write beside their key results: read at every run, kept with a date, never written. Pure."""

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
    """What people wrote in a row, by column; empty cells and cells in error are left out."""
    cells = {name: row.cell(name) for name in PEOPLE_COLUMNS}
    texts = {name: as_text(cell.value) for name, cell in cells.items() if cell is not None and cell.error is None}
    return {name: text for name, text in texts.items() if text}


def new_check_ins(
    view: SheetView, keys: Collection[str], known: Mapping[str, Sequence[CheckIn]], now: datetime, run: str = ""
) -> list[CheckIn]:
    """What the sheet says that the ledger does not know yet, by id. Cleared cells are news as well.

    The date is that of the date cell; without one, or with one that is still to come, it is today.
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
    """The confidence as a share of its scale; None where none, or no number on the scale, was written."""
    try:
        amount = parse_amount(check_in.said["confidence"])
    except (KeyError, ValueError):
        return None
    share = amount.value if amount.percent else amount.value / scale
    return share if 0 <= share <= 1 else None
