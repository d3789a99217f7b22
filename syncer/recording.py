"""What a run leaves in the ledger: its readings, its values, the cells it sets out to write. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from connectors.base import Reading
from syncer.plan import Plan
from syncer.records import CellRecord, ReadingRecord, ValueRecord
from syncer.survey import Survey


def cell_records(plan: Plan, run: str) -> list[CellRecord]:
    """The cells a run sets out to write, for the ledger."""
    return [
        CellRecord(run, change.tab, change.id, change.column, change.before, change.after)
        for change in plan.changes
        if change.id
    ]


def reading_records(seen: Survey, run: str) -> Sequence[ReadingRecord]:
    """The readings of a run for the ledger."""
    records = []
    names_of = seen.planned.names_of()
    for key, answer in sorted(seen.answers.items()):
        names = tuple(sorted(names_of[key]))
        source = seen.config.measures[names[0]]
        good = answer if isinstance(answer, Reading) else None
        records.append(
            ReadingRecord(
                run=run,
                measures=names,
                connection=source.connection,
                table=source.table,
                asked=good.asked if good else str(dict(answer.read.query)),
                count=good.count if good else None,
                read_at=good.read_at if good else seen.now,
                ids=good.ids if good else (),
                error=None if isinstance(answer, Reading) else str(answer.error),
            )
        )
    return records


def value_records(seen: Survey, run: str) -> Sequence[ValueRecord]:
    """The key results of a run for the ledger."""
    now = seen.now
    return [
        ValueRecord(
            run=run,
            day=now.date(),
            at=now,
            key_result=state.definition.id,
            value=state.current if isinstance(state.current, Decimal) else None,
            progress=state.progress.progress,
            raw=state.progress.raw,
            expected=state.expected,
            status=state.status.value,
            reason=state.reason,
            source=state.source,
        )
        for state in seen.key_results
    ]
