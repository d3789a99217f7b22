"""The last look: every value that a run put into a tab of people's is in its own place, or is named. Pure.

The rounds of a repair find by rows, columns and patterns what was hit; each can err where people never stop moving
things. So the end is compared with the beginning, without asking what happened between: a cell that reads like
something the run wrote (its numbers, and what it put back) must be where the plan meant it, or have held it before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from config.errors import SheetError
from config.message import Message
from config.models import OkrSheet
from connectors.grids.a1 import cell_name, parse_area
from connectors.okr_sheet import Cell, CellWrite, SheetImage, Tab
from syncer.model.cells import as_text
from syncer.run.alignment import Alignment, Evidence, Shape, align, key_of
from syncer.run.columns import INSIDE_A_MERGE, Place
from syncer.run.references import without_references
from syncer.sheet.view import layout_of

Meant = tuple[str, str, str]
"""A row's key, a column's name, and what the plan wrote there."""

UNKNOWN = "?"
"""A key or a header that cannot be known, since okrsync hit it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run did to one tab, in all its rounds.

    Attributes:
        first: the tab before the first write; `shape` is that of then.
        put: what was written, as `content` says.
        emptied: the keys of rows and the headers of columns of what was emptied, as far as they are known.
        meant: what of it was planned.
        unsure: what was put back, or stood, where nothing but its neighbours said which row or column it was.
        hidden: what rows and columns held that were not found again, and of which every cell may have been hit.
    """

    first: Tab
    shape: Shape
    put: frozenset[str] = frozenset()
    emptied: frozenset[tuple[str, str]] = frozenset()
    meant: frozenset[Meant] = frozenset()
    unsure: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    def and_then(self, later: "Trace") -> "Trace":
        """The trace with that of a later round."""
        return replace(
            self,
            put=self.put | later.put,
            emptied=self.emptied | later.emptied,
            meant=self.meant | later.meant,
            unsure=self.unsure | later.unsure,
            hidden=self.hidden | later.hidden,
        )


Traces = Mapping[str, Trace]
"""By the tab's title."""


def content(cell: Cell) -> str:
    """What a cell is told by, wherever it was moved."""
    return without_references(cell.formula) if cell.formula else as_text(cell.value)


def put_by(write: CellWrite) -> str:
    """What a write leaves in its cell."""
    return content(write.restored) if write.restored is not None else as_text(write.value)


def hidden_by(hits: Iterable[Place], before: Tab, alignment: Alignment) -> frozenset[str]:
    """What rows and columns held that were not found again, where a hit row or column could be them."""
    by_row, by_column = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for row, column in hits:
        by_row[row].add(alignment.columns.get(column, column))
        by_column[column].add(alignment.rows.get(row, row))
    unsure_rows, unsure_columns = alignment.unsure()
    seen_rows = {old for new, old in alignment.rows.items() if new not in unsure_rows}
    seen_columns = {old for new, old in alignment.columns.items() if new not in unsure_columns}
    bare_rows = [held for row, held in by_row.items() if row not in alignment.rows or row in unsure_rows]
    bare_columns = [held for at, held in by_column.items() if at not in alignment.columns or at in unsure_columns]
    rows, columns = defaultdict[int, dict[int, str]](dict), defaultdict[int, dict[int, str]](dict)
    for row, cells in enumerate(before.rows):
        for column, cell in enumerate(cells):
            if text := content(cell):
                rows[row][column] = columns[column][row] = text
    lost = [held for row, held in rows.items() if row not in seen_rows and any(held.keys() <= hit for hit in bare_rows)]
    lost += [
        held
        for at, held in columns.items()
        if at not in seen_columns and any(held.keys() <= hit for hit in bare_columns)
    ]
    return frozenset(text for held in lost for text in held.values())


def unaccounted(traces: Traces, image: SheetImage, stated: OkrSheet, shapes: Mapping[str, Shape]) -> tuple[str, ...]:
    """The cells that hold what a run wrote and need not, or lack what it may have emptied; in words."""
    told = []
    for title, trace in sorted(traces.items()):
        if title in image.tabs:
            told += _Account(trace, image.tabs[title], stated, shapes.get(title)).told()
    return tuple(told)


class _Account:
    """One tab at the end of a run."""

    def __init__(self, trace: Trace, tab: Tab, stated: OkrSheet, known: Shape | None) -> None:
        self.trace, self.tab = trace, tab
        self.shape = _shape_now(tab, stated, known or trace.shape)
        area = parse_area(stated.last_synced) if stated.last_synced else None
        self.stamp = (area.top, area.left) if area and area.tab == tab.title else None
        places = [(row, column) for row, cells in enumerate(tab.rows) for column in range(len(cells))]
        self.meant = frozenset(place for place in places if self._is_meant(place))
        self.touched = trace.put | trace.unsure
        self.counts = [Counter(content(cell) for row in one.rows for cell in row) for one in (trace.first, tab)]
        self.alignment: Alignment = align(trace.first, tab, trace.shape, Evidence(self.meant))

    def told(self) -> list[str]:
        """What is not accounted for; where that is a header or a key, all that the run wrote by it."""
        first = self._strange()
        columns = {column for row, column in first if row == self.shape.header_row}
        rows = {row for row, column in first if column in self.shape.keys}
        self.meant = frozenset(at for at in self.meant if at[0] not in rows and at[1] not in columns)
        return [*self._strange().values(), *self._emptied(), *self._lost()]

    def _strange(self) -> dict[Place, str]:
        strange: dict[Place, str] = {}
        for row, cells in enumerate(self.tab.rows):
            for column, cell in enumerate(cells):
                place, text = (row, column), content(cell)
                if not text or text not in self.trace.put or place in self.meant:
                    continue
                before = self.alignment.before(place)
                held = content(self.trace.first.cell(*before)) if before else None
                if self.stamp in (place, before) and self.stamp is not None:
                    continue
                if held != text or (text in self.trace.unsure and not self._is_recognised(place, before)):
                    place_name = self._named(place)
                    strange[place] = (
                        Message("{cell} reads '{text}', and held '{held}'", cell=place_name, text=text, held=held)
                        if held and held != text
                        else Message("{cell} reads '{text}'", cell=place_name, text=text)
                    )
        return strange

    def _is_recognised(self, place: Place, before: Place | None) -> bool:
        """Whether its column's header, and something in its row that stands nowhere else, say what a place was."""
        if before is None:
            return False
        header = self._stayed((self.trace.shape.header_row, before[1]), (self.shape.header_row, place[1]))
        columns = self.alignment.columns
        return header and any(self._stayed((before[0], columns[at]), (place[0], at)) for at in columns)

    def _stayed(self, before: Place, now: Place) -> bool:
        """Whether two cells hold the same, and nothing else does, nor did the run write it anywhere."""
        text = content(self.tab.cell(*now))
        alone = all(count[text] == 1 for count in self.counts) and text not in self.touched
        return alone and text == content(self.trace.first.cell(*before))

    def _emptied(self) -> Iterator[str]:
        if not self.trace.emptied:
            return
        turned = self.alignment.turned()
        for row, cells in enumerate(self.trace.first.rows):
            for column, cell in enumerate(cells):
                text, place = content(cell), turned.before((row, column))
                if not text or place is None:
                    continue
                now = self.tab.cell(*place)
                if content(now) or now.locked == INSIDE_A_MERGE or self._is_meant(place):
                    continue
                if self._may_be_emptied((row, column), place):
                    yield Message("{cell} is empty, and held '{text}'", cell=self._named(place), text=text)

    def _may_be_emptied(self, before: Place, now: Place) -> bool:
        """Whether it is of a row and a column of which something was emptied; else people did it."""
        keys, headers = {UNKNOWN}, {UNKNOWN}
        for tab, shape, (row, column) in ((self.trace.first, self.trace.shape, before), (self.tab, self.shape, now)):
            keys.add(key_of(tab, row, shape.keys))
            headers.add(content(tab.cell(shape.header_row, column)))
        return any((key, header) in self.trace.emptied for key in keys for header in headers)

    def _lost(self) -> Iterator[str]:
        then, now = self.counts
        for row, cells in enumerate(self.trace.first.rows):
            for column, cell in enumerate(cells):
                text = content(cell)
                if text in self.trace.hidden and now[text] < then[text]:
                    place = self._named((row, column))
                    yield Message("{cell} held '{text}', which is not found any more", cell=place, text=text)

    def _is_meant(self, place: Place) -> bool:
        key = key_of(self.tab, place[0], self.shape.keys) if self.shape.keys else ""
        return (key, self.shape.names.get(place[1], ""), content(self.tab.cell(*place))) in self.trace.meant

    def _named(self, place: Place) -> str:
        return f"{self.tab.title}!{cell_name(*place)}"


def _shape_now(tab: Tab, stated: OkrSheet, known: Shape) -> Shape:
    try:
        layout = layout_of(tab, stated)
    except SheetError:
        return known
    names = {index: name for name, index in layout.columns.items()}
    return Shape(layout.header_row, tuple(layout.columns[name] for name in layout.keyed_by), {**known.names, **names})
