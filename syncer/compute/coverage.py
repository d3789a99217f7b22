"""Detect objectives that may not be reached although their key results are, from the latest check-ins."""

import re
from collections.abc import Sequence
from decimal import Decimal

from config.dataclass import dataclass
from config.scalars import parse_amount
from syncer.compute.assess import Assessment
from syncer.compute.check_ins import confidence_of
from syncer.compute.states import ObjectiveState

LOW_CONFIDENCE = Decimal("0.5")
"""Confidence below this share of its scale is low."""

_NOT_REACHED = re.compile(
    r"(?:尚?未|沒有?|無法|不)(?:達|完成|算|是)|^否|^低|^不$|^[✗✘×]$|^(?:n|no|not|low|false|missed)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Reasons to doubt that the key results cover their objective. At least one is set.

    Attributes:
        confidence: low confidence in the objective, as a share of its scale.
        judgement: what people wrote in the objective's row, where that means that it is not reached.
        below: ids of the objectives aligned to it, if all of them are reached and it is not.
    """

    confidence: Decimal | None = None
    judgement: str = ""
    below: tuple[str, ...] = ()


def coverage_gap(
    members: Sequence[Decimal | None],
    confidence: Decimal | None,
    judgement: str,
    own: Decimal | None,
    below: Sequence[tuple[str, Decimal | None]],
) -> Gap | None:
    """Return the coverage gap of an objective, or None without any sign of one.

    Args:
        members: progress of its key results; None is unknown and never reached.
        confidence: confidence in the objective, as a share of its scale.
        judgement: what people wrote about it.
        own: its rolled-up progress.
        below: (id, progress) of the objectives aligned to it.
    """
    reached = _reached(members)
    doubt = confidence if reached and confidence is not None and confidence < LOW_CONFIDENCE else None
    denied = judgement if reached and says_not_reached(judgement) else ""
    children = _reached([progress for _, progress in below]) and own is not None and own < 1
    names = tuple(name for name, _ in below) if children else ()
    return Gap(doubt, denied, names) if doubt is not None or denied or names else None


def says_not_reached(judgement: str) -> bool:
    """Whether a judgement says that an objective is not reached: `no`, 未達成, or a share below one half."""
    text = judgement.strip()
    try:
        amount = parse_amount(text)
    except ValueError:
        return _NOT_REACHED.search(text) is not None
    return 0 <= amount.value < LOW_CONFIDENCE


def _reached(progress: Sequence[Decimal | None]) -> bool:
    return bool(progress) and all(each is not None and each >= 1 for each in progress)


def gap_of(assessment: Assessment, objective: ObjectiveState) -> Gap | None:
    """Return the coverage gap of an objective, given the latest check-in in its row."""
    workspace = assessment.config.workspace
    live = [s for s in assessment.key_results if s.definition.objective == objective.id and not s.dropped]
    ids = {objective.id, *(state.definition.id for state in live)}
    end = workspace.cycle_of(objective.id).last
    below = [
        (other.id, other.rollup.progress)
        for other in assessment.objectives
        if ids & set(workspace.objectives[other.id].aligns_to)
    ]
    to_the_end = all(
        workspace.cycle_of(name).last >= end for name, _ in below
    )  # a year goes on after its first quarter
    check_ins = assessment.recall.check_ins.get(objective.id, ())
    newest = check_ins[-1] if check_ins else None
    return coverage_gap(
        [state.progress.progress for state in live],
        confidence_of(newest, workspace.confidence.scale) if newest else None,
        newest.texts.get("judgement", "") if newest else "",
        objective.rollup.progress,
        below if to_the_end else (),
    )
