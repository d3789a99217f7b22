"""The plan: what one run would change in the OKR sheet, line by line. Frozen data; `make_plan` builds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from config.message import Message
from connectors.okr_sheet import CellValue, RowInsert
from syncer.model.cause import Cause
from syncer.model.delta import NOTHING as NO_DELTA
from syncer.model.delta import Delta


class Decision(StrEnum):
    """What to do with a cell."""

    SAME = "same"
    REMEMBER = "remember"
    """It already holds what we want; only the base has to learn it."""
    WRITE = "write"
    CONFLICT = "conflict"
    """A person changed what okrsync wrote: kept, shown."""
    UNADOPTED = "unadopted"
    """Filled before okrsync came: shown, written only with `--adopt`."""
    LOCKED = "locked"
    """A formula, a protection, a merge or a spill."""


Key = tuple[str, str]
"""A key result's id and a column's name."""


class Mark(StrEnum):
    """What happens to a row, worst first where several apply."""

    CONFLICT = "conflict"
    ADOPT = "adopt"
    UNKNOWN = "unknown"
    NEW = "new"
    CHANGE = "change"
    CALENDAR = "calendar"
    """Only what the calendar moves: expected progress and the forecast, and status with them."""
    SAME = "same"


LINK_COLUMN = "_link"
"""The base's pseudo-column for where a source's cell leads; None where a person had typed the cell."""

CALENDAR_COLUMNS = frozenset({"expected", "status", "forecast"})


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell to write. Its place counts from 0 and is that after the plan's inserts. `link` is where it leads."""

    id: str
    column: str
    tab: str
    row: int
    index: int
    before: CellValue
    after: CellValue
    percent: bool = False
    link: str = ""
    formula: bool = False
    """`after` is a formula; `before` may be one."""

    @property
    def follows(self) -> bool:
        """Whether it only follows a query whose instants move: its link, beside a value that stays."""
        return (bool(self.link) and self.before == self.after) or (self.column == "link" and self.before is not None)


@dataclass(frozen=True, slots=True)
class Held:
    """One cell that is left alone though it differs, and why. `now` is its formula or error where it holds one."""

    column: str
    now: CellValue
    wanted: CellValue
    decision: Decision
    why: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a row shows: its current value, progress in [0, 1] and the code of its status; None or empty: unknown."""

    current: CellValue = None
    progress: Decimal | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One key result or objective in the plan.

    `why` tells the value in the source's words, `delta` what changed since the last run, `source` where it came from,
    `reason` why it is unknown; `cause` is its code.
    `place` is `tab!row` as people count, empty for a row to be made.
    """

    id: str
    title: str
    objective: str
    mark: Mark
    before: Figures
    after: Figures
    changes: tuple[CellChange, ...] = ()
    held: tuple[Held, ...] = ()
    remember: Mapping[Key, CellValue] = field(default_factory=dict)
    why: str = ""
    delta: Delta = NO_DELTA
    source: str = ""
    reason: str = ""
    cause: Cause | None = None
    place: str = ""
    percent: bool = False
    parts_percent: tuple[bool, ...] = ()
    unit: str = ""
    is_objective: bool = False


class Guard(StrEnum):
    """A rule by which a plan is refused."""

    LOST_ROW = "lost_row"
    MAX_FALLING = "max_falling"
    MAX_DROP = "max_drop"
    MAX_RISE = "max_rise"
    GONE_EMPTY = "gone_empty"
    MAX_ROWS_LOST = "max_rows_lost"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a plan is not written, and for which key result; empty where it is about several.

    `lifted_by_force` is False where forcing would lose data.
    """

    guard: Guard
    reason: str
    key_result: str = ""
    lifted_by_force: bool = True


class NoteKind(StrEnum):
    """What a note is about."""

    UNKNOWN_ROW = "unknown_row"
    DUPLICATE_ID = "duplicate_id"
    STATUS_OVERRIDE = "status_override"
    HISTORY_WRITTEN = "history_written"
    HISTORY_UNUSABLE = "history_unusable"
    STAMP_UNUSABLE = "stamp_unusable"
    LOOKUPS_MISSING = "lookups_missing"
    LOOKUPS_BROKEN = "lookups_broken"
    DRIFT = "drift"
    """A person typed a definition otherwise than the config states it."""
    DUPLICATE_IN_OWN_TAB = "duplicate_in_own_tab"


@dataclass(frozen=True, slots=True)
class Note:
    """What is said beside the lines; `id` is that of the row, empty where it is about none."""

    kind: NoteKind
    text: Message
    id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run's changes, sorted: the same input gives the same bytes.

    `notes` are about rows that okrsync leaves alone (unknown to the config, duplicated). `guards` are the reasons
    not to write, empty when the plan is safe. `workspace_memory` is what the base learns besides, with the first
    change.
    `own_cells` are cells of okrsync's own tab beside those of its lines: headers, and rows of key results that left the
    config. `lookups` are cells of people's tabs: new rows, and what people gave back. `history` are the lines of the
    history tab, whose ids begin with the week. `stamp` says when okrsync last wrote: it is written along with anything
    else, never alone.
    """

    title: str
    cycle: str
    now: datetime
    day: int
    days: int
    lines: tuple[Line, ...]
    notes: tuple[Note, ...] = ()
    guards: tuple[Refusal, ...] = ()
    inserts: tuple[RowInsert, ...] = ()
    new_tab: str = ""
    own_cells: tuple[CellChange, ...] = ()
    lookups: tuple[CellChange, ...] = ()
    history: tuple[CellChange, ...] = ()
    history_tab: str = ""
    stamp: tuple[CellChange, ...] = ()
    forget: frozenset[Key] = frozenset()
    workspace_memory: Mapping[Key, CellValue] = field(default_factory=dict)
    sheet_version: str = ""
    config_hash: str = ""
    own_tab: bool = False
    """okrsync writes a tab of its own, which is all the memory it needs."""

    @property
    def changes(self) -> tuple[CellChange, ...]:
        """Every cell to write, in order."""
        lines = (change for line in self.lines for change in line.changes)
        return (*self.own_cells, *lines, *self.lookups, *self.history)

    @property
    def remember(self) -> Mapping[Key, CellValue]:
        """What the base has to learn: every change, and every cell that already holds what is wanted."""
        if self.own_tab:
            return {}
        learned: dict[Key, CellValue] = dict(self.workspace_memory) if self.changes or self.stamp else {}
        for line in self.lines:
            learned.update(line.remember)
            learned.update({(change.id, change.column): change.after for change in line.changes})
            learned.update({(change.id, LINK_COLUMN): change.link for change in line.changes if change.link})
        return {key: value for key, value in learned.items() if key not in self.forget}

    @property
    def has_work(self) -> bool:
        """Whether anything would be written."""
        return bool(self.changes or self.remember or self.forget)

    def count(self, *marks: Mark, objectives: bool = False) -> int:
        """How many lines have one of these marks; of key results, or of objectives."""
        return sum(line.mark in marks and line.is_objective == objectives for line in self.lines)

    @property
    def unknown(self) -> int:
        """How many key results have no progress today, whatever else happens to their rows."""
        return sum(not line.is_objective and line.after.progress is None for line in self.lines)

    @property
    def key_results(self) -> int:
        """How many key results it is about."""
        return sum(not line.is_objective for line in self.lines)
