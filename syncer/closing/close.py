"""The end of a cycle: scores, self scores, decisions. Pure; what to read and write is the command's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from config.errors import OkrsyncError
from config.loading.loader import Config
from config.suggest import did_you_mean
from syncer.computing.compute import KeyResultState, compute_objectives
from syncer.computing.definitions import cell_amount
from syncer.ledger.recall import numbers_of
from syncer.ledger.records import ValueRecord
from syncer.okr.progress import UNKNOWN, Progress
from syncer.okr.score import expected_score, score_of
from syncer.okr.status import Status
from syncer.planning.three_way import as_text
from syncer.sheet.columns import normal_header
from syncer.sheet.layout import SheetRow
from syncer.survey import Survey
from syncer.words import say

DAYS_MEANT = 21
"""Closing a cycle and redrafting the next are meant to take three weeks at most."""

Verdict = Literal["continue", "abandon", "complete"]
Ambition = Literal["committed", "aspirational"]

_VERDICTS: Mapping[str, Verdict] = {
    "continue": "continue", "繼續": "continue", "延續": "continue",
    "abandon": "abandon", "abandoned": "abandon", "放棄": "abandon",
    "complete": "complete", "completed": "complete", "done": "complete", "標記為完成": "complete", "完成": "complete",
}  # fmt: skip


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


def verdict_of(text: str) -> Verdict | None:
    """The decision that a word means in either language."""
    return _VERDICTS.get(normal_header(text))


def close_cycle(survey: Survey, history: Iterable[ValueRecord], flags: Flags) -> Closing:
    """Score every key result of the workspace's cycle. `history` is the ledger's, oldest first.

    While the cycle runs, today's survey is scored; after its end, the last reading before it. Raises OkrsyncError for a
    decision on a key result that is not there.
    """
    config, today = survey.config, survey.now.date()
    cycle = config.workspace.cycle
    past = {record.key_result: record for record in history if record.day <= cycle.last and record.progress is not None}
    closed = [
        _closed(survey, state, past.get(state.definition.id), flags)
        for state in survey.key_results
        if _runs_now(config, state.definition.objective)
    ]
    _require_known(flags, [one.id for one in closed])
    states = {one.id: one.state for one in closed}
    scored = [states.get(state.definition.id, state) for state in survey.key_results]
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
        title=survey.image.title,
        cycle=cycle.name,
        last=cycle.last,
        today=today,
        objectives=objectives,
        others=tuple(one for one in closed if one.state.definition.objective not in known),
        elsewhere=tuple(key for key in config.workspace.objectives if not _runs_now(config, key)),
    )


def _runs_now(config: Config, objective: str) -> bool:
    return config.workspace.cycle_of(objective).name == config.workspace.cycle.name


def _closed(survey: Survey, state: KeyResultState, past: ValueRecord | None, flags: Flags) -> ClosedKeyResult:
    config, today = survey.config, survey.now.date()
    row = survey.view.row_of(state.definition.id, state.definition.former_id)
    value = state.values[0] if len(state.values) == 1 else None
    as_of: date | None = today if state.known else None
    if today > config.workspace.cycle.last and not (flags.late and past is None):
        state, value, as_of = _as_it_ended(state, past, config.workspace.language)
    entry = next((entry.definition for entry in config.key_results if entry.id == state.definition.id), None)
    objective = config.workspace.objectives.get(state.definition.objective)
    ambition = (entry.type if entry else None) or (objective.type if objective else "aspirational")
    score = score_of(state.progress.progress)
    self_score, wrong_score = _self_score(row, config.workspace.language)
    decision, wrong_decision = _decision(row, state.definition.id, flags, config.workspace.language)
    return ClosedKeyResult(
        state=state,
        ambition=ambition,
        as_of=as_of,
        value=value,
        score=score,
        expected=expected_score(ambition),
        self_score=self_score,
        why_apart=(_text(row, "reason") or _text(row, "note")) if self_score != score else "",
        decision=decision,
        unreadable=tuple(filter(None, (wrong_score, wrong_decision))),
        baseline_in_sheet=bool(_text(row, "baseline")) and (entry is None or entry.baseline is None),
        dropped=state.status is Status.DROPPED or (entry is not None and entry.dropped is not None),
    )


def _as_it_ended(
    state: KeyResultState, past: ValueRecord | None, language: str
) -> tuple[KeyResultState, Decimal | None, date | None]:
    if past is None:
        reason = say(language, "the ledger has no reading before the end of the cycle; --late scores today's")
        return replace(state, progress=UNKNOWN, values=(None,) * len(state.values), reason=reason), None, None
    progress = Progress(past.raw, past.progress)
    return replace(state, progress=progress, values=numbers_of(past), reason=""), past.value, past.day


def _self_score(row: SheetRow | None, language: str) -> tuple[Decimal | None, str]:
    cell = row.cell("self_score") if row else None
    if cell is None or (cell.value is None and cell.error is None):
        return None, ""
    amount = cell_amount(cell)
    if amount is not None and 0 <= amount.value <= 1:
        return amount.value, ""
    shown = cell.error or as_text(cell.value)
    return None, say(language, "self score '{shown}' is not between 0 and 1", shown=shown)


def _decision(row: SheetRow | None, key: str, flags: Flags, language: str) -> tuple[Decision | None, str]:
    written = _text(row, "decision")
    verdict = verdict_of(written)
    if key in flags.decisions:
        overruled = written if written and verdict != flags.decisions[key] else ""
        by, reason = flags.by or _text(row, "decided_by"), flags.reason or _text(row, "reason")
        return Decision(flags.decisions[key], by, reason, overruled), ""
    if verdict is None:
        wrong = say(language, "decision '{written}' is none of continue, abandon, complete", written=written)
        return None, wrong if written else ""
    return Decision(verdict, _text(row, "decided_by"), _text(row, "reason")), ""


def _text(row: SheetRow | None, column: str) -> str:
    cell = row.cell(column) if row else None
    return as_text(cell.value) if cell and cell.error is None else ""


def _require_known(flags: Flags, known: list[str]) -> None:
    for key in flags.decisions:
        if key not in known:
            raise OkrsyncError(
                f"deciding on '{key}'",
                f"no key result of this cycle has that id{did_you_mean(key, known)}",
                effect="Nothing was written.",
                advice="`okrsync status` lists them.",
            )
