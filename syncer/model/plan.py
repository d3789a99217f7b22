"""The plan: the changes of one run to the OKR sheet, row by row. Frozen data, built by `make_plan`."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from config.dataclass import dataclass
from config.message import Message
from connectors.okr_sheet import CellValue, RowInsert
from syncer.model.history import NOTHING as NO_DELTA
from syncer.model.history import Cause, Delta
from syncer.model.number_style import PLAIN_NUMBERS, NumberStyle


class Decision(StrEnum):
    """Decision about a cell."""

    SAME = "same"
    REMEMBER = "remember"
    """The cell already has the wanted value; only the memory tab is updated."""
    WRITE = "write"
    CONFLICT = "conflict"
    """Edited by a person after okrsync wrote it: kept and reported."""
    UNADOPTED = "unadopted"
    """Filled before okrsync first wrote it: reported, and overwritten only with `--adopt`."""
    LOCKED = "locked"
    """A formula, a protected cell, a merged range or the result of an array formula."""


Key = tuple[str, str]
"""(key result id, column name)."""


class Mark(StrEnum):
    """Kind of change of a row; the worst first where several apply."""

    CONFLICT = "conflict"
    ADOPT = "adopt"
    UNKNOWN = "unknown"
    NEW = "new"
    CHANGE = "change"
    CALENDAR = "calendar"
    """Only values that depend on the date: expected progress, forecast, and the status that follows from them."""
    SAME = "same"


LINK_COLUMN = "_link"
"""Pseudo-column of the memory tab for the link of a source cell; None where a person filled the cell."""

CALENDAR_COLUMNS = frozenset({"expected", "status", "forecast"})


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell to write. `row` and `index` count from 0, after the plan's row inserts; `link` is the hyperlink."""

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
        """Whether only the link changes, because the query contains an instant, while the value stays."""
        return (bool(self.link) and self.before == self.after) or (self.column == "link" and self.before is not None)


@dataclass(frozen=True, slots=True)
class Held:
    """A cell that differs from the wanted value but is kept, and why. `now` is its formula or error if it has one."""

    column: str
    now: CellValue
    wanted: CellValue
    decision: Decision
    why: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Displayed values of a row: current value, progress in [0, 1] and status code. None or empty: unknown."""

    current: CellValue = None
    progress: Decimal | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One key result or objective in the plan.

    Attributes:
        why: how the value was obtained, in the source's terms; source: where it came from.
        delta: changes since the last run.
        reason: why the value is unknown; cause: the code of that reason.
        place: `tab!row`, with rows counted from 1; empty for a new row.
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
    style: NumberStyle = PLAIN_NUMBERS
    is_objective: bool = False


class Guard(StrEnum):
    """Rule that refuses a plan."""

    LOST_ROW = "lost_row"
    RENAMED_HEADER = "renamed_header"
    MAX_FALLING = "max_falling"
    MAX_DROP = "max_drop"
    MAX_RISE = "max_rise"
    GONE_EMPTY = "gone_empty"
    MAX_ROWS_LOST = "max_rows_lost"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Reason to refuse a plan, with the key result concerned; empty if there are several.

    `lifted_by_force` is False where `--force` would lose data.
    """

    guard: Guard
    reason: str
    key_result: str = ""
    lifted_by_force: bool = True


class NoteKind(StrEnum):
    """Subject of a note."""

    UNKNOWN_ROW = "unknown_row"
    DUPLICATE_ID = "duplicate_id"
    TITLE_IN_ROW = "title_in_row"
    """A key result that gets a new row, although a row with an id that is not in the config has its title."""
    STATUS_OVERRIDE = "status_override"
    HISTORY_WRITTEN = "history_written"
    HISTORY_UNUSABLE = "history_unusable"
    STAMP_UNUSABLE = "stamp_unusable"
    LOOKUPS_MISSING = "lookups_missing"
    LOOKUPS_BROKEN = "lookups_broken"
    DRIFT = "drift"
    """A definition in the sheet differs from that in the config."""
    DUPLICATE_IN_OWN_TAB = "duplicate_in_own_tab"
    BASELINE_ZERO = "baseline_zero"
    """Key results whose baseline was left out and counts as 0."""
    SETTLING = "settling"
    """Measures whose latest figures are not complete yet."""
    IDS_MISSING = "ids_missing"
    """Tabs without ids, whose rows a dry run matches by their titles."""
    UNKNOWN_HEADER = "unknown_header"
    """A header that okrsync does not know, and that may be a column which the tab lacks."""
    ROWS_REFUSED = "rows_refused"
    """A protected tab, to which no rows are added for key results."""
    SOURCE_WARNING = "source_warning"
    """Something in the answer of a source that may make a measure wrong."""
    SHARED_COUNT = "shared_count"
    """Measures whose count another workspace on the same account got within the last minute."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of the plan that belongs to no line; `id` and `place` (`tab!row`) are of the row concerned, or empty."""

    kind: NoteKind
    text: Message
    id: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes of one run in a fixed order: the same input gives the same bytes.

    Attributes:
        notes: rows that okrsync does not touch (unknown to the config, duplicate ids) and other remarks.
        guards: reasons to refuse the plan; empty if it is safe.
        workspace_memory: entries about the workspace, added to the memory tab along with the first change.
        own_cells: further cells of okrsync's own tab: headers, measures, rows of key results no longer in the config.
        lookups: lookup formulas in people's tabs: those of new rows, and those restored over manual values.
        history: cells of the history tab; their ids begin with the week.
        stamp: the cell with the time of the last write; written only together with other changes.
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
    has_own_tab: bool = False
    """Whether okrsync writes an own tab, which then replaces the memory tab."""

    @property
    def changes(self) -> tuple[CellChange, ...]:
        """All cells to write, in order."""
        lines = (change for line in self.lines for change in line.changes)
        return (*self.own_cells, *lines, *self.lookups, *self.history)

    @property
    def remember(self) -> Mapping[Key, CellValue]:
        """Values to add to the memory tab: all changes, and cells that already have the wanted value."""
        if self.has_own_tab:
            return {}
        learned: dict[Key, CellValue] = dict(self.workspace_memory) if self.changes or self.stamp else {}
        for line in self.lines:
            learned.update(line.remember)
            learned.update({(change.id, change.column): change.after for change in line.changes})
            learned.update({(change.id, LINK_COLUMN): change.link for change in line.changes if change.link})
        return {key: value for key, value in learned.items() if key not in self.forget}

    @property
    def has_work(self) -> bool:
        """Whether the plan writes anything."""
        return bool(self.changes or self.remember or self.forget)

    def count(self, *marks: Mark, objectives: bool = False) -> int:
        """Count the lines with one of these marks, of key results or of objectives."""
        return sum(line.mark in marks and line.is_objective == objectives for line in self.lines)

    @property
    def unknown(self) -> int:
        """Number of key results without progress today, whatever the marks of their rows."""
        return sum(not line.is_objective and line.after.progress is None for line in self.lines)

    @property
    def key_results(self) -> int:
        """Number of key results in the plan."""
        return sum(not line.is_objective for line in self.lines)
