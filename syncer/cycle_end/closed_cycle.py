"""Result of closing a cycle, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from syncer.compute.states import KeyResultState
from syncer.method.score import score_of
from syncer.sheet.decisions import Verdict

DAYS_MEANT = 21
"""Recommended maximum of days for closing a cycle and drafting the next."""

Ambition = Literal["committed", "aspirational"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision on a key result, with author and reason. `overruled` is the sheet's text if a flag differs from it."""

    verdict: Verdict
    by: str = ""
    reason: str = ""
    overruled: str = ""


@dataclass(frozen=True, slots=True)
class ClosedKeyResult:
    """A key result at the end of its cycle.

    Attributes:
        state: state computed today, with the progress to score.
        as_of: day of the scored reading; None if there is none.
        value: its number on that day; None if unknown or if it has several.
        score, expected: in tenths; `expected` is 1.0 for a committed goal and 0.7 for an aspirational one.
        self_score: score given by the owner; `why_apart` is the reason for a difference.
        unreadable: remarks on cells that are not a valid score or decision.
        dropped: it was dropped during the cycle.
        baseline_in_sheet: its baseline is in the sheet and not in the config.
    """

    state: KeyResultState
    ambition: Ambition
    as_of: date | None
    value: Decimal | None
    score: Decimal | None
    expected: Decimal
    self_score: Decimal | None = None
    why_apart: str = ""
    decision: Decision | None = None
    unreadable: tuple[str, ...] = ()
    dropped: bool = False
    baseline_in_sheet: bool = False

    @property
    def id(self) -> str:
        """Id of the key result."""
        return self.state.definition.id

    @property
    def carried(self) -> bool:
        """Whether the next cycle continues the key result; also without a decision, unless it was dropped."""
        return not self.dropped and (self.decision is None or self.decision.verdict == "continue")

    @property
    def reached(self) -> bool:
        """Whether the score is 1.0."""
        return self.score is not None and self.score >= 1


@dataclass(frozen=True, slots=True)
class ClosedObjective:
    """An objective and its key results at the end of the cycle."""

    id: str
    title: str
    progress: Decimal | None
    known: int
    total: int
    key_results: tuple[ClosedKeyResult, ...]

    @property
    def score(self) -> Decimal | None:
        """Score of the rolled-up progress."""
        return score_of(self.progress)


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a cycle. While `ended` is False, scores are provisional.

    `elsewhere` are objectives of other cycles. `others` are key results without a known objective.
    """

    title: str
    cycle: str
    last: date
    today: date
    objectives: tuple[ClosedObjective, ...]
    others: tuple[ClosedKeyResult, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the cycle's last day has passed."""
        return self.today > self.last

    @property
    def days(self) -> int:
        """Days since the end of the cycle; 0 during the cycle."""
        return max((self.today - self.last).days, 0)

    @property
    def key_results(self) -> tuple[ClosedKeyResult, ...]:
        """All key results, also those without a known objective."""
        return (*(below for objective in self.objectives for below in objective.key_results), *self.others)


@dataclass(frozen=True, slots=True)
class Flags:
    """Command line flags of `close`: decisions by id, their author and reason.

    `late` scores key results without an earlier reading by today's.
    """

    decisions: Mapping[str, Verdict]
    by: str = ""
    reason: str = ""
    late: bool = False
