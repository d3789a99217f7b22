"""Lookup cells in people's tabs: manual values over them, missing and broken ones. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.message import Message
from connectors.okr_sheet import CellValue
from syncer.compute.states import KeyResultState
from syncer.model.cells import as_text, rounded, same
from syncer.model.plan import CellChange, Decision, Held, Note, NoteKind
from syncer.sheet.layout import Layout, SheetRow
from syncer.sheet.lookups import LOOKED_UP, Lookups, Shows
from syncer.sheet.own_tab import OwnTab
from syncer.sheet.view import SheetView


@dataclass(frozen=True, slots=True)
class LookupCells:
    """Lookup cells of people's tabs. `typed` are the ids whose current value is entered by people."""

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
            cell = self.view.stands(row, name)
            if self.lookups.shown(row.layout, name, cell) is Shows.TYPED:
                now = cell.formula or cell.error or as_text(cell.value)
                yield Held(name, now, wanted.get(name), Decision.CONFLICT, "was typed by hand")

    def given_back(self, row: SheetRow) -> Iterator[CellChange]:
        """List the lookups to restore over manual values, in a row released by `--overwrite`."""
        for name in self.columns(row):
            cell, title = self.view.stands(row, name), row.layout.tab.title
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
            shown = {self.lookups.shown(row.layout, name, self.view.stands(row, name)) for name in self.columns(row)}
            if Shows.NOTHING in shown and row.id in known:
                bare[row.layout.tab.title].add(row.number)
            if Shows.BROKEN in shown:
                broken[row.layout.tab.title].add(row.number)
        lacking = (
            Message(
                "'{tab}' lacks lookups of okrsync's numbers in rows {rows}: run `okrsync init --sheet`",
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
                "{key}: {column} reads {now} in the sheet; the config states {wanted}, which counts",
                key=state.definition.id,
                column=name,
                now=as_text(cell.value),
                wanted=as_text(value),
            )
            notes.append(Note(NoteKind.DRIFT, text, state.definition.id))
    return tuple(notes)
