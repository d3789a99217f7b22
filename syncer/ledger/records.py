"""Record types of the ledger, as frozen data. Instants are timezone-aware; days are in the workspace's time zone."""

import secrets
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from config.dataclass import dataclass
from connectors.okr_sheet import CellValue

Outcome = Literal["planned", "writing", "done", "partial", "refused", "failed", "interrupted"]
"""Outcome of a run. `partial`: done, but some key results are unknown or in conflict. `refused`: a guard refused the
plan, nothing was written, and only check-ins are recorded. `writing` becomes `interrupted` if the run never ended.
"""


BACKFILL = "backfill"
"""Command that computes past days. In ledgers of older versions all its values belong to one run."""

BACKFILLED_DAY = "backfilled day"
"""Command of the run for one day of a backfill; lists of runs leave it out."""


class Scope(NamedTuple):
    """A workspace, by its id, in one cycle: what a run belongs to, and whose history it reads."""

    workspace: str
    cycle: str


@dataclass(frozen=True, slots=True)
class SheetRecord:
    """The OKR sheet of a workspace in one cycle.

    Attributes:
        sheet: a spreadsheet's id; for a local file, the id in its memory.
        place: the path of a local file when a run last used it; empty for a spreadsheet.
    """

    workspace: str
    cycle: str
    sheet: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command on a workspace.

    Attributes:
        id: see `new_run_id`.
        workspace, cycle: see `Scope`.
        command: `sync`, `undo`, `close` ...
        started_at: start time.
        now: the instant used for computing.
        config_hash: hash of the config as loaded.
        version: version of okrsync.
        forced: whether `--force` was used.
        counts: number of key results per mark, such as `{"change": 3, "unknown": 1}`.
        outcome: `planned` at the start.
        finished_at: None while the run is active, and after it was killed.
        headers: headers of people's tabs, by tab, with the column that each meant or an empty text.
    """

    id: str
    workspace: str
    cycle: str
    command: str
    started_at: datetime
    now: datetime
    config_hash: str
    version: str
    forced: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    outcome: Outcome = "planned"
    finished_at: datetime | None = None
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """The workspace and cycle that the run belongs to."""
        return Scope(self.workspace, self.cycle)


class SyncOutcome(StrEnum):
    """How the sync of a workspace ended."""

    SYNCED = "synced"
    INCOMPLETE = "incomplete"
    """Some key results are unknown or in conflict."""
    REFUSED = "refused"
    """A guard refused the plan; nothing was written."""
    FAILED = "failed"
    """An error ended the run, or the workspace could not be used."""
    ENDED = "ended"
    """Its cycle is over, and nothing is left to sync."""

    @property
    def is_good(self) -> bool:
        """Whether everything known was written."""
        return self in (SyncOutcome.SYNCED, SyncOutcome.INCOMPLETE)


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last sync of a workspace ended, and the last that ended well; `why` is empty if nothing failed.

    `at` and `last_good` are the instants used for computing; `unknown` counts key results without a value.
    """

    workspace: str
    cycle: str
    outcome: SyncOutcome
    at: datetime
    unknown: int = 0
    why: str = ""
    last_good: datetime | None = None
    version: str = ""

    @property
    def scope(self) -> Scope:
        """The workspace and cycle that it belongs to."""
        return Scope(self.workspace, self.cycle)


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """One read and the measures that use it. `count` is None if the read failed with `error`.

    `ids` are those of the rows, sorted, if the read returned them and retention keeps them.
    """

    run: str
    measures: tuple[str, ...]
    connection: str
    table: str
    asked: str
    count: int | None
    read_at: datetime
    ids: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ValueRecord:
    """One key result as computed by one run; None is unknown, and `reason` says why.

    `progress`, `raw` and `expected` are fractions; `numbers` are the underlying numbers: one, or one per part; `shares`
    the progress of each part, else empty. `baseline` and `target` are those of the goal, None if it has several or
    none. A `backfilled` value was computed later, by a query as of that day.
    """

    run: str
    day: date
    at: datetime
    key_result: str
    value: Decimal | None
    progress: Decimal | None = None
    raw: Decimal | None = None
    expected: Decimal | None = None
    status: str = ""
    reason: str = ""
    source: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    numbers: tuple[Decimal | None, ...] = ()
    backfilled: bool = False
    shares: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureRecord:
    """One measure in one run.

    Attributes:
        definition: digest of its table, query and expression in the config.
        noun: kind of its rows, such as `issues`; `became`: the one value its condition asks for, such as `done`.
        figure: its number; None is unknown.
        rows: number of rows read; counted: number of rows that meet its conditions, None if every row counts.
        keys: keys of all rows, sorted; None if they were not read or are no longer kept.
        counted_keys: keys of the rows that count; None if every row counts or `keys` is None.
        shown: the first rows as texts, those that count first; empty if none are kept.
        key_column: column of the keys in a table that declares no key, else empty.
    """

    run: str
    measure: str
    definition: str
    noun: str
    became: str
    figure: Decimal | None
    rows: int | None = None
    counted: int | None = None
    keys: tuple[str, ...] | None = None
    counted_keys: tuple[str, ...] | None = None
    shown: "tuple[ShownRow, ...]" = ()
    key_column: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a source: its columns as texts, and whether it counted."""

    values: Mapping[str, str]
    counted: bool


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Texts that people wrote in the row of a key result, by column.

    `day` is the date of the check-in; `seen` is when a run first saw it.
    """

    run: str
    key_result: str
    day: date
    seen: datetime
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CellRecord:
    """One cell that a run was about to write, with the value before and after, by id instead of position."""

    run: str
    tab: str
    id: str
    column: str
    before: CellValue
    after: CellValue


def new_run_id(at: datetime) -> str:
    """Create an id that sorts by time, such as `20261001T010000-3f9a2c`."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
