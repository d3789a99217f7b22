"""The status of a key result: where progress stands against the time that has passed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from config.models import StatusRule
from syncer.method.progress import rounded

EARLY = Decimal("0.15")
"""While less than this is expected, nobody is behind yet."""

GRACE_DAYS = 3
"""Days past the check-in cadence before a value counts as stale."""

_DEFAULTS = {"ratio": (Decimal("0.9"), Decimal("0.7")), "gap": (Decimal("0.10"), Decimal("0.25"))}


class Status(StrEnum):
    """The keys of a status; languages name them."""

    NOT_STARTED = "not_started"
    JUST_STARTED = "just_started"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    DONE = "done"
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    STALE = "stale"
    DROPPED = "dropped"


SEVERITY: Mapping[Status, int] = MappingProxyType(
    {
        Status.OFF_TRACK: 0,
        Status.NOT_MET: 0,
        Status.AT_RISK: 1,
        Status.STALE: 2,
        Status.UNKNOWN: 3,
        Status.JUST_STARTED: 4,
        Status.ON_TRACK: 5,
        Status.MET: 5,
        Status.NOT_STARTED: 6,
        Status.DONE: 7,
        Status.DROPPED: 8,
    }
)
"""Worst first, from 0; equally bad ones share a number."""

_WORST_FIRST = tuple(SEVERITY)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a status is made of. `progress` None is unknown; `started` is false before the key result's first day.

    `is_threshold`: it is met or not, whatever is expected by now.
    """

    progress: Decimal | None
    expected: Decimal
    is_threshold: bool = False
    started: bool = True
    stale: bool = False
    dropped: bool = False


def status_of(standing: Standing, rule: StatusRule | None = None) -> Status:
    """The computed status. What comes first wins: dropped, not started, unknown, done, stale, then the figures."""
    if standing.dropped:
        return Status.DROPPED
    if not standing.started:
        return Status.NOT_STARTED
    if standing.progress is None:
        return Status.UNKNOWN
    return _with_value(standing, standing.progress, rule or StatusRule())


def is_stale(last: date | None, today: date, cadence_days: int) -> bool:
    """Whether the last good value or check-in is older than the cadence and three days; with none there is no age."""
    return last is not None and today - last > timedelta(days=cadence_days + GRACE_DAYS)


def worst(statuses: Collection[Status]) -> Status:
    """The worst of at least one; of equally bad ones the one that SEVERITY lists first."""
    return min(statuses, key=_WORST_FIRST.index)


def _with_value(standing: Standing, progress: Decimal, rule: StatusRule) -> Status:
    if progress >= 1 and not standing.is_threshold:
        return Status.DONE
    if standing.stale:
        return Status.STALE
    if standing.is_threshold:
        return Status.MET if progress >= 1 else Status.NOT_MET
    return _by_pace(progress, standing.expected, rule)


def limits(expected: Decimal, rule: StatusRule) -> tuple[Decimal, Decimal]:
    """The least progress that is on track, and the least that is at risk, where so much is expected."""
    on_track, at_risk = _DEFAULTS[rule.rule]
    on_track = on_track if rule.on_track is None else rule.on_track
    at_risk = at_risk if rule.at_risk is None else rule.at_risk
    if rule.rule == "ratio":
        return rounded(on_track * expected), rounded(at_risk * expected)
    return expected - on_track, expected - at_risk


def _by_pace(progress: Decimal, expected: Decimal, rule: StatusRule) -> Status:
    on_track, at_risk = limits(expected, rule)
    if progress >= on_track:
        return Status.ON_TRACK
    if expected < EARLY:
        return Status.JUST_STARTED
    return Status.AT_RISK if progress >= at_risk else Status.OFF_TRACK
