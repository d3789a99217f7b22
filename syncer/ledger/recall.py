"""Load history from the ledger before computing; a missing or unreadable ledger gives an empty history."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import LedgerError
from config.loading.loader import Config
from config.measure_models import PUSHED
from syncer.ledger.records import CheckIn, MeasureRecord, Scope, SheetRecord, ValueRecord
from syncer.model.history import DayValue, Past, Values

if TYPE_CHECKING:
    from syncer.ledger.history import LedgerHistory


@dataclass(frozen=True, slots=True)
class Recall:
    """Ledger contents for a workspace at the end of a day.

    Attributes:
        past: history as input of the computation.
        this_morning: first known values of today, so that a forecast changes once a day.
        values, measures: results of the last run.
        check_ins: by key result or objective, in the order seen; `fresh` are those new in this run.
    """

    past: Past = field(default_factory=Past)
    this_morning: Mapping[str, DayValue] = field(default_factory=dict)
    values: Mapping[str, ValueRecord] = field(default_factory=dict)
    measures: Mapping[str, MeasureRecord] = field(default_factory=dict)
    check_ins: Mapping[str, tuple[CheckIn, ...]] = field(default_factory=dict)
    fresh: tuple[CheckIn, ...] = ()
    starts: tuple[ValueRecord, ...] = ()
    """Values at the start of the cycle that were queried by this run; their run id is still empty."""
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Headers of people's tabs at the last sync, by tab, with the column that each meant."""
    last_run: datetime | None = None
    """The `now` of the last run."""
    sheet: SheetRecord | None = None
    """The OKR sheet that the workspace is known with."""
    run_ids: frozenset[str] | None = frozenset()
    """Ids of all runs, read where the config has pushed values; None to take any ledger for the right one."""
    problem: LedgerError | None = None
    """Why the ledger could not be read; commands that do not write continue without it."""


NOTHING = Recall()


def recall(config: Config, ledger: "LedgerHistory", scope: Scope, now: datetime, *, as_of: bool = False) -> Recall:
    """Load the history for a run. `now` is in the workspace's zone. Raises LedgerError.

    `as_of`: `now` is in the past; later records are ignored, and the results of the last run are left out.
    """
    with ledger.at_once() as history:
        return _recall(config, history, scope, now, as_of=as_of)


def _recall(config: Config, ledger: "LedgerHistory", scope: Scope, now: datetime, *, as_of: bool) -> Recall:
    today, zone = now.date(), config.workspace.timezone
    own_first = {entry.id: config.workspace.cycle_of(entry.objective_id).first for entry in config.key_results}
    first = config.workspace.cycle.first
    since = datetime.combine(min([first, *own_first.values()]), time(), zone)
    spanning = [entry.id for entry in config.key_results if entry.spans_periods]
    days = {
        key: tuple(each for each in found if own_first.get(key, first) <= each.day < today)
        for key, found in ledger.daily(scope, since, zone, spanning).items()
    }
    check_ins: dict[str, list[CheckIn]] = defaultdict(list)
    for check_in in ledger.check_ins(scope):
        if check_in.seen <= now:
            check_ins[check_in.key_result].append(check_in)
    starting: dict[date, list[str]] = defaultdict(list)
    for entry in config.key_results:
        if entry.starts_with_the_cycle:
            starting[own_first[entry.id]].append(entry.id)
    firsts = [
        record
        for begin, keys in starting.items()
        for record in ledger.first_values(scope, begin, keys)
        if record.day <= today
    ]
    first_run = ledger.first_run(scope)
    has_pushed = any(measure.connection == PUSHED for measure in config.measures.values())
    return Recall(
        past=Past(
            first_values={record.key_result: numbers_of(record) for record in firsts},
            days={key: found for key, found in days.items() if found},
            asked_later=frozenset(record.key_result for record in firsts if record.backfilled),
            first_run=first_run.astimezone(zone).date() if first_run else None,
        ),
        this_morning={record.key_result: _day_value(record) for record in ledger.first_values(scope, today)}
        if not as_of
        else {},
        values={} if as_of else ledger.last_values(scope),
        measures={} if as_of else ledger.last_measures(scope),
        check_ins={key: tuple(found) for key, found in check_ins.items()},
        headers={} if as_of else ledger.last_headers(scope),
        last_run=next((run.now for run in ledger.runs(scope, 1)), None),
        sheet=ledger.sheet(scope),
        run_ids=ledger.run_ids(scope.workspace) if has_pushed else frozenset(),
    )


def _has_no_file(config: Config) -> bool:
    """Whether the ledger is a file that does not exist yet; no database is opened to find out."""
    stated = config.workspace.ledger
    if "://" in stated or stated.startswith("$"):
        return False
    try:
        return not (config.base_dir / Path(stated).expanduser()).exists()
    except OSError:
        return False  # it may be there; opening it says what is wrong


def recall_read_only(config: Config, scope: Scope, now: datetime, *, as_of: bool = False) -> Recall:
    """Load the history for a command that does not write; without a readable ledger it is empty."""
    if _has_no_file(config):
        return NOTHING  # and SQLAlchemy is not imported for nothing
    from syncer.ledger.ledger import open_ledger

    try:
        with open_ledger(config.workspace.ledger, config.base_dir, readonly=True) as ledger:
            return recall(config, ledger, scope, now, as_of=as_of)
    except LedgerError as error:
        return Recall(problem=error)


def numbers_of(record: ValueRecord) -> Values:
    """Return the numbers of a key result; older ledgers stored only a single value."""
    return record.numbers or (record.value,)


def _day_value(record: ValueRecord) -> DayValue:
    return DayValue(record.day, record.value, record.progress)
