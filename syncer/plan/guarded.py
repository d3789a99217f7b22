"""What the guards look at, gathered from a plan's lines, the states and the base. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from syncer.compute.compute import KeyResultState
from syncer.model.plan import Key, Line, Mark
from syncer.plan.guards import GuardInput
from syncer.sheet.last_written import WORKSPACE, LastWritten

CYCLE_KEY: Key = (WORKSPACE, "cycle")
ROWS_COLUMN = "_rows"
"""The base's pseudo-column for how many rows a key result's reads brought when it was last written."""


def of_cycle(base: LastWritten, cycle: str) -> bool:
    """Whether the base was written in this cycle; one that does not say so was."""
    return base.values.get(CYCLE_KEY, cycle) == cycle


def guard_input(
    lines: Sequence[Line],
    key_results: Sequence[KeyResultState],
    base: LastWritten,
    cycle: str,
    *,
    lost_rows_matter: bool,
) -> GuardInput:
    """`lost_rows_matter`: a row written before and gone now is not to be made anew."""
    states = {state.definition.id: state for state in key_results}
    return GuardInput(
        lines=lines,
        same_cycle=of_cycle(base, cycle),
        rows_before={
            key: int(value)
            for (key, column), value in base.values.items()
            if column == ROWS_COLUMN and isinstance(value, Decimal)
        },
        rows_now={
            key: state.rows
            for key, state in states.items()
            if state.rows is not None and not state.failed and state.definition.cycle.phase != "closed"
        },
        allow_empty=frozenset(key for key, state in states.items() if state.definition.allow_empty),
        lost=sorted(line.id for line in lines if lost_rows_matter and line.mark is Mark.NEW and line.id in base.ids()),
    )
