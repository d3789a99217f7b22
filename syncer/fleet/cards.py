"""The heads of the fleet's configs, and their ledgers: without loading what a sync needs."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from config.errors import OkrsyncError
from config.loading.card import Card, read_card
from config.loading.workspace_files import shown
from config.message import Message
from config.suggest import did_you_mean
from syncer.ledger.ledger import Ledger
from syncer.ledger.store import Place, find, open_store


def place_of(card: Card) -> Place:
    """Return where a workspace's ledger is. Raises LedgerError."""
    return find(card.ledger, card.file.absolute().parent)


def open_place(place: Place, *, readonly: bool) -> Ledger:
    """Open a ledger. Raises LedgerError."""
    return Ledger(open_store(place, readonly=readonly), place)


def chosen_cards(files: Iterable[Path], wanted: Collection[str]) -> list[Card]:
    """Return the heads of the configs with these ids or files. Raises OkrsyncError for an unknown one."""
    cards = []
    for file in files:
        with suppress(OkrsyncError):  # a config without an id cannot be asked for
            cards.append(read_card(file))
    names = {card.file: (card.id, shown(card.file), str(card.file)) for card in cards}
    require_known(wanted, [name for each in names.values() for name in each])
    return [card for card in cards if any(name in wanted for name in names[card.file])]


def require_known(wanted: Iterable[str], known: Sequence[str]) -> None:
    """Raise OkrsyncError for the first of the wanted names that is not known."""
    for name in wanted:
        if name not in known:
            raise OkrsyncError(
                "choosing workspaces of the fleet",
                Message("there is no workspace '{name}'{meant}", name=name, meant=did_you_mean(name, known)),
                effect="Nothing was read or written.",
                advice="`okrsync fleet check` lists them.",
            )
