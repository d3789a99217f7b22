"""What the end of a cycle comes to, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from syncer.compute.states import KeyResultState
from syncer.method.score import score_of
from syncer.sheet.decisions import Verdict

DAYS_MEANT = 21
"""Closing a cycle and redrafting the next are meant to take three weeks at most."""

Ambition = Literal["committed", "aspirational"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a key result, who decided and why. `overruled` is what the sheet says where a flag differs."""

    verdict: Verdict
    by: str = ""
    reason: str = ""
    overruled: str = ""


@dataclass(frozen=True, slots=True)
class ClosedKeyResult:
    """A key result at the end of its cycle.

    Attributes:
        state: what it computed today, with the progress that is scored put in.
        as_of: the day of the reading that is scored; None when there is none.
        value: its number on that day; None when unknown or when it has several.
        score, expected: in tenths; `expected` is 1.0 for a promise and 0.7 for a stretch goal.
        self_score: what its owner gave; `why_apart` is their reason.
        unreadable: cells of the sheet that say something else than a score or a decision, in words.
        dropped: it was given up in mid-cycle.
        baseline_in_sheet: its baseline is typed in the sheet and not stated in the config.
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
        """Its id."""
        return self.state.definition.id

    @property
    def carried(self) -> bool:
        """Whether the next cycle goes on with it; what nobody has decided on is carried, too."""
        return not self.dropped and (self.decision is None or self.decision.verdict == "continue")

    @property
    def reached(self) -> bool:
        """Whether nothing is left to do."""
        return self.score is not None and self.score >= 1


@dataclass(frozen=True, slots=True)
class ClosedObjective:
    """An objective and its key results at the end."""

    id: str
    title: str
    progress: Decimal | None
    known: int
    total: int
    key_results: tuple[ClosedKeyResult, ...]

    @property
    def score(self) -> Decimal | None:
        """Its score, from its rolled-up progress."""
        return score_of(self.progress)


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a cycle. `ended` is False while it runs: the scores are provisional then.

    `elsewhere` are objectives of other cycles, which run on. `others` are key results below no known objective.
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
        """Whether its last day is over."""
        return self.today > self.last

    @property
    def days(self) -> int:
        """How many days closing and redrafting took so far; 0 while the cycle runs."""
        return max((self.today - self.last).days, 0)

    @property
    def key_results(self) -> tuple[ClosedKeyResult, ...]:
        """All of them."""
        return (*(below for objective in self.objectives for below in objective.key_results), *self.others)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the person who closes says: decisions by id, who decided, why; `late` scores by a reading after the end."""

    decisions: Mapping[str, Verdict]
    by: str = ""
    reason: str = ""
    late: bool = False
