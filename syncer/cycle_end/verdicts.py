"""What people wrote in the sheet, or say by flags, at the end of a cycle: self scores and decisions. Pure."""

from decimal import Decimal

from config.message import Message
from syncer.compute.definitions import cell_amount
from syncer.cycle_end.closed_cycle import Decision, Flags
from syncer.model.cells import as_text
from syncer.sheet.decisions import verdict_of
from syncer.sheet.layout import SheetRow


def self_score_in(row: SheetRow | None) -> tuple[Decimal | None, str]:
    """The self score of a row, and what is wrong with a cell that holds none."""
    cell = row.cell("self_score") if row else None
    if cell is None or (cell.value is None and cell.error is None):
        return None, ""
    amount = cell_amount(cell)
    if amount is not None and 0 <= amount.value <= 1:
        return amount.value, ""
    shown = cell.error or as_text(cell.value)
    return None, Message("self score '{shown}' is not between 0 and 1", shown=shown)


def decision_in(row: SheetRow | None, key: str, flags: Flags) -> tuple[Decision | None, str]:
    """The decision on a key result, by a flag or else by its row; and what is wrong with a cell that holds none."""
    written = text_in(row, "decision")
    verdict = verdict_of(written)
    if key in flags.decisions:
        overruled = written if written and verdict != flags.decisions[key] else ""
        by, reason = flags.by or text_in(row, "decided_by"), flags.reason or text_in(row, "reason")
        return Decision(flags.decisions[key], by, reason, overruled), ""
    if verdict is None:
        wrong = Message("decision '{written}' is none of continue, abandon, complete", written=written)
        return None, wrong if written else ""
    return Decision(verdict, text_in(row, "decided_by"), text_in(row, "reason")), ""


def text_in(row: SheetRow | None, column: str) -> str:
    """What a cell of a row says; empty where it says nothing."""
    cell = row.cell(column) if row else None
    return as_text(cell.value) if cell and cell.error is None else ""
