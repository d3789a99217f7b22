"""One tab after a write: where everything stands in it, what was hit, and what is owed. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from config.errors import SheetError
from config.models import OkrSheet
from config.said import Said, one_of
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import EMPTY, Cell, SheetBatch, Tab
from syncer.planning.base import Key
from syncer.planning.three_way import as_text, same
from syncer.sheet.layout import cell_id
from syncer.sheet.view import layout_of
from syncer.writing.account import UNKNOWN, Trace, content, hidden_by, put_by
from syncer.writing.alignment import Alignment, Evidence, Shape, align, key_of
from syncer.writing.columns import INSIDE_A_MERGE, Place
from syncer.writing.expected import with_inserts
from syncer.writing.found_again import Written, found_again
from syncer.writing.owed import Owed, Pending, after_inserts
from syncer.writing.references import moved_formula


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


def _named(tab: Tab, place: Place) -> str:
    return f"{tab.title}!{cell_name(*place)}"


def left_alone(tab: Tab, place: Place) -> str:
    """A cell that may be okrsync's, in words."""
    text = as_text(tab.cell(*place).value)
    return Said("{cell} reads '{text}' and was left alone", cell=_named(tab, place), text=text)


def _perhaps(now: int, places: Mapping[int, int], guessed: Collection[int], count: int) -> Collection[int]:
    """What a row or column may have been: what it is known to be, else all that nobody recognised."""
    if now in places and now not in guessed:
        return [places[now]]
    return sorted(set(range(count)) - {then for at, then in places.items() if at not in guessed})


def _read_alike(one: Cell, other: Cell) -> bool:
    return same(one.value, other.value) and (one.formula is None) == (other.formula is None)


class TabCheck:
    """One tab of people's, or okrsync's own, after a write."""

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
        found = found_again(written, self.after, self._is_people_s, self.alignment, self._owed_still())
        self.hits = frozenset(found.places.values())
        self.alignment = self._aligned()
        self.doubtful = found.doubtful

    def _owed_still(self) -> frozenset[Place]:
        """The cells that hold what an earlier write of the run put there by mistake, where their row is known."""
        rows = {old: new for new, old in self.alignment.rows.items()}
        columns = {old: new for new, old in self.alignment.columns.items()}
        places = (((rows.get(one.row), columns.get(one.column)), one) for one in self.earlier)
        return frozenset(
            (row, column)
            for (row, column), one in places
            if row is not None and column is not None and one.is_held_by(self.after.cell(row, column))
        )

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
        return owed, {self._key(place) for place in self.writes if place not in landed}

    def _may_be_back(self, place: Place) -> bool:
        """Whether people's words were put back there, and nothing but them says whose row or column it is."""
        write = self.writes.get(place)
        if self.moved or write is None or write.restored is None:
            return False
        gone_row = place[0] not in self.alignment.rows and place[0] not in self.alignment.rows.values()
        gone_column = place[1] not in self.alignment.columns and place[1] not in self.alignment.columns.values()
        return gone_row or gone_column

    def trace(self) -> Trace:
        """What was done to it in this round."""
        rows, columns = self.alignment.unsure()
        guessed = [at for at in self.hits if at in self.left or at[0] in rows or at[1] in columns]
        cells = [self.after.cell(*place) for place in guessed]
        cells += [self.expected.cell(*before) for place in guessed if (before := self.alignment.before(place))]
        meant = {(*self._key(at), as_text(write.value)) for at, write in self.writes.items() if not write.restored}
        put = frozenset(map(put_by, self.writes.values())) - {""}
        hidden = hidden_by(self.hits, self.expected, self.alignment)
        unsure = frozenset(map(content, cells)) - {""}
        return Trace(self.first, self.shape, put, self._emptied(), frozenset(meant), unsure, hidden)

    def _emptied(self) -> frozenset[tuple[str, str]]:
        """The rows and columns of what it emptied: where they stood when it was sent, and where they stand now."""
        places = [place for place, write in self.writes.items() if not put_by(write)]
        seen = [(self.after, self.shape.moved(self.alignment))]
        seen += [(self.expected, self.shape)] if self.moved else []
        rows, columns = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
        for tab, shape in seen:
            for row, column in places:
                hit = not shape.keys or any((row, key) in self.writes for key in shape.keys)
                rows[row].add(UNKNOWN if hit else key_of(tab, row, shape.keys))
                header = shape.header_row, column
                columns[column].add(UNKNOWN if header in self.writes else content(tab.cell(*header)))
        return frozenset((key, header) for row, column in places for key in rows[row] for header in columns[column])

    def in_doubt(self) -> list[str]:
        """What has to be said of cells that okrsync may have hit before it was killed."""
        left = {place: left_alone(self.after, place) for place in self.doubtful}
        gone = {place: self._may_have_held(place) for place in self.cleared if self.moved}
        cleared = {
            place: Said("{cell} was cleared and may have held {texts}", cell=_named(self.after, place), texts=texts)
            for place, texts in gone.items()
            if texts
        }
        return [text for _, text in sorted({**left, **cleared}.items())]

    def _may_have_held(self, place: Place) -> str:
        """What may have stood in a cleared cell; empty where it was new, or okrsync's own."""
        sure = self.alignment
        rows = _perhaps(place[0], sure.rows, sure.guessed_rows, len(self.expected.rows))
        width = max(map(len, self.expected.rows), default=0)
        columns = _perhaps(place[1], sure.columns, sure.guessed_columns, width)
        cells = [
            self.expected.cell(row, column) for row in rows for column in columns if (row, column) not in self.writes
        ]
        texts = sorted({cell.formula or as_text(cell.value) for cell in cells} - {""})
        return one_of(map(repr, texts[:3])) if texts else ""

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
        rows = {old: new for new, old in self.alignment.rows.items()}
        columns = {old: new for new, old in self.alignment.columns.items()}
        found: dict[Place, Place] = {}
        for one in self.earlier:
            row, column = rows.get(one.row), columns.get(one.column)
            if row is not None and column is not None and one.is_held_by(self.after.cell(row, column)):
                found[one.row, one.column] = row, column
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

    def _key(self, place: Place) -> Key:
        key = self._written_id(place[0]) or key_of(self.expected, place[0], self.shape.keys)
        return key, self.shape.names.get(place[1], "")
