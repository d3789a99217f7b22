"""Base, now, wanted: what may happen to one cell. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum

from config.scalars import parse_amount
from connectors.okr_sheet import Cell, CellValue

DIGITS = 12
"""Significant digits of a number in a sheet; a double carries 15, so 12 survive every round trip."""

_TWELVE = Context(prec=DIGITS)


class Decision(StrEnum):
    """What to do with a cell."""

    SAME = "same"
    REMEMBER = "remember"
    """It already holds what we want; only the base has to learn it."""
    WRITE = "write"
    CONFLICT = "conflict"
    """A person changed what okrsync wrote: kept, shown."""
    UNADOPTED = "unadopted"
    """Filled before okrsync came: shown, written only with `--adopt`."""
    LOCKED = "locked"
    """A formula, a protection, a merge or a spill."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and, where the cell is left alone, why."""

    decision: Decision
    why: str = ""


def rounded(value: CellValue) -> CellValue:
    """A value as a sheet can hold it: numbers to 12 significant digits."""
    return _TWELVE.plus(value).normalize() if isinstance(value, Decimal) else value


def as_text(value: CellValue) -> str:
    """A value as plain text, for ids and comparisons."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(_TWELVE.plus(value).normalize(), "f")
        case date():
            return value.isoformat()
        case _:
            return value.strip()


def same(left: CellValue, right: CellValue) -> bool:
    """Whether two values read the same to a person: `90%` typed as text is 0.9, outer white space does not count."""
    if as_text(left) == as_text(right):
        return True
    if isinstance(left, str) and isinstance(right, Decimal):
        left, right = right, left
    if isinstance(left, Decimal) and isinstance(right, str):
        try:
            return as_text(parse_amount(right).value) == as_text(left)
        except ValueError:
            return False
    return False


@dataclass(frozen=True, slots=True)
class Permission:
    """What the person who runs `sync` allows for a row."""

    adopt: bool = False
    overwrite: bool = False


def decide(base: CellValue, now: Cell, wanted: CellValue, permission: Permission, *, known: bool) -> Verdict:
    """What may happen to a cell. `known`: the base has an entry for it (its value may be None)."""
    if now.formula is None and now.error is None and same(now.value, wanted):
        remembered = known and same(base, wanted)
        return Verdict(Decision.SAME if remembered or now.locked else Decision.REMEMBER)
    if now.locked:
        return Verdict(Decision.LOCKED, now.locked)
    if now.formula is not None:
        return Verdict(Decision.LOCKED, "holds a formula")
    if now.error is None and now.value is None:
        return Verdict(Decision.WRITE)
    if permission.overwrite:
        return Verdict(Decision.WRITE)
    if not known:
        if permission.adopt:
            return Verdict(Decision.WRITE)
        return Verdict(Decision.UNADOPTED, "was filled before okrsync came")
    if now.error is None and same(base, now.value):
        return Verdict(Decision.WRITE)
    return Verdict(Decision.CONFLICT, "was changed by hand")
