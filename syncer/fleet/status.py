"""The state of every workspace of a fleet, from the ledgers: what failed, what is late, what is paused."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from config.dataclass import dataclass
from config.errors import ConfigError, OkrsyncError
from config.loading.card import Card, read_card
from config.loading.workspace_files import shown
from config.message import Message
from config.terms import Terms
from syncer.fleet.cards import StatedIds, place_of
from syncer.ledger.last_runs import LastRuns
from syncer.ledger.records import LastRun, Scope
from syncer.ledger.store import Place, open_store


class Condition(StrEnum):
    """How a workspace is doing; the worst first."""

    UNREADABLE = "unreadable"
    """Its config or its ledger cannot be read, so how it is doing is not known."""
    FAILED = "failed"
    REFUSED = "refused"
    LATE = "late"
    """Its last good run is longer ago than the fleet allows."""
    NEVER = "never"
    """It was never synced."""
    INCOMPLETE = "incomplete"
    PAUSED = "paused"
    SYNCED = "synced"
    ENDED = "ended"

    @property
    def fails(self) -> bool:
        """Whether somebody has to look at it."""
        return self in (Condition.UNREADABLE, Condition.FAILED, Condition.REFUSED, Condition.LATE)


@dataclass(frozen=True, slots=True)
class State:
    """One workspace: its last sync, if any, or the `error` that keeps it from being known.

    `lag` is the time since its last good run. `until` is the end of its pause, None if it lasts until resumed.
    """

    file: Path
    condition: Condition
    card: Card | None = None
    last: LastRun | None = None
    lag: timedelta | None = None
    until: datetime | None = None
    error: OkrsyncError | None = None

    @property
    def name(self) -> str:
        """The workspace's name; its file where the config cannot be read."""
        return self.card.name if self.card else shown(self.file)

    @property
    def why(self) -> str:
        """What failed; empty if nothing did."""
        return self.error.summary if self.error else self.last.why if self.last else ""


@dataclass(frozen=True, slots=True)
class _Records:
    runs: Mapping[Scope, LastRun]
    paused: Mapping[str, datetime | None]


def fleet_state(terms: Mapping[Path, Terms], now: datetime, late_after: float | None) -> list[State]:
    """Return the state of every workspace, those in trouble first. A ledger of several is asked once.

    `late_after`: seconds without a good run after which a workspace is late; None: none is.
    """
    read = [(file, *_read(file, one)) for file, one in terms.items()]
    stated = StatedIds(terms)
    problems = {file: saw for file, card, _, _ in read if card and (saw := stated.problem(file, card.id))}
    scopes = Counter(Scope(card.id, card.cycle) for file, card, _, _ in read if card and file not in problems)
    records = {place: _ask(place, now) for place in dict.fromkeys(place for *_, place in read if place)}
    states = []
    for file, card, error, place in read:
        if card is None or place is None:
            states.append(State(file, Condition.UNREADABLE, card, error=error))
        elif file in problems:
            states.append(State(file, Condition.UNREADABLE, card, error=_wrong_id(card, problems[file])))
        elif scopes[Scope(card.id, card.cycle)] > 1:
            saw = Message("another workspace of the fleet has its id '{id}'", id=card.id)
            states.append(State(file, Condition.UNREADABLE, card, error=_wrong_id(card, saw)))
        elif isinstance(found := records[place], OkrsyncError):
            states.append(State(file, Condition.UNREADABLE, card, error=found))
        else:
            states.append(_state(card, found, now, late_after))
    return sorted(states, key=_trouble_first)


def _read(file: Path, terms: Terms) -> tuple[Card | None, OkrsyncError | None, Place | None]:
    try:
        card = read_card(file, terms.grants)
    except ConfigError as error:
        return None, error, None
    try:
        return card, None, place_of(card)
    except OkrsyncError as error:
        return card, error, None


def _ask(place: Place, now: datetime) -> _Records | OkrsyncError:
    try:
        engine = open_store(place, readonly=True)
    except OkrsyncError as error:
        return error
    try:
        last_runs = LastRuns(engine, place)
        return _Records(last_runs.all(), last_runs.paused(now))
    except OkrsyncError as error:
        return error
    finally:
        engine.dispose()


def _state(card: Card, records: _Records, now: datetime, late_after: float | None) -> State:
    last = records.runs.get(Scope(card.id, card.cycle))
    lag = now - last.last_good if last and last.last_good else None
    late = late_after is not None and (lag is None or lag.total_seconds() > late_after)
    condition = Condition(last.outcome.value) if last else Condition.NEVER
    if card.id in records.paused:
        condition = Condition.PAUSED
    elif late and last and condition in (Condition.SYNCED, Condition.INCOMPLETE):
        condition = Condition.LATE
    return State(card.file, condition, card, last, lag, records.paused.get(card.id))


def _wrong_id(card: Card, saw: Message) -> OkrsyncError:
    return OkrsyncError(
        Message("looking at {file}", file=shown(card.file)),
        saw,
        advice="`okrsync fleet check` names both.",
    )


def _trouble_first(state: State) -> tuple[int, float, str]:
    since = -state.lag.total_seconds() if state.lag is not None else float("-inf")
    return list(Condition).index(state.condition), since, state.name
