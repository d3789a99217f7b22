"""The part of a plan that writes okrsync's own tab, and what people's tabs show of it. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from config.loading.loader import Config
from config.message import Message
from syncer.compute.states import KeyResultState
from syncer.model.plan import CellChange, Figures, Line, Mark, Note, NoteKind
from syncer.plan.lookup_cells import LookupCells, drift_notes, spans
from syncer.plan.new_rows import NewRows, own_headers
from syncer.plan.own_rows import left_rows, plan_own_row
from syncer.plan.rows import Wanted, mark_of
from syncer.sheet.own_tab import OwnTab
from syncer.sheet.view import SheetView


class OwnTabPlan:
    """Plans rows of the own tab one after another; `lookups` collects the cells of people's tabs that are written."""

    def __init__(self, config: Config, view: SheetView, own: OwnTab, new_rows: NewRows, today: date) -> None:
        typed = {entry.id for entry in config.key_results if entry.measure is None and not entry.parts}
        typed |= {entry.definition.was or "" for entry in config.key_results if entry.id in typed}
        self.lookups: list[CellChange] = []
        self._objectives = frozenset(config.workspace.objectives)
        self._cells = LookupCells(view, own, frozenset(typed | self._objectives))
        self._language = config.workspace.language
        self._view, self._own, self._new_rows, self._today = view, own, new_rows, today

    @property
    def new_tab(self) -> str:
        """The title of the own tab where it has to be made, else empty."""
        return self._own.layout.tab.title if self._own.tab is None else ""

    def line(self, wanted: Wanted, *, overwrite: bool) -> Line:
        """A key's row of the own tab, and the cells of people's row that do not show it."""
        row = self._view.row_of(wanted.id, wanted.former_id)
        new, changes, held = plan_own_row(self._own, self._new_rows, wanted, self._today)
        if row is not None and row.id == wanted.former_id:
            changes += plan_own_row(self._own, self._new_rows, replace(wanted, id=row.id), self._today).changes
        if row is None:
            if new and wanted.id not in self._objectives:
                self.lookups += self._cells.new_row(*self._new_rows.place(wanted.id), wanted.id)
        elif overwrite:
            self.lookups += self._cells.given_back(row)
        else:
            held += tuple(self._cells.held(row, wanted.computed))
        mark = Mark.NEW if new and row is None else mark_of(changes, held)
        place = row.place if row else ""
        return Line(wanted.id, "", "", mark, Figures(), Figures(), changes, held, place=place)

    def cells(self, known: frozenset[str], former: frozenset[str]) -> tuple[CellChange, ...]:
        """The cells of the own tab beside those of the lines: headers, and rows of what is not known any more.

        A former id is known as long as a tab of people's shows it.
        """
        known |= former & self._view.by_id.keys()
        return (*own_headers(self._own, self._language), *left_rows(self._own, known, self._language))

    def notes(self, states: Sequence[KeyResultState]) -> tuple[Note, ...]:
        """What people's tabs lack or say otherwise, and what stands twice in the own tab."""
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
        known = self._objectives | {state.definition.id for state in states}
        return (*self._cells.notes(known), *drift_notes(self._view, states), *own)
