"""Agenda of a check-in meeting or a one-on-one: for each key result its state, changes and check-ins."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.loading.loader import Config
from config.message import Message
from config.suggest import did_you_mean
from syncer.compute.assess import Assessment
from syncer.compute.change import compared_day
from syncer.compute.coverage import Gap, gap_of
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.compute.with_history import Snapshot, delta, measures_of_state, value_record
from syncer.ledger.records import CheckIn, MeasureRecord, ValueRecord
from syncer.model.history import NOTHING, Delta
from syncer.run.same_sheet import scope_of

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger

StoodOn = Mapping[str, Mapping[str, MeasureRecord]]
"""Records of measures by run, then by measure."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One key result in a meeting.

    Attributes:
        before: its last value up to the agenda's `since` day; None when the ledger has none.
        changed: what changed since `before`.
        check_ins: newest first, without empty ones.
    """

    state: KeyResultState
    before: ValueRecord | None = None
    changed: Delta = NOTHING
    check_ins: tuple[CheckIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Agenda:
    """Topics of a meeting by objective, those without an objective (None) last.

    Attributes:
        about: the team or owner whose meeting it is; empty for all teams.
        since: the day that the topics are compared with.
        scale: the highest confidence.
    """

    about: str
    today: date
    since: date
    groups: tuple[tuple[ObjectiveState | None, tuple[Topic, ...]], ...]
    scale: int
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    """Why the key results of an objective do not cover it, by the objective's id."""

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics of all groups."""
        return tuple(topic for _, topics in self.groups for topic in topics)


def due_by_day(states: Iterable[KeyResultState]) -> dict[date, list[KeyResultState]]:
    """Group the key results whose check-in is due by the day since which it is, oldest first."""
    found: dict[date, list[KeyResultState]] = {}
    for state in states:
        if state.due_since is not None:
            found.setdefault(state.due_since, []).append(state)
    return dict(sorted(found.items()))


def team_agenda(seen: Assessment, ledger: "Ledger", team: str) -> Agenda:
    """Build the agenda of a team and the teams below it, or of all teams when `team` is empty.

    Key results that were dropped are left out. Raises OkrsyncError for an unknown team, LedgerError.
    """
    teams = {state.definition.team for state in seen.key_results if state.definition.team}
    known = teams | set(seen.config.workspace.teams)
    if team and team not in known:
        raise _unknown("team", team, known)
    wanted = teams_below(seen.config, team)
    return _agenda(seen, ledger, team, [s for s in seen.key_results if not team or s.definition.team in wanted])


def owner_agenda(seen: Assessment, ledger: "Ledger", owner: str) -> Agenda:
    """Build the agenda of one owner, whose name is compared without case.

    Raises OkrsyncError when no key result has that owner, LedgerError.
    """
    known = {state.definition.owner for state in seen.key_results if state.definition.owner}
    mine = [state for state in seen.key_results if state.definition.owner.casefold() == owner.strip().casefold()]
    if not mine:
        raise _unknown("owner", owner, known)
    return _agenda(seen, ledger, mine[0].definition.owner, mine)


def _agenda(seen: Assessment, ledger: "Ledger", about: str, states: Iterable[KeyResultState]) -> Agenda:
    today = seen.now.date()
    since = compared_day(seen.config, today)
    then = ledger.values_at(scope_of(seen.config), since)
    stood_on = ledger.measures({record.run for record in then.values()}, seen.measures)
    topics = [_topic(seen, stood_on, then, state) for state in states if not state.dropped]
    ids = {each.id for each in seen.objectives}
    groups: list[tuple[ObjectiveState | None, tuple[Topic, ...]]] = []
    for objective in (*seen.objectives, None):
        mine = tuple(
            topic
            for topic in topics
            if (
                topic.state.definition.objective == objective.id
                if objective
                else topic.state.definition.objective not in ids
            )
        )
        if mine:
            groups.append((objective, mine))
    gaps = {each.id: gap for each in seen.objectives if (gap := gap_of(seen, each)) is not None}
    return Agenda(about, today, since, tuple(groups), seen.config.workspace.confidence.scale, gaps)


def _topic(seen: Assessment, stood_on: StoodOn, then: Mapping[str, ValueRecord], state: KeyResultState) -> Topic:
    key = state.definition.id
    before = then.get(key)
    changed = NOTHING
    if before is not None:
        names = [name for name in measures_of_state(state) if name in seen.measures]
        now = Snapshot(value_record(state, seen.now), {name: seen.measures[name] for name in names})
        changed = delta(Snapshot(before, stood_on[before.run]), now)
    check_ins = tuple(reversed([each for each in seen.recall.check_ins.get(key, ()) if each.texts]))
    return Topic(state, before, changed, check_ins)


def teams_below(config: Config, team: str) -> set[str]:
    """Return the names of a team and of all teams below it, at any depth."""
    found, added = {team}, True
    while added:
        more = {name for name, each in config.workspace.teams.items() if each.parent in found} - found
        found |= more
        added = bool(more)
    return found


def _unknown(what: str, name: str, known: Iterable[str]) -> OkrsyncError:
    names = sorted(known)
    listed = Message(" (known: {names})", names=names[:12]) if names else Message(" (no key result has one)")
    return OkrsyncError(
        Message("looking for key results with --{what} '{name}'", what=what, name=name),
        Message("there are none{meant}{listed}", meant=did_you_mean(name, names), listed=listed),
        advice=Message("Name one of them with --{what}.", what=what),
    )
