"""The cycle before the workspace's own, and what it scored, from the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from config.cycles import parse_cycle
from config.errors import LedgerError
from config.loading.loader import Config
from syncer.cycle_end.cycle_names import neighbour
from syncer.ledger.records import cycle_in, workspace_key
from syncer.method.score import score_of
from syncer.run.workspace import Opened
from syncer.sheet.open_sheet import sheet_name

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LastCycle:
    """Its name and its scores, both empty where none is known; `problem` says why the ledger could not be asked."""

    name: str = ""
    scores: tuple[Decimal, ...] = ()
    problem: LedgerError | None = None


def last_cycle(opened: Opened) -> LastCycle:
    """The cycle that ended last before this one's start and of which the ledger has values.

    The one that its name says comes first (2026-Q3 before 2026-Q4); a cycle of one's own naming follows what the
    config's `cycles` or the ledger know to have ended before it.
    """
    try:
        with opened.ledger(readonly=True) as ledger:
            for name, last in _before(opened.config, ledger):
                values = ledger.values_at(_key(opened.config, name), last).values()
                scores = tuple(score for value in values if (score := score_of(value.progress)) is not None)
                if scores:
                    return LastCycle(name, scores)
    except LedgerError as error:
        return LastCycle(problem=error)
    return LastCycle()


def _before(config: Config, ledger: "Ledger") -> Iterator[tuple[str, date]]:
    """The cycles that ended before this one began, with their last days: what its name says first, then the latest."""
    own = config.workspace.cycle
    named = neighbour(own, -1)
    if named is not None:
        yield named, parse_cycle(named).last
    ended = {name: config.workspace.cycle_named(name) for name in config.workspace.cycles}
    found = {name: cycle.last for name, cycle in ended.items() if cycle is not None and cycle.last < own.first}
    for key in ledger.workspaces():
        name = cycle_in(key, sheet_name(config), config.workspace.okr_sheet.tabs)
        if name is not None and name not in (*ended, own.name):
            days = [record.day for record in ledger.values_at(key, own.first - timedelta(days=1)).values()]
            found.update({name: max(days)} if days else {})
    found.pop(named or "", None)
    yield from sorted(found.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)


def _key(config: Config, name: str) -> str:
    return workspace_key(sheet_name(config), config.workspace.okr_sheet.tabs, name)
