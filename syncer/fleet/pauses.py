"""Pause and resume workspaces of a fleet; a pause is kept in the workspace's ledger."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from config.errors import OkrsyncError
from config.loading.card import Card
from syncer.fleet.cards import open_place, place_of
from syncer.fleet.members import Member
from syncer.ledger.store import Place, find


def pause_workspace(card: Card, until: datetime | None) -> None:
    """Leave a workspace out until an instant; None: until it is resumed. Raises LedgerError."""
    with open_place(place_of(card), readonly=False) as ledger:
        ledger.last_runs.pause(card.id, until)


def resume_workspace(card: Card) -> bool:
    """Take a workspace back; False if it was not paused. Raises LedgerError."""
    with open_place(place_of(card), readonly=False) as ledger:
        return ledger.last_runs.resume(card.id)


def paused_members(members: Sequence[Member], now: datetime) -> list[Member]:
    """Return the members that are paused. Those whose ledger cannot be read are not: their sync says why."""
    places: dict[Path, Place] = {}
    for one in members:
        if one.opened:
            with suppress(OkrsyncError):
                places[one.file] = find(one.opened.config.workspace.ledger, one.opened.config.base_dir)
    paused = {place: _paused(place, now) for place in dict.fromkeys(places.values())}
    return [one for one in members if one.file in places and one.id in paused[places[one.file]]]


def _paused(place: Place, now: datetime) -> Collection[str]:
    try:
        with open_place(place, readonly=True) as ledger:
            return ledger.last_runs.paused(now)
    except OkrsyncError:
        return ()
