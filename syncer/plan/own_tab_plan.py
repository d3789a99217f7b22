"""Plan the cells of okrsync's own tab, and the lookups in people's tabs. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from config.dataclass import dataclass
from config.loading.loader import Config
from config.message import Message
from connectors.okr_sheet import EMPTY, CellValue
from syncer.compute.states import KeyResultState
from syncer.model.cells import as_text, rounded, same
from syncer.model.plan import CellChange, Decision, Figures, Held, Line, Mark, Note, NoteKind
from syncer.plan.new_rows import NewRows, measure_cells, own_headers
from syncer.plan.rows import Wanted, mark_of, plan_new_row
from syncer.sheet.columns import COLUMNS, DEFINITION_HEADERS, ROWS_READ, left_text
from syncer.sheet.layout import Layout, SheetRow
from syncer.sheet.lookups import LOOKED_UP, Lookups, Shows
from syncer.sheet.own_tab import OWN_COLUMNS, STAMP_ID, OwnTab
from syncer.sheet.view import SheetView


def typed_ids(config: Config, states: Sequence[KeyResultState] = ()) -> frozenset[str]:
    """Return the ids in whose rows okrsync fills no current value: objectives, and key results without a measure.

    People enter the current value of the latter. Former ids are included, and those of rows in `states` alone.
    """
    typed = [entry for entry in config.key_results if entry.measure is None and not entry.parts]
    former = (entry.definition.was or "" for entry in typed)
    rows = (state.definition.id for state in states if state.definition.manual)
    return frozenset((*config.workspace.objectives, *(entry.id for entry in typed), *former, *rows))


@dataclass(frozen=True, slots=True)
class LookupCells:
    """Lookup cells of people's tabs. `typed` are the ids of rows in which okrsync fills no current value."""

    view: SheetView
    own: OwnTab
    typed: frozenset[str]

    @property
    def lookups(self) -> Lookups:
        """Lookup formulas into the own tab."""
        return Lookups(self.own)

    def columns(self, row: SheetRow) -> list[str]:
        """Return the columns of a row that should show okrsync's values."""
        return [
            name for name in LOOKED_UP if name in row.layout.columns and (name != "current" or row.id not in self.typed)
        ]

    def held(self, row: SheetRow, wanted: Mapping[str, CellValue]) -> Iterator[Held]:
        """List the cells with manual values; they are kept and reported."""
        for name in self.columns(row):
            cell = self.view.sheet_cell(row, name)
            if self.lookups.shown(row.layout, name, cell) is Shows.TYPED:
                now = cell.formula or cell.error or cell.value
                yield Held(name, now, wanted.get(name), Decision.CONFLICT, "was typed by hand")

    def given_back(self, row: SheetRow) -> Iterator[CellChange]:
        """List the lookups to restore over manual values, in a row released by `--overwrite`."""
        for name in self.columns(row):
            cell, title = self.view.sheet_cell(row, name), row.layout.tab.title
            if self.lookups.shown(row.layout, name, cell) is not Shows.OWN and cell.locked is None:
                before = cell.formula or cell.error or cell.value
                formula = self.lookups.formula(row.layout, name)
                yield CellChange(row.id, name, title, row.row, row.layout.columns[name], before, formula, formula=True)

    def new_row(self, layout: Layout, at: int, key: str) -> Iterator[CellChange]:
        """List the cells of a new row for a key result."""
        title = layout.tab.title
        yield CellChange(key, "id", title, at, layout.columns["id"], None, key)
        for name in (*LOOKED_UP, *DEFINED):
            if name in layout.columns and (name != "current" or key not in self.typed):
                formula = self.lookups.formula(layout, name)
                yield CellChange(key, name, title, at, layout.columns[name], None, formula, formula=True)

    def notes(self, known: frozenset[str]) -> tuple[Note, ...]:
        """Report rows of known ids without lookups, and broken lookups, per tab."""
        bare: dict[str, set[int]] = defaultdict(set)
        broken: dict[str, set[int]] = defaultdict(set)
        for row in self.view.rows:
            shown = {
                self.lookups.shown(row.layout, name, self.view.sheet_cell(row, name)) for name in self.columns(row)
            }
            if Shows.NOTHING in shown and row.id in known:
                bare[row.layout.tab.title].add(row.number)
            if Shows.BROKEN in shown:
                broken[row.layout.tab.title].add(row.number)
        lacking = (
            Message(
                "'{tab}' has no lookups of okrsync's numbers in rows {rows}: run `okrsync init --sheet`",
                tab=tab,
                rows=spans(rows),
            )
            for tab, rows in bare.items()
        )
        wrong = (
            Message(
                "'{tab}' holds broken lookups in rows {rows}: run `okrsync init --sheet`", tab=tab, rows=spans(rows)
            )
            for tab, rows in broken.items()
        )
        return (
            *(Note(NoteKind.LOOKUPS_MISSING, text) for text in lacking),
            *(Note(NoteKind.LOOKUPS_BROKEN, text) for text in wrong),
        )


DEFINED = ("objective", "title", "owner", "team", "baseline", "target", "unit", "weight", "source")
"""Columns of a new row that show definitions from the config."""


def spans(numbers: set[int]) -> str:
    """Format numbers as ranges: 3-7, 9."""
    stretches: list[list[int]] = []
    for number in sorted(numbers):
        if stretches and stretches[-1][-1] == number - 1:
            stretches[-1][1:] = [number]
        else:
            stretches.append([number])
    return ", ".join("-".join(map(str, stretch)) for stretch in stretches)


def drift_notes(view: SheetView, states: Sequence[KeyResultState]) -> tuple[Note, ...]:
    """Report definitions in the sheet that differ from the config."""
    notes = []
    for state in states:
        row = view.row_of(state.definition.id, state.definition.former_id)
        for name, value in state.definition.stated.items() if row else ():
            cell = row.cell(name) if row else None
            if cell is None or cell.value is None or same(rounded(cell.value), rounded(value)):
                continue
            text = Message(
                "{key}: {column} reads {now} in the sheet; the config has {wanted}, which wins",
                key=state.definition.id,
                column=DEFINITION_HEADERS[name],
                now=as_text(cell.value),
                wanted=as_text(value),
            )
            notes.append(Note(NoteKind.DRIFT, text, state.definition.id))
    return tuple(notes)


_DEFINITIONS = tuple(name for name in OWN_COLUMNS if COLUMNS[name].owner == "definition")


class OwnRow(NamedTuple):
    """Plan for a row of the own tab: whether it is new, its changes, and locked cells."""

    new: bool
    changes: tuple[CellChange, ...]
    held: tuple[Held, ...] = ()


def plan_own_row(own: OwnTab, new_rows: NewRows, wanted: Wanted, today: date) -> OwnRow:
    """Plan a row: write every cell that differs, and clear definitions that are no longer in the config."""
    row = own.rows.get(wanted.id)
    if row is None:
        layout, at = new_rows.place_in(own)
        return OwnRow(True, plan_new_row(layout, at, wanted, today))
    values: dict[str, CellValue] = {**dict.fromkeys(_DEFINITIONS), **wanted.stated, **wanted.computed}
    read = values.pop(ROWS_READ, None)
    changes = {name: change for name, value in values.items() if (change := own_change(own, row, wanted, name, value))}
    if wanted.computed.get("current") is not None:
        dated = (row.cell("updated") or EMPTY).value is not None
        if ("current" in changes or not dated) and (change := own_change(own, row, wanted, "updated", today)):
            changes["updated"] = change
    if wanted.query and wanted.query.moves and all(change.follows for change in changes.values()):
        return OwnRow(False, ())  # not worth a write of its own, which each run would be
    if changes and read is not None and (change := own_change(own, row, wanted, ROWS_READ, read)):
        changes[ROWS_READ] = change
    locked = {name: cell for name in changes if (cell := row.cell(name)) is not None and cell.locked}
    held = (
        Held(name, as_text(cell.value), changes[name].after, Decision.LOCKED, cell.locked or "")
        for name, cell in locked.items()
    )
    return OwnRow(False, tuple(change for name, change in changes.items() if name not in locked), tuple(held))


def left_rows(own: OwnTab, known: frozenset[str], language: str) -> tuple[CellChange, ...]:
    """Set the status of rows whose key results are no longer in the config; people's tabs may still show them."""
    text = left_text(language)
    rows = [row for key, row in sorted(own.rows.items()) if key != STAMP_ID and key not in known]
    changes = (own_change(own, row, Wanted(row.id, {}, {}), "status", text) for row in rows)
    return tuple(change for change in changes if change is not None)


def own_change(own: OwnTab, row: SheetRow, wanted: Wanted, column: str, value: CellValue) -> CellChange | None:
    """Return the change of a cell of the own tab, at the column's new position; None if it already has the value."""
    cell, value = row.cell(column) or EMPTY, rounded(value)
    if cell.formula is None and cell.error is None and same(cell.value, value):
        return None
    fresh = cell.value is None and cell.formula is None and not cell.percent
    before = cell.formula or cell.error or cell.value
    return CellChange(
        row.id, column, own.layout.tab.title, row.row, own.columns[column], before, value,
        percent=fresh and wanted.shown_as_percent(column),
    )  # fmt: skip


class OwnTabPlan:
    """Plans rows of the own tab one after another; `lookups` collects cells to write in people's tabs."""

    def __init__(
        self, config: Config, view: SheetView, states: Sequence[KeyResultState], new_rows: NewRows, today: date
    ) -> None:
        """Prepare the plan for a sheet with an own tab. Raises ValueError without one."""
        if (own := view.own) is None:
            raise ValueError("the sheet has no own tab")
        self.lookups: list[CellChange] = []
        self._refused: dict[str, list[str]] = defaultdict(list)
        """Key results without a row, by the protected tab that takes none."""
        self._objectives = frozenset(config.workspace.objectives)
        self._cells = LookupCells(view, own, typed_ids(config, states))
        self._measures = tuple(config.workspace.measures)
        self._language = config.workspace.language
        self._view, self._own, self._new_rows, self._today = view, own, new_rows, today

    @property
    def new_tab(self) -> str:
        """Title of the own tab if it has to be created, else empty."""
        return self._own.layout.tab.title if self._own.tab is None else ""

    def line(self, wanted: Wanted, *, overwrite: bool) -> Line:
        """Plan the row of a key in the own tab, with the cells of people's row that do not show it."""
        row = self._view.row_of(wanted.id, wanted.former_id)
        new, changes, held = plan_own_row(self._own, self._new_rows, wanted, self._today)
        if row is not None and row.id == wanted.former_id:
            changes += plan_own_row(self._own, self._new_rows, replace(wanted, id=row.id), self._today).changes
        if row is None:
            home = self._view.home_of(wanted.id)
            if wanted.id in self._objectives:
                pass
            elif not home.tab.takes_row(self._view.first_free_row(home)):
                self._refused[home.tab.title].append(wanted.id)
            elif new:
                self.lookups += self._cells.new_row(*self._new_rows.place(wanted.id), wanted.id)
        elif overwrite:
            self.lookups += self._cells.given_back(row)
        else:
            held += tuple(self._cells.held(row, wanted.computed))
        mark = Mark.NEW if new and row is None else mark_of(changes, held)
        place = row.place if row else ""
        return Line(wanted.id, "", "", mark, Figures(), Figures(), changes, held, place=place)

    def cells(self, known: frozenset[str], former: frozenset[str]) -> tuple[CellChange, ...]:
        """Return further cells of the own tab: headers, measures, and rows of ids that are no longer known.

        A former id is known as long as people's tab shows it.
        """
        known |= former & self._view.by_id.keys()
        heads, lists = own_headers(self._own, self._language), measure_cells(self._own, self._measures)
        return (*heads, *lists, *left_rows(self._own, known, self._language))

    def notes(self, states: Sequence[KeyResultState]) -> tuple[Note, ...]:
        """Report missing lookups and rows, definitions that differ from the config, and duplicates in the own tab."""
        doubled = {
            key: Message(
                "'{tab}' holds {key} in rows {rows}; the upper one counts",
                tab=self._own.title,
                key=key,
                rows=spans(set(rows)),
            )
            for key, rows in sorted(self._own.doubled.items())
        }
        own = (Note(NoteKind.DUPLICATE_IN_OWN_TAB, text, key) for key, text in doubled.items())
        refused = (
            Note(
                NoteKind.ROWS_REFUSED,
                Message(
                    "The tab '{tab}' is protected, so it gets no rows for {names}. Copy a row of it and type the id "
                    "over; for rows to come, let {account} edit the tab (Data > Protect sheets and ranges).",
                    tab=title,
                    names=names,
                    account=self._view.account or Message("okrsync's account"),
                ),
            )
            for title, names in sorted(self._refused.items())
        )
        known = self._objectives | {state.definition.id for state in states}
        return (*self._cells.notes(known), *refused, *drift_notes(self._view, states), *own)
