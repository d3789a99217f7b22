"""Status of a key result, and roll-up of the progress and status of an objective from its members. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

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
    """A key result, or an included objective. `progress` None is unknown.

    `expected` is needed only if the objective's status is computed from the mean.
    """

    id: str
    progress: Decimal | None
    weight: Decimal
    status: Status
    expected: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RollUp:
    """Weighted mean `progress` of the `known` members out of `total`; None if none is known."""

    progress: Decimal | None
    known: int
    total: int
    status: Status


def roll_up(
    members: Sequence[Member], how: Literal["worst", "mean"] = "worst", rule: StatusRule | None = None
) -> RollUp:
    """Roll up members; dropped ones are ignored, and the order does not matter.

    The status is the worst among the members whose status is known. With `mean` it is computed from the mean progress
    and the mean expected progress if all known members have an expected progress, else it is the worst as well. Raises
    ValueError for a weight that is not above 0.
    """
    live = [member for member in members if member.status is not Status.DROPPED]
    if bad := sorted(member.id for member in live if member.weight <= 0):
        raise ValueError(f"the weight of {bad[0]} is not above 0")
    known = [(member.progress, member.weight) for member in live if member.progress is not None]
    progress = weighted_mean(known) if known else None
    status = _mean_status(live, progress, rule) if how == "mean" else None
    return RollUp(progress, len(known), len(live), status or _worst_status(live))


def _worst_status(members: Sequence[Member]) -> Status:
    statuses = [member.status for member in members if member.status is not Status.UNKNOWN]
    return worst(statuses) if statuses else Status.UNKNOWN


def _mean_status(members: Sequence[Member], progress: Decimal | None, rule: StatusRule | None) -> Status | None:
    known = [member for member in members if member.progress is not None]
    pace = [(member.expected, member.weight) for member in known if member.expected is not None]
    if progress is None or len(pace) < len(known):
        return None
    started = any(member.status is not Status.NOT_STARTED for member in known)
    return status_of(Standing(progress, weighted_mean(pace), started=started), rule)
