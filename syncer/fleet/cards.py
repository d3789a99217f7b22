"""The heads of the fleet's configs, and their ledgers: without loading what a sync needs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import LedgerError, OkrsyncError
from config.loading.card import Card, read_card
from config.loading.workspace_files import shown
from config.message import Message
from config.suggest import did_you_mean
from config.terms import Terms
from syncer.ledger.store import Place, find, open_store

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


class StatedIds:
    """The ids that a manifest states, each for one workspace."""

    def __init__(self, terms: Mapping[Path, Terms]) -> None:
        self._of = {file: one.id for file, one in terms.items() if one.id}
        self._owners = {key: file for file, key in self._of.items()}

    def problem(self, file: Path, key: str) -> Message | None:
        """Return what is wrong with the id of a workspace; None if nothing is."""
        stated, owner = self._of.get(file, ""), self._owners.get(key)
        if stated and stated != key:
            return Message("its id is '{id}', but the manifest states '{stated}'", id=key, stated=stated)
        if owner is not None and owner != file:
            return Message("the manifest states its id '{id}' for {file}", id=key, file=shown(owner))
        return None


def place_of(card: Card) -> Place:
    """Return where a workspace's ledger is. Raises LedgerError, also where the fleet does not let it use that."""
    if card.grants and not card.grants.has_ledger(card.ledger):
        doing = Message("opening the ledger of {file}", file=shown(card.file))
        advice = Message("`okrsync check -c {file}` says what is wrong with it.", file=shown(card.file))
        raise LedgerError(doing, Message("the fleet does not grant it to the workspace"), advice=advice)
    return find(card.ledger, card.file.absolute().parent)


def open_place(place: Place, *, readonly: bool) -> "Ledger":
    """Open a ledger. Raises LedgerError."""
    from syncer.ledger.ledger import Ledger  # not before: `fleet status` needs the last runs only

    return Ledger(open_store(place, readonly=readonly), place)


def make_tables(place: Place) -> None:
    """Make a ledger's tables, in which quota is counted as well; a ledger that cannot be opened is left to the runs."""
    with suppress(OkrsyncError), open_place(place, readonly=False):
        pass


def chosen_cards(terms: Mapping[Path, Terms], wanted: Collection[str]) -> list[Card]:
    """Return the heads of the configs with these ids or files. Raises OkrsyncError for an unknown one."""
    cards = []
    for file, one in terms.items():
        with suppress(OkrsyncError):  # a config without an id cannot be asked for
            cards.append(read_card(file, one.grants))
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
