"""What a key result that goes on needs for the next cycle: where it starts, what its target is, what is left open.

Pure. It never changes its kind; a relative target becomes absolute; what is reached needs a new target.
"""

from dataclasses import dataclass
from decimal import Decimal

from config.loading.loader import Config, KeyResultEntry
from config.models import KeyResult, Kind, Part
from syncer.method.kinds.goal import Goal
from syncer.method.progress import rounded


@dataclass(frozen=True, slots=True)
class Rebased:
    """The numbers of one key result, or of one part, in the next cycle. Texts are as the config writes them.

    Attributes:
        baseline: where it starts; None leaves what is stated.
        target: the absolute target of a relative one; None leaves what is stated.
        kind: to be written out, so that new numbers cannot turn it round.
        reached: it needs a new target.
        anew: its measure counts from the cycle's start, and so begins at 0 again.
        unknown: it has no value to start from.
    """

    baseline: str | None = None
    target: str | None = None
    kind: Kind | None = None
    reached: bool = False
    anew: bool = False
    unknown: bool = False


def rebase(stated: KeyResult | Part, goal: Goal, value: Decimal | None, *, anew: bool) -> Rebased:
    """The numbers of the next cycle. `value` is where it ended, `anew` whether its measure counts from the start."""
    target = _written(goal.target, goal) if stated.change is not None and goal.target is not None else None
    reached = goal.progress([value]).progress == 1
    if not goal.is_distance:
        return Rebased(target=target, reached=reached)
    if stated.starts_with_the_cycle:
        return Rebased(target=target, kind=goal.kind, reached=reached)
    start = Decimal(0) if anew else value
    if start is None:
        return Rebased(target=target, kind=goal.kind, unknown=True)
    return Rebased(_written(start, goal), target, goal.kind, reached, anew)


def _written(number: Decimal, goal: Goal) -> str:
    plain = format(rounded(number * 100 if goal.percent else number), "f")
    return f"{plain}%" if goal.percent else plain


def restarts_at_zero(config: Config, entry: KeyResultEntry, part: int | None = None) -> bool:
    """Whether the number is a count or a sum of what happens since the cycle's start: 0 on the next one's first day."""
    measure = entry.measure if part is None else entry.parts[part]
    if measure is None:
        return False
    queries = [" ".join(config.measures[name].query_keys().values()) for name in measure.names]
    additive = all(config.expressions[name].additive for name in measure.names)
    return additive and all("{cycle.start}" in query for query in queries)
