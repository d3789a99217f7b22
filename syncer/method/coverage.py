"""Whether key results that are reached also carry their objective: the doubt that roll-up alone would hide."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.scalars import parse_amount

LOW_CONFIDENCE = Decimal("0.5")
"""A confidence below this share of its scale is low."""

_NOT_REACHED = re.compile(
    r"(?:尚?未|沒有?|無法|不)(?:達|完成|算|是)|^否|^低|^不$|^[✗✘×]$|^(?:n|no|not|low|false|missed)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Why the key results do not cover an objective. At least one of them is set.

    Attributes:
        confidence: the objective's own low confidence, as a share of its scale.
        judgement: what people wrote of the objective that says it is not reached.
        below: the objectives aligned to it that are all reached while it is not.
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
    """The gap of one objective, or None where nothing tells of one.

    `members` are the progress of its key results, `own` its rolled-up progress, `below` the objectives aligned to it
    with theirs; None is unknown, and an unknown is never reached. `confidence` is a share of its scale.
    """
    reached = _reached(members)
    doubt = confidence if reached and confidence is not None and confidence < LOW_CONFIDENCE else None
    denied = judgement if reached and says_not_reached(judgement) else ""
    children = _reached([progress for _, progress in below]) and own is not None and own < 1
    names = tuple(name for name, _ in below) if children else ()
    return Gap(doubt, denied, names) if doubt is not None or denied or names else None


def says_not_reached(judgement: str) -> bool:
    """Whether people's judgement says that an objective is not reached: `no`, 未達成, or a share below one half."""
    text = judgement.strip()
    try:
        amount = parse_amount(text)
    except ValueError:
        return _NOT_REACHED.search(text) is not None
    return 0 <= amount.value < LOW_CONFIDENCE


def _reached(progress: Sequence[Decimal | None]) -> bool:
    return bool(progress) and all(each is not None and each >= 1 for each in progress)
