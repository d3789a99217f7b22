"""One tab after a write: where everything stands in it, what was hit, and what is owed. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from config.errors import SheetError
from config.models import OkrSheet
from connectors.okr_sheet import EMPTY, Cell, SheetBatch, Tab
from syncer.model.cells import as_text, same
from syncer.model.plan import Key
from syncer.run.alignment import Alignment, Evidence, Shape, align, key_of
from syncer.run.columns import INSIDE_A_MERGE, Place
from syncer.run.expected import with_inserts
from syncer.run.found_again import Written, found_again
from syncer.run.owed import Owed, Pending, after_inserts
from syncer.run.references import moved_formula
from syncer.sheet.layout import cell_id
from syncer.sheet.view import layout_of


def _shape(tab: Tab, known: Shape | None, stated: OkrSheet) -> Shape:
    """Where headers and keys are; as it was known before, where a header was renamed since. Raises SheetError."""
    try:
        layout = layout_of(tab, stated)
    except SheetError:
        if known is None:
            raise
        return known
    names = {index: name for name, index in layout.columns.items()}
    keys = tuple(layout.columns[name] for name in layout.keyed_by)
    return Shape(layout.header_row, keys, {**(known.names if known else {}), **names})


def held_by(one: Owed) -> Written:
    """What is in a cell that is owed, as it is looked for."""
    return Written(one.holds, one.formula)


def _read_alike(one: Cell, other: Cell) -> bool:
    return same(one.value, other.value) and (one.formula is None) == (other.formula is None)


class TabCheck:
    """One tab of people's, or okrsync's own, after a write.

    Attributes:
        first: the tab that the write was planned on; `expected` has the rows besides that the write inserted.
        after: the tab now; `alignment` says where its rows and columns were in `expected`.
        writes: by place, what was written; `hits` are the places now of what it hit, right or wrong.
        moved: whether people had time to move it after the write.
        doubtful: cells that may be okrsync's; `left`: such with people's words put back; `cleared`: unknown, cleared.
    """

    def __init__(self, pending: Pending, batch: SheetBatch, after: Tab, stated: OkrSheet, *, moved_since: bool) -> None:
        self.after = after
        title = after.title
        self.shape = _shape(pending.image.tabs[title], pending.shapes.get(title), stated)
        self.first = pending.image.tabs[title]
        self.expected, self.fixed = with_inserts(pending.image.tabs[title], batch.inserts)
        self.writes = {(write.row, write.column): write for write in batch.cells if write.tab == title}
        self.earlier = [one for one in after_inserts(pending.owed, batch.inserts) if one.tab == title]
        self.moved = moved_since and not all(
            same(after.cell(*place).value, write.value) for place, write in self.writes.items()
        )
        self.doubtful: frozenset[Place] = frozenset()
        self.cleared: set[Place] = set()
        self.left: set[Place] = set()
        self.hits = frozenset(self.writes)
        self.alignment = self._aligned()
        if self.moved:
            self._find_again()
        self.ids = [self._id_at(row) for row in range(len(after.rows))]
        self.doubtful = frozenset(place for place in self.doubtful if not self._is_at_home(place))

    def _aligned(self) -> Alignment:
        fixed = frozenset[int]() if self.moved else self.fixed
        also = {(one.row, one.column): "=" if one.formula else as_text(one.holds) for one in self.earlier}
        return align(self.expected, self.after, self.shape, Evidence(self.hits, fixed, also))

    def _find_again(self) -> None:
        """Where what was written is by now: first whatever reads like it, then what fits together."""
        texts = {as_text(write.value) for write in self.writes.values()}
        self.hits = frozenset(
            (row, column)
            for row, cells in enumerate(self.after.rows)
            for column, cell in enumerate(cells)
            if cell.value is not None and as_text(cell.value) in texts
        )
        self.alignment = self._aligned()
        written = {
            place: Written(write.value, write.restored is not None and write.restored.formula is not None)
            for place, write in self.writes.items()
        }
        owed = frozenset(self._still_held().values())
        found = found_again(written, self.after, self._is_people_s, self.alignment, owed)
        self.hits = frozenset(found.places.values())
        self.alignment = self._aligned()
        self.doubtful = found.doubtful

    def _still_held(self) -> dict[Place, Place]:
        """What an earlier write of the run put by mistake: where it was, to where its row and column are by now."""
        turned = self.alignment.turned()
        return {
            then: now
            for one in self.earlier
            if (now := turned.before(then := (one.row, one.column))) and one.is_held_by(self.after.cell(*now))
        }

    def _is_at_home(self, place: Place) -> bool:
        return self._is_right(place, self.alignment.before(place), self.after.cell(*place))

    def _is_people_s(self, place: Place) -> bool:
        before = self.alignment.before(place)
        return before is not None and _read_alike(self.expected.cell(*before), self.after.cell(*place))

    def result(self) -> tuple[list[Owed], set[Key]]:
        """What is owed in this tab, and which cells of the plan were missed."""
        owed, landed = [], set[Place]()
        for place in sorted(self.hits):
            before = self.alignment.before(place)
            now = self.after.cell(*place)
            if self._is_right(place, before, now):
                landed.add(before or place)
                continue
            merged = now.locked == INSIDE_A_MERGE
            there = self.expected.cell(*before) if before and not merged else EMPTY
            if there.formula is not None:
                there = replace(there, formula=moved_formula(there.formula, self.alignment))
            if self.moved and before is not None and _read_alike(there, now):
                continue
            known = before is not None and not (self.moved and self.alignment.is_guessed(place))
            if not known and self._may_be_back(place):
                self.left.add(place)
                continue
            if not known:
                self.cleared.add(place)
                there = EMPTY
            write = self.writes.get(place)
            dressed = write is not None and (write.percent or bool(write.link) or isinstance(write.value, date))
            reformat = dressed or (write is not None and write.reformat)
            key = self._id_at(place[0])
            formula = now.formula is not None
            owed.append(Owed(self.after.title, *place, now.value, there, key, known, reformat, formula))
        owed += self._still_owed({(one.row, one.column) for one in owed})
        return owed, {self.key_at(place) for place in self.writes if place not in landed}

    def _may_be_back(self, place: Place) -> bool:
        """Whether people's words were put back there, and nothing but them says whose row or column it is."""
        write = self.writes.get(place)
        if self.moved or write is None or write.restored is None:
            return False
        gone_row = place[0] not in self.alignment.rows and place[0] not in self.alignment.rows.values()
        gone_column = place[1] not in self.alignment.columns and place[1] not in self.alignment.columns.values()
        return gone_row or gone_column

    def _is_right(self, place: Place, before: Place | None, now: Cell) -> bool:
        """Whether what stands at a place is what was meant for it: its row, its column, in view."""
        if before is None or before not in self.writes:
            return False
        if now.locked == INSIDE_A_MERGE:
            return now.value is None
        if not self.moved and before != place:
            return False
        write, found = self.writes[before], self._id_at(place[0])
        if before[0] in self.fixed and self.ids.count(found) > 1:
            return False  # another machine made the same row in the same moment
        wanted = self._written_id(before[0]) or key_of(self.expected, before[0], self.shape.keys)
        if write.restored is not None and write.restored.formula:
            return wanted == found and now.formula is not None
        return wanted == found and same(write.value, now.value)

    def _still_owed(self, counted: Collection[Place]) -> list[Owed]:
        """What was owed before this write and did not get it, because it had moved again."""
        found = self._still_held()
        rest = {(one.row, one.column): held_by(one) for one in self.earlier if (one.row, one.column) not in found}
        again = found_again(
            rest, self.after, lambda place: place in counted or self._is_accounted_for(place), self.alignment
        )
        found |= {place: now for place, now in again.places.items() if now not in found.values()}
        self.doubtful = (self.doubtful | again.doubtful) - set(found.values())
        taken = {*counted, *self.hits}
        return [
            replace(one, row=place[0], column=place[1])
            for one in self.earlier
            if (place := found.get((one.row, one.column))) and place not in taken
        ]

    def _is_accounted_for(self, place: Place) -> bool:
        return self._is_people_s(place) or (place in self.hits and self._is_at_home(place))

    def _written_id(self, row: int) -> str:
        writes = [self.writes.get((row, column)) for column in self.shape.keys]
        return "\n".join(cell_id(Cell(write.value)) for write in writes if write) if all(writes) else ""

    def _id_at(self, row: int) -> str:
        back = {old: new for new, old in self.alignment.columns.items()}
        columns = [back.get(column) for column in self.shape.keys]
        parts = ["" if column is None else cell_id(self.after.cell(row, column)) for column in columns]
        return "\n".join(parts) if all(parts) else ""

    def key_at(self, place: Place) -> Key:
        """The key of the row and the column for which a place was written."""
        key = self._written_id(place[0]) or key_of(self.expected, place[0], self.shape.keys)
        return key, self.shape.names.get(place[1], "")
