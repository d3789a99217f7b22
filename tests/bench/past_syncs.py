"""A workspace that was synced for months, without waiting for them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from syncer.ledger.ledger import open_ledger
from syncer.ledger.records import Scope, ValueRecord, new_run_id
from syncer.run.workspace import open_workspace


def repeat_sync(config: Path, first: datetime, days: int, a_day: int) -> None:
    """Record the workspace's only sync, of the instant `first`, again `a_day` times a day, with growing values."""
    workspace = open_workspace(config).config.workspace
    scope, total = Scope(workspace.id, workspace.cycle.name), days * a_day
    with open_ledger(workspace.ledger, config.parent) as ledger:
        [run] = ledger.runs(scope)
        values, measures = ledger.last_values(scope).values(), ledger.last_measures(scope).values()
        readings = ledger.readings(run.id)
        for number in range(1, total):
            started, at = run.started_at + timedelta(seconds=number), first + timedelta(days=1) * number / a_day
            new = replace(run, id=new_run_id(started), started_at=started, now=at, outcome="planned", finished_at=None)
            ledger.begin(new)
            ledger.record_readings([replace(each, run=new.id, read_at=at) for each in readings])
            ledger.record_measures([replace(each, run=new.id) for each in measures])
            ledger.record_values([_grown(each, new.id, at, Decimal(number) / total) for each in values])
            ledger.finish(new.id, "done", run.counts, started)


def _grown(value: ValueRecord, run: str, at: datetime, share: Decimal) -> ValueRecord:
    number = round((value.target or Decimal(100)) * share, 2)
    progress = round(share, 6)
    return replace(
        value, run=run, day=at.date(), at=at, value=number, progress=progress, raw=progress, numbers=(number,)
    )
