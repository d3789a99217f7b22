"""Compute the end of a cycle: scores, self scores, decisions. Pure; the command reads and writes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.loading.loader import Config
from config.message import Message
from config.suggest import did_you_mean
from syncer.compute.assess import Assessment
from syncer.compute.objectives import compute_objectives
from syncer.compute.states import KeyResultState
from syncer.ledger.recall import numbers_of
from syncer.ledger.records import ValueRecord
from syncer.method.progress import UNKNOWN, Progress, expected_score, score_of
from syncer.method.status import Status
from syncer.model.cells import as_text
from syncer.model.history import Cause
from syncer.sheet.columns import Verdict, verdict_of
from syncer.sheet.figures import cell_amount
from syncer.sheet.layout import SheetRow

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
        settles: the day from which on its figures are complete, if that is still to come after the end of the cycle.
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
    settles: date | None = None

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


def self_score_in(row: SheetRow | None) -> tuple[Decimal | None, str]:
    """Return the self score of a row, and a remark if the cell cannot be parsed."""
    cell = row.cell("self_score") if row else None
    if cell is None or (cell.value is None and cell.error is None):
        return None, ""
    amount = cell_amount(cell)
    if amount is not None and 0 <= amount.value <= 1:
        return amount.value, ""
    shown = cell.error or as_text(cell.value)
    return None, Message("self score '{shown}' is not between 0 and 1", shown=shown)


def decision_in(row: SheetRow | None, key: str, flags: Flags) -> tuple[Decision | None, str]:
    """Return the decision on a key result, by flag or else by its row, and a remark on a cell that cannot be parsed."""
    written = text_in(row, "decision")
    verdict = verdict_of(written)
    if key in flags.decisions:
        overruled = written if written and verdict != flags.decisions[key] else ""
        by, reason = flags.by or text_in(row, "decided_by"), flags.reason or text_in(row, "reason")
        return Decision(flags.decisions[key], by, reason, overruled), ""
    if verdict is None:
        wrong = Message("decision '{written}' is not one of continue, abandon, complete", written=written)
        return None, wrong if written else ""
    return Decision(verdict, text_in(row, "decided_by"), text_in(row, "reason")), ""


def text_in(row: SheetRow | None, column: str) -> str:
    """Return the text of a cell; empty for an empty, missing or erroneous one."""
    cell = row.cell(column) if row else None
    return as_text(cell.value) if cell and cell.error is None else ""


def close_cycle(assessment: Assessment, last_scored: Iterable[ValueRecord], flags: Flags) -> Closing:
    """Score every key result of the workspace's cycle. `last_scored`: see `final_readings`.

    During the cycle, today's assessment is scored, and until figures have settled; after that, the recorded reading.
    Raises OkrsyncError for a decision on an unknown key result.
    """
    config, today = assessment.config, assessment.now.date()
    cycle = config.workspace.cycle
    past = {record.key_result: record for record in last_scored}
    closed = [
        _closed(assessment, state, past.get(state.definition.id), flags)
        for state in assessment.key_results
        if _runs_now(config, state.definition.objective)
    ]
    _require_known(flags, [one.id for one in closed])
    states = {one.id: one.state for one in closed}
    scored = [states.get(state.definition.id, state) for state in assessment.key_results]
    rolled = compute_objectives(config, scored, min(today, cycle.last))
    objectives = tuple(
        ClosedObjective(
            objective.id,
            objective.title,
            objective.rollup.progress,
            objective.rollup.known,
            objective.rollup.total,
            tuple(one for one in closed if one.state.definition.objective == objective.id),
        )
        for objective in rolled
        if _runs_now(config, objective.id)
    )
    known = {objective.id for objective in objectives}
    return Closing(
        title=assessment.title,
        cycle=cycle.name,
        last=cycle.last,
        today=today,
        objectives=objectives,
        others=tuple(one for one in closed if one.state.definition.objective not in known),
        elsewhere=tuple(key for key in config.workspace.objectives if not _runs_now(config, key)),
    )


def _runs_now(config: Config, objective: str) -> bool:
    return config.workspace.cycle_of(objective).name == config.workspace.cycle.name


def _closed(assessment: Assessment, state: KeyResultState, past: ValueRecord | None, flags: Flags) -> ClosedKeyResult:
    config, today = assessment.config, assessment.now.date()
    row = assessment.view.row_of(state.definition.id, state.definition.former_id)
    value = state.values[0] if len(state.values) == 1 else None
    as_of: date | None = today if state.known else None
    settled = config.workspace.cycle.last + timedelta(days=state.definition.settle)
    if today > config.workspace.cycle.last and not _scored_today(state, past, today, settled, late=flags.late):
        state, value, as_of = _as_it_ended(state, past)
    entry = next((entry.definition for entry in config.key_results if entry.id == state.definition.id), None)
    objective = config.workspace.objectives.get(state.definition.objective)
    ambition = (entry.type if entry else None) or (objective.type if objective else "aspirational")
    score = score_of(state.progress.progress)
    self_score, wrong_score = self_score_in(row)
    decision, wrong_decision = decision_in(row, state.definition.id, flags)
    return ClosedKeyResult(
        state=state,
        ambition=ambition,
        as_of=as_of,
        value=value,
        score=score,
        expected=expected_score(ambition),
        self_score=self_score,
        why_apart=(text_in(row, "reason") or text_in(row, "note")) if self_score != score else "",
        decision=decision,
        unreadable=tuple(filter(None, (wrong_score, wrong_decision))),
        baseline_in_sheet=bool(text_in(row, "baseline")) and (entry is None or entry.baseline is None),
        settles=settled if config.workspace.cycle.last < today < settled else None,
        dropped=state.status is Status.DROPPED or (entry is not None and entry.dropped is not None),
    )


def _scored_today(state: KeyResultState, past: ValueRecord | None, today: date, settled: date, *, late: bool) -> bool:
    """Whether a cycle that has ended is scored by today's reading: figures settle still, or are not recorded since."""
    return today < settled or (past is None and (late or state.definition.settle > 0))


def _as_it_ended(state: KeyResultState, past: ValueRecord | None) -> tuple[KeyResultState, Decimal | None, date | None]:
    if past is None:
        reason = Message("the ledger has no reading before the end of the cycle; --late scores today's")
        values = (None,) * len(state.values)
        unknown = replace(state, progress=UNKNOWN, values=values, reason=reason, cause=Cause.NOT_RECORDED)
        return unknown, None, None
    progress = Progress(past.raw, past.progress)
    return replace(state, progress=progress, values=numbers_of(past), reason="", cause=None), past.value, past.day


def _require_known(flags: Flags, known: list[str]) -> None:
    for key in flags.decisions:
        if key not in known:
            raise OkrsyncError(
                Message("deciding on '{key}'", key=key),
                Message("no key result of this cycle has that id{meant}", meant=did_you_mean(key, known)),
                effect="Nothing was written.",
                advice="`okrsync status` lists them.",
            )
