"""Record a sync that did not begin, so that `fleet status` says why."""

from contextlib import suppress
from datetime import datetime

from config.errors import OkrsyncError
from config.loading.card import read_card
from syncer.fleet.cards import open_place, place_of
from syncer.fleet.sync_all import Result
from syncer.ledger.records import LastRun, SyncOutcome


def record_unsynced(result: Result, at: datetime) -> None:
    """Record a workspace whose config is wrong or whose cycle is over; other syncs record themselves.

    A workspace whose config names no id or another's, or whose ledger cannot be written, is left out.
    """
    member = result.member
    if member.foreign or not (member.error or result.ended):
        return
    with suppress(OkrsyncError):
        card = member.card or read_card(member.file)
        outcome = SyncOutcome.FAILED if member.error else SyncOutcome.ENDED
        with open_place(place_of(card), readonly=False) as ledger:
            why = member.error.summary if member.error else ""
            ledger.last_runs.record(LastRun(card.id, card.cycle, outcome, at, why=why))
