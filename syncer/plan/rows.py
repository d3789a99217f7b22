"""Plan one row from the last-written, current and wanted value of each cell. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from config.dataclass import dataclass
from connectors.okr_sheet import EMPTY, Cell, CellValue
from syncer.model.cells import rounded, same
from syncer.model.plan import CALENDAR_COLUMNS, LINK_COLUMN, CellChange, Decision, Held, Key, Mark
from syncer.plan.source_links import SourceLink
from syncer.sheet.columns import COLUMNS
from syncer.sheet.layout import Layout, SheetRow
from syncer.sheet.view import LastWritten


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and, for a cell that is kept, the reason."""

    decision: Decision
    why: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a run may do: adopt filled cells, and overwrite manual changes in the rows of the named ids."""

    adopt: bool = False
    overwrite: frozenset[str] = frozenset()


def decide(
    base: CellValue, now: Cell, wanted: CellValue, *, known: bool, adopt: bool = False, overwrite: bool = False
) -> Verdict:
    """Decide what to do with a cell. `known`: there is a last-written value (which may be None)."""
    if now.formula is None and now.error is None and same(now.value, wanted):
        remembered = known and same(base, wanted)
        return Verdict(Decision.SAME if remembered or now.locked else Decision.REMEMBER)
    if now.locked:
        return Verdict(Decision.LOCKED, now.locked)
    if now.formula is not None:
        return Verdict(Decision.LOCKED, "holds a formula")
    if now.error is None and now.value is None:
        return Verdict(Decision.WRITE)
    if overwrite:
        return Verdict(Decision.WRITE)
    if not known:
        if adopt:
            return Verdict(Decision.WRITE)
        return Verdict(Decision.UNADOPTED, "was filled before okrsync")
    if now.error is None and same(base, now.value):
        return Verdict(Decision.WRITE)
    return Verdict(Decision.CONFLICT, "was changed by hand")


PERCENT_COLUMNS = frozenset({"progress", "attainment", "expected"})
VALUE_COLUMNS = frozenset({"baseline", "target", "current", "forecast"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Wanted content of a row: definition cells set in the config, computed cells, and their format."""

    id: str
    stated: Mapping[str, CellValue]
    computed: Mapping[str, CellValue]
    percent: bool = False
    former_id: str = ""
    query: SourceLink | None = None
    """Link to the query in the tracker."""
    linked: bool = True
    """Whether the source cell is linked to the query; okrsync's own tab has a column for the link."""
    by_progress: bool = False
    """Whether the forecast is of progress."""

    @property
    def link(self) -> str:
        """Hyperlink of the source cell."""
        return self.query.address if self.query and self.linked else ""

    def shown_as_percent(self, column: str) -> bool:
        """Whether a new cell of the column is formatted as a percentage."""
        if column == "forecast" and self.by_progress:
            return True
        return column in PERCENT_COLUMNS or (self.percent and column in VALUE_COLUMNS)


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """Planned changes of one row."""

    mark: Mark
    changes: tuple[CellChange, ...]
    held: tuple[Held, ...]
    remember: Mapping[Key, CellValue]


def plan_row(row: SheetRow, wanted: Wanted, base: LastWritten, allowed: Allowed, today: date) -> RowOutcome:
    """Decide all cells of an existing row. A definition in conflict blocks the whole row."""
    judge = RowPlanner(row, wanted, base, allowed)
    if wanted.former_id and row.id == wanted.former_id:
        judge.rename()
    for column, value in wanted.stated.items():
        judge.decide_cell(column, value)
    if any(held.decision in (Decision.CONFLICT, Decision.UNADOPTED) for held in judge.held):
        return judge.outcome(hold_row=True)
    for column, value in wanted.computed.items():
        judge.decide_cell(column, value)
    if wanted.computed.get("current") is not None:
        judge.date_the_value(today)
    return judge.outcome(hold_row=False)


def plan_new_row(layout: Layout, at: int, wanted: Wanted, today: date) -> tuple[CellChange, ...]:
    """Return the cells of a new row."""
    values: dict[str, CellValue] = {"id": wanted.id, **wanted.stated, **wanted.computed}
    if wanted.computed.get("current") is not None:
        values["updated"] = today
    return tuple(
        CellChange(
            wanted.id, column, layout.tab.title, at, layout.columns[column], None, rounded(value),
            percent=wanted.shown_as_percent(column), link=wanted.link if column == "source" else "",
        )
        for column, value in values.items()
        if column in layout.columns and value is not None
    )  # fmt: skip


class RowPlanner:
    """Collects the decisions about the cells of one row."""

    def __init__(self, row: SheetRow, wanted: Wanted, base: LastWritten, allowed: Allowed) -> None:
        self.row = row
        self.wanted = wanted
        self.base = base
        self.allowed = allowed
        self.changes: list[CellChange] = []
        self.held: list[Held] = []
        self.remember: dict[Key, CellValue] = {}

    def rename(self) -> None:
        """Write the new id over the former one."""
        cell = self.row.cell("id") or EMPTY
        self._write("id", cell.value, self.wanted.id)

    def decide_cell(self, column: str, value: CellValue) -> None:
        """Decide what happens to the cell of one column."""
        cell = self.row.cell(column)
        if cell is None:
            return
        value = rounded(value)
        key = (self.row.id, column)
        verdict = decide(
            self.base.values.get(key),
            cell,
            value,
            known=key in self.base.values,
            adopt=self.allowed.adopt,
            overwrite=self.wanted.id in self.allowed.overwrite,
        )
        match verdict.decision:
            case Decision.WRITE:
                fresh = cell.value is None and cell.error is None and not cell.percent
                self._write(column, cell.value, value, percent=fresh and self.wanted.shown_as_percent(column))
            case Decision.REMEMBER:
                self.remember[self.wanted.id, column] = value
                if column == "source":
                    self.remember[self.wanted.id, LINK_COLUMN] = None  # a person typed it, perhaps with a link
            case Decision.SAME:
                self._follow_query(column, cell)
                if self.row.id != self.wanted.id:
                    self.remember[self.wanted.id, column] = value
            case _:
                now = cell.formula or cell.error or cell.value
                self.held.append(Held(column, now, value, verdict.decision, verdict.why))

    def date_the_value(self, today: date) -> None:
        """Update the date of the value if the value changes."""
        cell = self.row.cell("updated")
        if cell is None:
            return
        moved = any(change.column == "current" for change in self.changes)
        held = any(held.column == "current" for held in self.held)
        if moved or (not held and (cell == EMPTY or self._date_was_missed())):
            self.decide_cell("updated", today)

    def _date_was_missed(self) -> bool:
        """Whether a run wrote the value but not its date, because people moved rows at that moment."""
        runs = self.base.runs
        value, day = runs.get((self.row.id, "current"), ""), runs.get((self.row.id, "updated"), "")
        return bool(day) and value > day

    def _write(self, column: str, before: CellValue, after: CellValue, *, percent: bool = False) -> None:
        layout = self.row.layout
        self.changes.append(
            CellChange(
                self.wanted.id, column, layout.tab.title, self.row.row, layout.columns[column], before, after, percent,
                self.wanted.link if column == "source" else "",
            )
        )  # fmt: skip

    def _follow_query(self, column: str, cell: Cell) -> None:
        """Link a cell written by okrsync to its query, if the link has changed."""
        known = self.base.values.get((self.row.id, LINK_COLUMN), "")
        moved = bool(self.wanted.link) and known is not None and known != self.wanted.link
        if column == "source" and moved and cell.locked is None and cell.formula is None:
            self._write(column, cell.value, cell.value)

    def outcome(self, *, hold_row: bool) -> RowOutcome:
        """Return the decisions; with `hold_row` nothing changes."""
        linked = self.base.values.get((self.row.id, LINK_COLUMN)) is not None
        alone = all(change.follows and (linked or change.column == "link") for change in self.changes)
        if alone and self.wanted.query and self.wanted.query.moves:
            self.changes.clear()  # not worth a write of its own, which each run would be
        changes = () if hold_row else tuple(self.changes)
        remember = {} if hold_row else self.remember
        return RowOutcome(mark_of(changes, self.held), changes, tuple(self.held), remember)


def mark_of(changes: Sequence[CellChange], held: Sequence[Held]) -> Mark:
    """Return the mark of a row from its changes and kept cells."""
    decisions = {cell.decision for cell in held}
    if Decision.CONFLICT in decisions:
        return Mark.CONFLICT
    if Decision.UNADOPTED in decisions:
        return Mark.ADOPT
    if not changes:
        return Mark.SAME
    moved = {change.column for change in changes if not change.follows}
    return Mark.CALENDAR if moved <= CALENDAR_COLUMNS else Mark.CHANGE


def number_in(cell: Cell | None) -> Decimal | None:
    """Return the number in a cell; None for anything else."""
    return cell.value if cell is not None and isinstance(cell.value, Decimal) else None


def known_columns(layout: Layout) -> tuple[str, ...]:
    """Return the names of a layout's known columns from left to right."""
    return tuple(sorted((name for name in layout.columns if name in COLUMNS), key=lambda name: layout.columns[name]))
