"""An objective on a past day: the ledger's values of its key results, rolled up by today's config."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.loading.loader import Config
from syncer.compute.compute import Term, compute_objectives, terms_of
from syncer.compute.definitions import from_config
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.ledger.ledger import Ledger
from syncer.method.progress import Progress
from syncer.method.status import Status
from syncer.run.run_records import key_of


@dataclass(frozen=True, slots=True)
class PastObjective:
    """An objective at the end of a past day. Overrides of statuses are ignored.

    `asked` is the day asked for, `day` that of the newest value; weights are those of today's config.
    """

    asked: date
    day: date
    objective: ObjectiveState
    terms: tuple[Term, ...]


def past_objective(config: Config, ledger: Ledger, key: str, day: date) -> PastObjective | None:
    """Roll up an objective from the ledger's last values up to `day`. Raises LedgerError.

    Returns None when `key` is no objective of the config, or when the ledger has no value that counts in it.
    """
    if key not in config.workspace.objectives:
        return None
    records = ledger.values_at(key_of(config), day)
    states = tuple(
        KeyResultState(
            definition=from_config(config, entry, None),
            current=record.value,
            progress=Progress(record.raw, record.progress),
            expected=record.expected or Decimal(0),
            status=Status(record.status or Status.UNKNOWN),
        )
        for entry in config.key_results
        if (record := records.get(entry.id)) is not None
    )
    objectives = compute_objectives(config, states, day)
    objective = next(each for each in objectives if each.id == key)
    if not objective.rollup.total:
        return None
    newest = max(record.day for record in records.values())
    return PastObjective(day, newest, objective, terms_of(config, states, objectives, objective))
