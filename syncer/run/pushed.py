"""Record numbers for measures that read pushed values, list them, and bring back what was exported."""

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.measure_models import PUSHED
from config.message import Message
from config.quantities import converted, parse_quantity
from config.suggest import did_you_mean
from syncer.ledger.pushed import PushedValue
from syncer.run.workspace import Opened

NOTHING_RECORDED = "Nothing was recorded."


@dataclass(frozen=True, slots=True)
class New:
    """A number as it was typed; `at` is without a zone, None for now; `key` may be empty."""

    measure: str
    number: str
    at: datetime | None = None
    note: str = ""
    increment: bool = False
    key: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Values of measures, oldest first by measure, and how many of them this command added."""

    values: Sequence[PushedValue]
    added: int = 0


def push(opened: Opened, new: New) -> Recorded:
    """Record a number; return the values of its measure up to it. Raises OkrsyncError, LedgerError."""
    doing = Message("recording {number} for {measure}", number=new.number, measure=new.measure)
    _require_pushed(opened, new.measure, doing)
    amount = _amount(opened, new, doing)
    at = new.at.replace(tzinfo=opened.now.tzinfo) if new.at else opened.now
    if at > opened.now:
        saw = Message(
            "{at} is in the future: it is {now}", at=f"{at:%Y-%m-%d %H:%M}", now=f"{opened.now:%Y-%m-%d %H:%M}"
        )
        raise OkrsyncError(doing, saw, effect=NOTHING_RECORDED, advice="Record what has happened.")
    key = new.key or f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    value = PushedValue(new.measure, key, at, amount, new.increment, new.who, new.note, datetime.now(UTC))
    with opened.ledger(readonly=False) as ledger:
        store = ledger.pushed(opened.config.workspace.id)
        added = store.record([value])
        found = store.of(new.measure)
    kept = next(one for one in found if one.id == key)
    if (kept.amount, kept.increment) != (amount, new.increment):
        raise OkrsyncError(
            doing,
            Message("the key {key} has {number} already", key=key, number=f"{kept.amount:f}"),
            effect=NOTHING_RECORDED,
            advice="Give each number a key of its own. To correct one, record the right number.",
        )
    return Recorded(found[: found.index(kept) + 1], len(added))


def listed(opened: Opened, measure: str) -> Recorded:
    """List the values of a measure, or of all with an empty name. Raises OkrsyncError, LedgerError."""
    if measure:
        _require_pushed(opened, measure, Message("listing what was recorded for {measure}", measure=measure))
    with opened.ledger(readonly=True) as ledger:
        return Recorded(ledger.pushed(opened.config.workspace.id).of(measure))


def restored(opened: Opened, path: Path) -> Recorded:
    """Record the values that `record --format json` wrote to a file; those that are there stay as they are.

    Raises OkrsyncError, LedgerError.
    """
    doing = Message("restoring what `okrsync record --format json` wrote to {path}", path=path)
    try:
        values = [_value(one) for one in json.loads(path.read_text("utf-8"))["values"]]
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation) as exc:
        saw = exc.strerror if isinstance(exc, OSError) else Message("it is not what that command writes")
        advice = "Name the file of an export."
        raise OkrsyncError(doing, saw or "", effect=NOTHING_RECORDED, advice=advice) from exc
    with opened.ledger(readonly=False) as ledger:
        added = ledger.pushed(opened.config.workspace.id).record(values)
    return Recorded(values, len(added))


def _value(stated: dict[str, Any]) -> PushedValue:
    def moment(name: str) -> datetime:
        return datetime.fromisoformat(stated[name]).astimezone(UTC)

    return PushedValue(
        measure=str(stated["measure"]),
        id=str(stated["id"]),
        at=moment("at"),
        amount=Decimal(str(stated["amount"])),
        increment=stated["increment"] is True,
        who=str(stated["who"]),
        note=str(stated["note"]),
        recorded_at=moment("recorded_at"),
    )


def _require_pushed(opened: Opened, name: str, doing: str) -> None:
    """Raise OkrsyncError for a name that is no measure with `from: pushed`."""
    measures = opened.config.measures
    pushed = [other for other, measure in measures.items() if measure.connection == PUSHED]
    if name in pushed:
        return
    advice: str = Message("Write it under `measures` in the config: {name}: {{from: pushed}}", name=name)
    if name in measures:
        saw = Message("it is read from {source}, so it takes no recorded numbers", source=measures[name].from_)
        advice = "Record numbers for a measure with `from: pushed`."
    else:
        saw = Message("the config has no measure of that name{meant}", meant=did_you_mean(name, pushed))
    raise OkrsyncError(doing, saw, effect=NOTHING_RECORDED, advice=advice)


def _amount(opened: Opened, new: New, doing: str) -> Decimal:
    """Return the number in the measure's unit. Raises OkrsyncError."""
    unit = opened.config.measures[new.measure].unit or ""
    try:
        quantity = parse_quantity(new.number)
    except ValueError as exc:
        raise OkrsyncError(doing, str(exc), effect=NOTHING_RECORDED, advice="Write one number.") from exc
    found = converted(quantity, unit)
    if quantity.bound or found is None:
        saw = Message("it is a bound") if quantity.bound else Message("the measure is in {unit}", unit=unit)
        raise OkrsyncError(doing, saw, effect=NOTHING_RECORDED, advice="Write the number alone, in the measure's unit.")
    return found.value * 100 if found.percent and unit == "percent" else found.value
