"""What a write hit after people had moved rows or columns: which cells are owed what stood there. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from config.errors import SheetError
from config.models import OkrSheet
from connectors.okr_sheet import BASE_TAB, EMPTY, Cell, RowInsert, SheetBatch, SheetImage, Tab
from syncer.planning.base import Key
from syncer.planning.three_way import same
from syncer.sheet.layout import cell_id
from syncer.sheet.view import layout_of
from syncer.writing.alignment import Alignment, Evidence, Place, Shape, align, key_of, moved_formula
from syncer.writing.owed import INSIDE_A_MERGE, Owed, Pending, Settled, after_inserts, restores

_BASE_SHAPE = Shape(0, (0, 1))


def arrived(pending: Pending, now: SheetImage) -> bool:
    """Whether a write whose answer never came is in the sheet: by the base, which nobody else writes, where it can."""
    owed = {(one.tab, one.row, one.column): one.holds for one in pending.owed}
    told = []
    for write in pending.batch.cells:
        tab = pending.image.tabs.get(write.tab)
        place = write.row, write.column
        before = owed.get((write.tab, *place), tab.cell(*place).value if tab else None)
        if write.tab in now.tabs and not same(before, write.value):
            told.append((write.tab == BASE_TAB, same(now.tabs[write.tab].cell(*place).value, write.value)))
    evidence = [here for in_base, here in told if in_base] or [here for _, here in told]
    return bool(evidence) and sum(evidence) * 2 > len(evidence)


def settle(pending: Pending, after: SheetImage, stated: OkrSheet, *, done: bool, moved_since: bool = False) -> Settled:
    """Compare the sheet after a write with what it was planned on.

    Args:
        pending: the write.
        after: the sheet after it, from its own answer or read anew.
        stated: the OKR sheet of the config.
        done: whether the write is in the sheet; if not, only what was owed before still is.
        moved_since: `after` was read so much later that our values may stand elsewhere.
    """
    batch = pending.batch if done else SheetBatch(())
    owed: list[Owed] = []
    missed: set[Key] = set()
    for title in sorted({write.tab for write in (*batch.cells, *restores(pending.owed))}):
        if title not in after.tabs:
            if title in stated.tabs:  # should people bring it back, it is still owed
                owed += [one for one in pending.owed if one.tab == title]
            continue
        if title != BASE_TAB and title not in pending.image.tabs:  # it was gone, and is back as it went
            there = after.tabs[title]
            mine = (one for one in pending.owed if one.tab == title)
            owed += [one for one in mine if same(there.cell(one.row, one.column).value, one.holds)]
            continue
        if title == BASE_TAB or _has_no_headers(pending.image.tabs[title], stated):
            continue
        one = _TabCheck(pending, batch, after.tabs[title], stated, moved_since=moved_since)
        strays, keys = one.result()
        owed += strays
        missed |= keys
    owed += _base_owed(pending, batch, after, missed)
    return Settled(patched(after, owed), tuple(owed), frozenset(missed))


def _has_no_headers(tab: Tab, stated: OkrSheet) -> bool:
    """Whether no row of it can be told from another: okrsync's own, to be written anew, or one that holds one cell."""
    try:
        layout_of(tab, stated)
    except SheetError:
        return True
    return False


def patched(image: SheetImage, owed: Sequence[Owed]) -> SheetImage:
    """The image as if what is owed were put back."""
    by_tab: dict[str, dict[Place, Cell]] = defaultdict(dict)
    for one in owed:
        if one.tab not in image.tabs:
            continue
        now = image.tabs[one.tab].cell(one.row, one.column)
        by_tab[one.tab][one.row, one.column] = replace(one.before, locked=now.locked, percent=now.percent)
    tabs = {title: _with_cells(tab, by_tab[title]) if title in by_tab else tab for title, tab in image.tabs.items()}
    return replace(image, tabs=tabs)


def _with_cells(tab: Tab, cells: Mapping[Place, Cell]) -> Tab:
    rows = [list(row) for row in tab.rows]
    for (row, column), cell in cells.items():
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([EMPTY] * (column + 1 - len(rows[row])))
        rows[row][column] = cell
    return replace(tab, rows=tuple(map(tuple, rows)))


def _with_inserts(tab: Tab, inserts: Sequence[RowInsert]) -> tuple[Tab, frozenset[int]]:
    """The tab with the batch's empty rows in it, and which they are."""
    rows, new = list(tab.rows), set[int]()
    for insert in inserts:
        if insert.tab == tab.title:
            rows.extend(() for _ in range(insert.row - len(rows)))
            rows[insert.row : insert.row] = [()] * insert.count
            new = {row + insert.count if row >= insert.row else row for row in new}
            new |= set(range(insert.row, insert.row + insert.count))
    if new:
        kept = [row for row in range(len(rows)) if row not in new]
        columns = {column: column for column in range(max(map(len, rows), default=0))}
        rows = _with_formulas(rows, Alignment({now: old for old, now in enumerate(kept)}, columns))
    return replace(tab, rows=tuple(rows)), frozenset(new)


def _with_formulas(rows: Sequence[tuple[Cell, ...]], alignment: Alignment) -> list[tuple[Cell, ...]]:
    """The rows with the references of their formulas moved."""
    return [
        tuple(replace(cell, formula=moved_formula(cell.formula, alignment)) if cell.formula else cell for cell in row)
        for row in rows
    ]


class _TabCheck:
    """One tab of people's, or okrsync's own, after a write."""

    def __init__(self, pending: Pending, batch: SheetBatch, after: Tab, stated: OkrSheet, *, moved_since: bool) -> None:
        self.after = after
        title = after.title
        layout = layout_of(pending.image.tabs[title], stated)
        self.shape = Shape(layout.header_row, tuple(layout.columns[name] for name in layout.keyed_by))
        self.names = {index: name for name, index in layout.columns.items()}
        self.expected, self.fixed = _with_inserts(pending.image.tabs[title], batch.inserts)
        self.writes = {(write.row, write.column): write for write in batch.cells if write.tab == title}
        self.earlier = [one for one in after_inserts(pending.owed, batch.inserts) if one.tab == title]
        self.moved = moved_since and not all(
            same(after.cell(*place).value, write.value) for place, write in self.writes.items()
        )
        self.hits = self._hits()
        fixed = frozenset[int]() if self.moved else self.fixed
        also = {(one.row, one.column): one.holds for one in self.earlier}
        self.alignment: Alignment = align(self.expected, after, self.shape, Evidence(self.hits, fixed, also))
        self.ids = [self._id_at(row) for row in range(len(after.rows))]

    def _hits(self) -> frozenset[Place]:
        if not self.moved:
            return frozenset(self.writes)
        ours = [write.value for write in self.writes.values() if write.value is not None]
        columns = {column for _, column in self.writes}
        return frozenset(
            (row, column)
            for row in range(len(self.after.rows))
            for column in range(min(columns), max(columns) + 2)
            if any(same(self.after.cell(row, column).value, value) for value in ours)
        )

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
            if self.moved and (before is None or same(there.value, now.value)):
                continue
            write = self.writes.get(place)
            reformat = write is not None and (write.reformat or write.percent or isinstance(write.value, date))
            key = self._id_at(place[0])
            owed.append(
                Owed(self.after.title, *place, now.value, there, key, known=before is not None, reformat=reformat)
            )
        owed += self._still_owed({(one.row, one.column) for one in owed})
        return owed, {self._key(place) for place in self.writes if place not in landed}

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
        found = []
        for one in self.earlier:
            row, column = rows.get(one.row), columns.get(one.column)
            if column is not None and not one.id and (row is None or not self._holds(row, column, one)):
                row = self._nameless_row(one, column)
            if row is None or column is None or (row, column) in counted or (row, column) in self.writes:
                continue
            if self._holds(row, column, one):
                found.append(replace(one, row=row, column=column))
        return found

    def _holds(self, row: int, column: int, one: Owed) -> bool:
        return same(self.after.cell(row, column).value, one.holds)

    def _nameless_row(self, one: Owed, column: int) -> int | None:
        """A row that holds nothing but what okrsync hit there is recognised by that alone, wherever it went."""
        for row, key in enumerate(self.ids):
            before = self.alignment.before((row, column))
            people_s = before is not None and same(self.expected.cell(*before).value, one.holds)
            if not key and not people_s and self._holds(row, column, one):
                return row
        return None

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
        return key, self.names.get(place[1], "")


def _base_owed(pending: Pending, batch: SheetBatch, after: SheetImage, missed: Collection[Key]) -> list[Owed]:
    """The base must not remember what did not land; nor forget, while a renamed row still has its old id."""
    now = after.tabs.get(BASE_TAB)
    if now is None:
        return []
    earlier = {(one.row, one.column): one for one in pending.owed if one.tab == BASE_TAB}
    then = pending.image.tabs.get(BASE_TAB) or Tab(BASE_TAB)
    found = {}
    for write in batch.cells:
        if write.tab != BASE_TAB or write.row == 0 or not missed:
            continue
        new, old = key_of(now, write.row, _BASE_SHAPE.keys), key_of(then, write.row, _BASE_SHAPE.keys)
        if tuple(new.split("\n")) in missed or not new or (old and new != old):
            found[write.row, write.column] = Owed(
                BASE_TAB, write.row, write.column, write.value, then.cell(write.row, write.column)
            )
    written = {(write.row, write.column) for write in batch.cells if write.tab == BASE_TAB}
    found.update({place: one for place, one in earlier.items() if place not in written})
    return list(found.values())
