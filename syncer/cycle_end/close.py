"""Compute the end of a cycle: scores, self scores, decisions. Pure; the command reads and writes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from config.errors import OkrsyncError
from config.loading.loader import Config
from config.message import Message
from config.suggest import did_you_mean
from syncer.compute.assess import Assessment
from syncer.compute.compute import compute_objectives
from syncer.compute.definitions import cell_amount
from syncer.compute.states import KeyResultState
from syncer.cycle_end.closed_cycle import ClosedKeyResult, ClosedObjective, Closing, Decision, Flags
from syncer.ledger.recall import numbers_of
from syncer.ledger.records import ValueRecord
from syncer.method.progress import UNKNOWN, Progress
from syncer.method.score import expected_score, score_of
from syncer.method.status import Status
from syncer.model.cause import Cause
from syncer.model.cells import as_text
from syncer.sheet.decisions import verdict_of
from syncer.sheet.layout import SheetRow


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
        wrong = Message("decision '{written}' is none of continue, abandon, complete", written=written)
        return None, wrong if written else ""
    return Decision(verdict, text_in(row, "decided_by"), text_in(row, "reason")), ""


def text_in(row: SheetRow | None, column: str) -> str:
    """Return the text of a cell; empty for an empty, missing or erroneous one."""
    cell = row.cell(column) if row else None
    return as_text(cell.value) if cell and cell.error is None else ""


def close_cycle(assessment: Assessment, last_scored: Iterable[ValueRecord], flags: Flags) -> Closing:
    """Score every key result of the workspace's cycle. `last_scored`: last values in the ledger until its end.

    During the cycle, today's assessment is scored; after its end, the last reading before the end. Raises OkrsyncError
    for a decision on an unknown key result.
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
        title=assessment.image.title,
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
    if today > config.workspace.cycle.last and not (flags.late and past is None):
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
        dropped=state.status is Status.DROPPED or (entry is not None and entry.dropped is not None),
    )


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
