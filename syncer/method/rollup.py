"""Roll up the progress and status of an objective from its members. Unknown members are excluded, but counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from config.models import StatusRule
from syncer.method.progress import weighted_mean
from syncer.method.status import Standing, Status, status_of, worst


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
