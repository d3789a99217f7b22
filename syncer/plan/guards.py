"""Guards that check the whole plan before the first write; each refusal says how to resolve it. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from config.dataclass import dataclass
from config.errors import UnsafePlanError
from config.loading.loader import Config
from config.message import Message
from config.models import Safety
from syncer.compute.states import KeyResultState
from syncer.method.progress import rounded
from syncer.model.plan import Guard, Key, Line, Mark, Refusal
from syncer.sheet.columns import ROWS_READ
from syncer.sheet.view import WORKSPACE, LastWritten

ROWS_TO_JUDGE = 10
"""Minimum number of rows for `max_rows_lost`; smaller numbers vary too much."""


@dataclass(frozen=True, slots=True)
class GuardInput:
    """Input of the guards.

    Attributes:
        lines: the plan's lines.
        same_cycle: the last-written values are of this cycle; progress and rows are compared only then.
        rows_before: rows read for each key result at its last write.
        rows_now: rows read now.
        measures: the measures of key results with fewer rows than before, with their places in the config.
        allow_empty: key results that may have no rows.
        lost: ids of key results written before whose row is missing from the sheet.
    """

    lines: Sequence[Line]
    same_cycle: bool
    rows_before: Mapping[str, int]
    rows_now: Mapping[str, int]
    measures: Mapping[str, Message]
    allow_empty: frozenset[str]
    lost: Sequence[str]


def check(given: GuardInput, safety: Safety) -> tuple[Refusal, ...]:
    """Check a plan and return all refusals at once; empty if it is safe."""
    moved = [line for line in given.lines if _moves(line)] if given.same_cycle else []
    return (
        *_lost_rows(given.lost),
        *_too_many_fall(moved, given.lines, safety),
        *_leaps(moved, safety),
        *_gone_empty(given),
        *_rows_lost(given, safety),
    )


def refused(standing: Sequence[Refusal]) -> UnsafePlanError:
    """Build the error that lists these refusals, with advice on how to lift them."""
    head = Message("refusing to write this plan:")
    end = Message("Nothing was written.")
    if any(refusal.lifted_by_force for refusal in standing):
        end += Message(
            " If these changes are right, run `okrsync sync --force`,\nor change the limits under `safety` "
            "in the config.",
        )
    return UnsafePlanError([refusal.reason for refusal in standing], head=head, end=end)


def _moves(line: Line) -> bool:
    writes_progress = any(change.column in ("current", "progress") for change in line.changes)
    return (
        not line.is_objective
        and line.mark is not Mark.NEW
        and writes_progress
        and line.before.progress is not None
        and line.after.progress is not None
    )


def _change(line: Line) -> Decimal:
    return (line.after.progress or Decimal(0)) - (line.before.progress or Decimal(0))


def _too_many_fall(moved: Sequence[Line], lines: Sequence[Line], safety: Safety) -> list[Refusal]:
    total = sum(not line.is_objective for line in lines)
    falling = sum(_change(line) < 0 for line in moved)
    if total < safety.min_rows or falling <= safety.max_falling * total:
        return []
    share, limit = _percent(Decimal(falling) / total), _percent(safety.max_falling)
    return [
        Refusal(
            Guard.MAX_FALLING,
            Message(
                "{falling} of {total} key results would fall ({share}, limit {limit}: safety.max_falling)",
                falling=falling,
                total=total,
                share=share,
                limit=limit,
            ),
        )
    ]


def _leaps(moved: Sequence[Line], safety: Safety) -> list[Refusal]:
    refusals = []
    for line in moved:
        change = _change(line)
        limit, key = (safety.max_drop, "max_drop") if change < 0 else (safety.max_rise, "max_rise")
        if abs(change) > limit:
            before, after, most = (_percent(share) for share in (line.before.progress, line.after.progress, limit))
            text = Message(
                "{id} would go {before} -> {after} (limit {most} at once: safety.{key})",
                id=line.id,
                before=before,
                after=after,
                most=most,
                key=key,
            )
            refusals.append(Refusal(Guard(key), text, line.id))
    return refusals


def _gone_empty(given: GuardInput) -> list[Refusal]:
    return [
        Refusal(
            Guard.GONE_EMPTY,
            Message(
                "{key}: {measures} gave no rows now, {before:,} when it was last written (if that is right, "
                "set allow_empty: true)",
                key=key,
                measures=given.measures[key],
                before=before,
            ),
            key,
        )
        for key, before in sorted(given.rows_before.items())
        if given.same_cycle and before and given.rows_now.get(key) == 0 and key not in given.allow_empty
    ]


def _rows_lost(given: GuardInput, safety: Safety) -> list[Refusal]:
    """Detect sources with far fewer rows than before, such as after a broken filter or a lost permission."""
    refusals = []
    for key, before in sorted(given.rows_before.items()):
        now = given.rows_now.get(key) or 0
        lost = Decimal(before - now) / before if before >= ROWS_TO_JUDGE else Decimal(0)
        if given.same_cycle and now and lost > safety.max_rows_lost:
            gone, limit = _percent(lost), _percent(safety.max_rows_lost)
            text = Message(
                "{key}: {measures} gave {count:,} row now, {before:,} when it was last written ({gone} are "
                "gone, limit {limit}: safety.max_rows_lost)",
                "{key}: {measures} gave {count:,} rows now, {before:,} when it was last written ({gone} are "
                "gone, limit {limit}: safety.max_rows_lost)",
                key=key,
                measures=given.measures[key],
                count=now,
                before=before,
                gone=gone,
                limit=limit,
            )
            refusals.append(Refusal(Guard.MAX_ROWS_LOST, text, key))
    return refusals


def _lost_rows(lost: Sequence[str]) -> list[Refusal]:
    return [
        Refusal(
            Guard.LOST_ROW,
            Message(
                "{key}: okrsync wrote its row before, and it is gone; put the row back, remove {key} "
                "from the config, or add the row again with --adopt",
                key=key,
            ),
            key,
            lifted_by_force=False,
        )
        for key in lost
    ]


def _percent(fraction: Decimal | None) -> str:
    return "unknown" if fraction is None else f"{rounded(fraction * 100, places=0):f}%"


CYCLE_KEY: Key = (WORKSPACE, "cycle")


def of_cycle(base: LastWritten, cycle: str) -> bool:
    """Whether the last-written values are of this cycle; true if they name no cycle."""
    return base.values.get(CYCLE_KEY, cycle) == cycle


def guard_input(
    lines: Sequence[Line],
    key_results: Sequence[KeyResultState],
    base: LastWritten,
    config: Config,
    *,
    lost_rows_matter: bool,
) -> GuardInput:
    """Collect the input of the guards. `lost_rows_matter`: refuse to add missing rows again."""
    states = {state.definition.id: state for state in key_results}
    rows_before = {
        key: int(value)
        for (key, column), value in base.values.items()
        if column == ROWS_READ and isinstance(value, Decimal)
    }
    rows_now = {
        key: state.rows
        for key, state in states.items()
        if state.rows is not None and not state.failed and state.definition.cycle.phase != "closed"
    }
    return GuardInput(
        lines=lines,
        same_cycle=of_cycle(base, config.workspace.cycle.name),
        rows_before=rows_before,
        rows_now=rows_now,
        measures={
            key: config.name_measures(_measures_of(states[key]))
            for key, rows in rows_now.items()
            if rows < rows_before.get(key, 0)
        },
        allow_empty=frozenset(key for key, state in states.items() if state.definition.allow_empty),
        lost=sorted(line.id for line in lines if lost_rows_matter and line.mark is Mark.NEW and line.id in base.ids()),
    )


def _measures_of(state: KeyResultState) -> list[str]:
    return sorted({name for measure in state.definition.measures if measure for name in measure.names})
