"""Check-ins: what people changed in the rows of key results and objectives since the last run. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from config.dataclass import dataclass
from config.scalars import Amount, parse_amount, parse_date
from connectors.okr_sheet import CellValue
from syncer.compute.definitions import Definition
from syncer.compute.row_definitions import typed_value
from syncer.ledger.recall import Recall
from syncer.ledger.records import CheckIn
from syncer.method.kinds import Milestone
from syncer.model.cells import as_text
from syncer.sheet.columns import COLUMNS
from syncer.sheet.layout import SheetRow
from syncer.sheet.view import SheetView

PEOPLE_COLUMNS = tuple(name for name, column in COLUMNS.items() if column.owner == "people")

VALUE = "current"
"""Key of a check-in's texts for the value that people state: a typed number, or the steps that are done."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that people write in. `definition` is that of its key result; None for an objective."""

    key: str
    row: SheetRow | None
    definition: Definition | None = None


def rows_of(view: SheetView, definitions: Sequence[Definition], objectives: Collection[str]) -> list[Row]:
    """List the rows of key results and objectives by id; rows whose id occurs twice are left out."""
    found = [Row(one.id, view.row_of(one.id, one.former_id), one) for one in definitions]
    found += [Row(key, view.row_of(key)) for key in objectives]
    return sorted((one for one in found if one.key not in view.duplicates), key=lambda one: one.key)


def new_check_ins(rows: Sequence[Row], known: Mapping[str, Sequence[CheckIn]], now: datetime) -> list[CheckIn]:
    """List the check-ins in the sheet that the ledger does not have yet, by id; clearing cells is one as well.

    The day is that of the date cell if it was changed too and is not in the future, else today.
    """
    found = []
    for one in rows:
        earlier = known_of(one, known)
        before = earlier[-1].texts if earlier else {}
        texts = _texts(one, before)
        if texts != before:
            found.append(CheckIn("", one.key, _day(one.row, texts, before, now.date()), now, texts))
    return found


def known_of(row: Row, known: Mapping[str, Sequence[CheckIn]]) -> Sequence[CheckIn]:
    """Return the earlier check-ins of a row, also under its former id."""
    former = row.definition.former_id if row.definition else ""
    return known.get(row.key) or known.get(former) or ()


def _texts(one: Row, before: Mapping[str, str]) -> dict[str, str]:
    """Return what people state about a key result or objective, by column, without empty cells.

    A cell with an error, such as one that is still loading, keeps its text of before; so does a row that is gone.
    """
    texts = dict(before)
    if one.row is not None:
        cells = {name: one.row.cell(name) for name in PEOPLE_COLUMNS}
        texts = {
            name: before.get(name, "") if cell.error is not None else as_text(cell.value)
            for name, cell in cells.items()
            if cell is not None
        }
    if one.definition is not None:
        texts[VALUE] = _value(one.definition, one.row, before.get(VALUE, ""))
    return {name: text for name, text in texts.items() if text}


def _value(definition: Definition, row: SheetRow | None, before: str) -> str:
    goal = definition.goal
    if not definition.manual:
        any_done = isinstance(goal, Milestone) and any(step.done for step in goal.steps)
        return goal.value_text if goal is not None and any_done else ""
    cell = row.cell("current") if row else None
    if row is None or cell is None or cell.error is not None:
        return before
    typed = typed_value(row, "percent" if definition.percent else definition.unit)
    return as_text(typed.value if isinstance(typed, Amount) else cell.value)


def _day(row: SheetRow | None, texts: Mapping[str, str], before: Mapping[str, str], today: date) -> date:
    cell = row.cell("date") if row else None
    stated = _date(cell.value) if cell is not None and texts.get("date") != before.get("date") else None
    return min(stated, today) if stated else today


def _date(value: CellValue) -> date | None:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return parse_date(value)
        except ValueError:
            return None
    return None


def with_check_ins(recall: Recall, rows: Sequence[Row], now: datetime) -> Recall:
    """Add the check-ins since the last run to the history."""
    fresh = new_check_ins(rows, recall.check_ins, now)
    check_ins = {**recall.check_ins}
    check_ins |= {one.key: tuple(known) for one in rows if (known := known_of(one, recall.check_ins))}
    for check_in in fresh:
        check_ins[check_in.key_result] = (*check_ins.get(check_in.key_result, ()), check_in)
    past = replace(recall.past, last_check_in=last_days(check_ins), first_run=recall.past.first_run or now.date())
    return replace(recall, past=past, check_ins=check_ins, fresh=tuple(fresh))


def last_days(check_ins: Mapping[str, Sequence[CheckIn]]) -> dict[str, date]:
    """Return the day of the newest check-in that is not empty, by key result or objective."""
    days = {key: [one.day for one in several if one.texts] for key, several in check_ins.items()}
    return {key: max(several) for key, several in days.items() if several}


def confidence_of(check_in: CheckIn, scale: int) -> Decimal | None:
    """Return the confidence as a share of its scale; None if it is missing or not a number on the scale."""
    try:
        amount = parse_amount(check_in.texts["confidence"])
    except (KeyError, ValueError):
        return None
    share = amount.value if amount.percent else amount.value / scale
    return share if 0 <= share <= 1 else None
