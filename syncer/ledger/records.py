"""What the ledger keeps, as frozen data. Instants are aware; days are the workspace's own."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from connectors.okr_sheet import CellValue

Outcome = Literal["planned", "writing", "done", "partial", "refused", "failed", "interrupted"]
"""`partial`: done, but some key results are unknown or in conflict. `refused`: by a guard, and nothing was written; of
such a run only what people said is kept. `writing` that never ended is `interrupted`."""


BACKFILL = "backfill"
"""The command that computes past days again. Ledgers of older versions hold the values of all its days in one run."""

BACKFILLED_DAY = "backfilled day"
"""One day of it: its value and what that stood on. No list of runs shows these."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command on a workspace.

    Attributes:
        id: see `new_run_id`.
        workspace: see `workspace_key`.
        command: `sync`, `undo`, `close` ...
        started_at: when it began.
        now: the instant the run computed with.
        config_hash: of the config as loaded.
        version: okrsync's.
        forced: whether guards were lifted.
        counts: what its plan counted, such as `{"change": 3, "unknown": 1}`.
        outcome: `planned` when it begins.
        finished_at: None while it runs, and for ever where it was killed.
    """

    id: str
    workspace: str
    command: str
    started_at: datetime
    now: datetime
    config_hash: str
    version: str
    forced: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    outcome: Outcome = "planned"
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """What one read answered, for the measures that stand on it. `count` is None where `error` says why there is none.

    `ids` are those of the rows, sorted, as far as the read gave them and retention has kept them.
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
    """One key result as one run computed it; None is unknown, and `reason` says why.

    `progress`, `raw` and `expected` are fractions; `numbers` are what it is made of: one, or one per part; `shares` the
    progress of each part, empty where it has none. `baseline` and `target` are those it was held against, None where it
    has several or none. A `backfilled` value was computed later, by a query put in the past.
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
    """What one measure stood on in one run.

    Attributes:
        definition: a digest of its table, query and expression as the config stated them.
        noun: what its rows are, such as `issues`; `became`: the one value its condition asks for, such as `done`.
        figure: its number; None is unknown.
        rows: how many rows its read brought; counted: how many its conditions picked, None where every row counts.
        keys: of all rows, sorted; None where they were not read or are not kept any more.
        counted_keys: of the rows picked; None where every row counts or `keys` is None.
        shown: the first rows as texts, those that count first; empty where none are kept.
        key_column: where the keys stand in a table that states no key; empty where it does.
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
    """One row as it was: its columns as texts, and whether it counted."""

    values: Mapping[str, str]
    counted: bool


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What people wrote beside a key result, by column, as texts. `day` is its date; `seen` when a run first saw it."""

    run: str
    key_result: str
    day: date
    seen: datetime
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CellRecord:
    """One cell a run set out to write: what stood there and what it wrote. Named by id, never by place."""

    run: str
    tab: str
    id: str
    column: str
    before: CellValue
    after: CellValue


def new_run_id(at: datetime) -> str:
    """An id that sorts by time, such as `20261001T010000-3f9a2c`."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def workspace_key(place: str, tabs: Sequence[str], cycle: str) -> str:
    """What a run has to itself: the spreadsheet's id or the file as the config states it, its tabs, the cycle."""
    return json.dumps([place, *sorted(tabs), cycle], ensure_ascii=False)


def cycle_in(key: str, place: str, tabs: Sequence[str]) -> str | None:
    """The cycle in a workspace's key where it is of that place and these tabs; else None."""
    try:
        *own, cycle = json.loads(key)
    except ValueError:
        return None
    return str(cycle) if own == [place, *sorted(tabs)] else None
