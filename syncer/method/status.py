"""Status of a key result, and roll-up of the progress and status of an objective from its members. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from config.dataclass import dataclass
from config.models import StatusRule
from syncer.method.progress import rounded, weighted_mean

EARLY = Decimal("0.15")
"""While the expected progress is below this, a key result is just started instead of behind."""

GRACE_DAYS = 3
"""Days past the check-in cadence before a value counts as stale."""

_DEFAULTS = {"ratio": (Decimal("0.9"), Decimal("0.7")), "gap": (Decimal("0.10"), Decimal("0.25"))}


class Status(StrEnum):
    """Status keys; each language has its own names for them."""

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
"""Severity by status, 0 is the worst; equally bad ones share a number."""

_WORST_FIRST = tuple(SEVERITY)


@dataclass(frozen=True, slots=True)
class Standing:
    """Input of a status. `progress` None is unknown; `started` is False before the key result's first day.

    `is_threshold`: the key result is met or not met, whatever progress is expected.
    """

    progress: Decimal | None
    expected: Decimal
    is_threshold: bool = False
    started: bool = True
    stale: bool = False
    dropped: bool = False


def status_of(standing: Standing, rule: StatusRule | None = None) -> Status:
    """Compute the status. In order of precedence: dropped, not started, unknown, done, stale, then progress."""
    if standing.dropped:
        return Status.DROPPED
    if not standing.started:
        return Status.NOT_STARTED
    if standing.progress is None:
        return Status.UNKNOWN
    return _with_value(standing, standing.progress, rule or StatusRule())


def is_stale(last: date | None, today: date, cadence_days: int) -> bool:
    """Whether the last valid value or check-in is older than the cadence plus three days; False if there is none."""
    return last is not None and today - last > timedelta(days=cadence_days + GRACE_DAYS)


def worst(statuses: Collection[Status]) -> Status:
    """Return the worst of one or more statuses; among equally bad ones, the first in SEVERITY."""
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
    """Return the minimum progress for on track and for at risk, given the expected progress."""
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


@dataclass(frozen=True, slots=True)
class Member:
    """A key result, or an included objective. `progress` None is unknown."""

    id: str
    progress: Decimal | None
    weight: Decimal
    expected: Decimal
    status: Status


@dataclass(frozen=True, slots=True)
class RollUp:
    """Weighted mean of `progress` and of `expected` of the `known` members out of `total`; None if none is known.

    `off_track` and `at_risk` count the members that trail; `off_track` includes thresholds that are not met.
    """

    progress: Decimal | None
    expected: Decimal | None
    known: int
    total: int
    status: Status
    off_track: int = 0
    at_risk: int = 0


def roll_up(
    members: Sequence[Member], how: Literal["progress", "worst"] = "progress", rule: StatusRule | None = None
) -> RollUp:
    """Roll up members; dropped ones are ignored, and the order does not matter.

    The status compares the mean progress with the mean expected progress. With `worst`, or if no progress is known, it
    is the worst among the members whose status is known. Raises ValueError for a weight that is not above 0.
    """
    live = [member for member in members if member.status is not Status.DROPPED]
    if bad := sorted(member.id for member in live if member.weight <= 0):
        raise ValueError(f"the weight of {bad[0]} is not above 0")
    known = [(member.progress, member.expected, member.weight) for member in live if member.progress is not None]
    progress = weighted_mean((reached, weight) for reached, _, weight in known) if known else None
    due = weighted_mean((awaited, weight) for _, awaited, weight in known) if known else None
    if how == "worst" or progress is None or due is None:
        status = _worst_status(live)
    else:
        started = any(member.status is not Status.NOT_STARTED for member in live if member.progress is not None)
        status = status_of(Standing(progress, due, started=started), rule)
    off_track = sum(member.status in (Status.OFF_TRACK, Status.NOT_MET) for member in live)
    at_risk = sum(member.status is Status.AT_RISK for member in live)
    return RollUp(progress, due, len(known), len(live), status, off_track, at_risk)


def _worst_status(members: Sequence[Member]) -> Status:
    statuses = [member.status for member in members if member.status is not Status.UNKNOWN]
    return worst(statuses) if statuses else Status.UNKNOWN
