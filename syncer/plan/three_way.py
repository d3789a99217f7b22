"""Base, now, wanted: what may happen to one cell. Pure."""

from dataclasses import dataclass

from connectors.okr_sheet import Cell, CellValue
from syncer.model.cells import same
from syncer.model.plan import Decision


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and, where the cell is left alone, why."""

    decision: Decision
    why: str = ""


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
