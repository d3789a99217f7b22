"""Where the rows and columns of a tab stood before people moved them. Pure.

A write goes to places; people move rows and columns. What the write itself hit is no evidence (`hits`), so rows are
recognised by their key and by every cell that was not hit, columns by their headers and their neighbours.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connectors.okr_sheet import Cell, Tab
from syncer.model.cells import as_text
from syncer.run.columns import Place, align_columns
from syncer.sheet.layout import cell_id

_KEY_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a tab's header row and key columns are, and the names of its columns.

    It is known from the moment a write was planned, and goes on with the rows and columns: so a row is told from
    another also while a header is renamed.
    """

    header_row: int
    keys: tuple[int, ...]
    names: Mapping[int, str] = field(default_factory=dict)

    def moved(self, alignment: "Alignment") -> "Shape":
        """The shape in the tab now."""
        turned = alignment.turned()
        rows, columns = turned.rows, turned.columns
        names = {columns[column]: name for column, name in self.names.items() if column in columns}
        keys = tuple(columns[column] for column in self.keys if column in columns)
        header_row = rows.get(self.header_row, self.header_row)
        return Shape(header_row, keys if len(keys) == len(self.keys) else (), names)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Rows and columns of a tab now, to what they were; what is not listed is new, or nobody can tell.

    `guessed_rows` and `guessed_columns` show nothing of their own: they are taken for those beside their neighbours.
    `headed`: the columns that had a header.
    """

    rows: Mapping[int, int]
    columns: Mapping[int, int]
    guessed_rows: frozenset[int] = frozenset()
    guessed_columns: frozenset[int] = frozenset()
    headed: frozenset[int] = frozenset()

    def before(self, place: Place) -> Place | None:
        """What a place was before."""
        row, column = self.rows.get(place[0]), self.columns.get(place[1])
        return None if row is None or column is None else (row, column)

    def turned(self) -> "Alignment":
        """The same the other way round: what was, to what it is now."""
        return Alignment({old: new for new, old in self.rows.items()}, {old: new for new, old in self.columns.items()})

    def is_guessed(self, place: Place) -> bool:
        """Whether nothing but its neighbours says what a place was."""
        return place[0] in self.guessed_rows or place[1] in self.guessed_columns

    def unsure(self) -> tuple[frozenset[int], frozenset[int]]:
        """The guessed rows, and the guessed columns without a header or not as before between those recognised."""
        return self.guessed_rows, self.guessed_columns - self.headed | _unframed(self.columns, self.guessed_columns)


def _unframed(places: Mapping[int, int], guessed: frozenset[int]) -> frozenset[int]:
    """Those of `guessed` that moved otherwise than the nearest known ones on both sides of them."""
    known = {now: now - then for now, then in places.items() if now not in guessed}
    alike = len(set(known.values())) == 1
    unframed = set()
    for place in guessed:
        below = max((now for now in known if now < place), default=None)
        above = min((now for now in known if now > place), default=None)
        moved = [known[now] for now in (below, above) if now is not None]
        if set(moved) != {place - places[place]} or (len(moved) == 1 and not alike):
            unframed.add(place)
    return frozenset(unframed)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known besides the cells.

    Attributes:
        hits: places of the tab now whose content says nothing, since okrsync wrote there.
        fixed: rows that are known to be where they were.
        also: by place before, what it may hold instead, as `text_of` says: okrsync's, and not put back yet.
    """

    hits: frozenset[Place] = frozenset()
    fixed: frozenset[int] = frozenset()
    also: Mapping[Place, str] = field(default_factory=dict)


def align(before: Tab, after: Tab, shape: Shape, evidence: Evidence) -> Alignment:
    """Recognise the rows and columns of `before` in `after`."""
    stood = _as_it_stood(before, evidence.also)
    columns, guessed = align_columns(stood, after, shape.header_row, evidence.hits)
    rows = _Rows(before, after, shape, evidence, columns)
    headed = frozenset(now for now, old in columns.items() if before.cell(shape.header_row, old).value is not None)
    return Alignment(rows.found(), columns, frozenset(rows.guessed), guessed, headed)


def _as_it_stood(tab: Tab, also: Mapping[Place, str]) -> Tab:
    """The tab with what okrsync put into it and has not put right yet, headers included."""
    rows = [list(cells) for cells in tab.rows]
    for (row, column), text in also.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = Cell(text or None)
    return replace(tab, rows=tuple(map(tuple, rows)))


def text_of(cell: Cell) -> str:
    """What a cell is recognised by; a formula's result may change, and its references move."""
    return "=" if cell.formula else as_text(cell.value)


def key_of(tab: Tab, row: int, keys: Iterable[int]) -> str:
    """The key of a row as text; empty where one of its cells is."""
    texts = [cell_id(tab.cell(row, column)) for column in keys]
    return "\n".join(texts) if all(texts) else ""


@dataclass(slots=True)
class _Rows:
    """Recognises rows: candidates by key, by equal cells, by how far their neighbours moved; the best first."""

    before: Tab
    after: Tab
    shape: Shape
    evidence: Evidence
    columns: Mapping[int, int]
    found_rows: dict[int, int] = field(default_factory=dict)
    guessed: set[int] = field(default_factory=set)
    words: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def found(self) -> dict[int, int]:
        fixed = self.evidence.fixed
        self.found_rows = {row: row for row in fixed}
        open_rows = [row for row in range(len(self.after.rows)) if row not in fixed]
        old_rows = [row for row in range(len(self.before.rows)) if row not in fixed]
        by_key: dict[str, list[int]] = defaultdict(list)
        by_cells: dict[tuple[int, ...], dict[tuple[str, ...], list[int]]] = {}
        for row in old_rows:
            by_key[key_of(self.before, row, self.shape.keys)].append(row)
        scored: list[tuple[int, int, int, int]] = []
        for row in open_rows:
            seen = tuple(column for column in sorted(self.columns) if (row, column) not in self.evidence.hits)
            if seen not in by_cells:
                by_cells[seen] = defaultdict(list)
                for old in old_rows:
                    by_cells[seen][tuple(self._old(old, column) for column in seen)].append(old)
            key = self._key(row)
            alike = by_cells[seen][tuple(self._new(row, column) for column in seen)]
            alike = sorted(alike, key=lambda old: abs(old - row))[:8]
            common = self._in_common(row, seen)
            for old in {*(by_key[key] if key else ()), *alike, *self._still_ours(row, seen), *common}:
                score = self._score(row, old, seen, key)
                if score > 0 or (score == 0 and old in common):
                    scored.append((-score, abs(old - row), row, old))
        self._take(sorted(scored))
        self._fill(open_rows)
        return self.found_rows

    def _take(self, scored: Iterable[tuple[int, int, int, int]]) -> None:
        taken = set(self.found_rows.values())
        for _, _, row, old in scored:
            if row not in self.found_rows and old not in taken:
                self.found_rows[row] = old
                taken.add(old)

    def _fill(self, open_rows: Iterable[int]) -> None:
        """Rows that show nothing of their own moved as the nearest recognised row above did, or the one below."""
        taken = set(self.found_rows.values())
        known = sorted(self.found_rows)
        for row in open_rows:
            if row in self.found_rows:
                continue
            above = max((other for other in known if other < row), default=None)
            below = min((other for other in known if other > row), default=None)
            for other in (above, below):
                if other is None:
                    continue
                old = self.found_rows[other] + row - other
                seen = tuple(column for column in sorted(self.columns) if (row, column) not in self.evidence.hits)
                if old >= 0 and old not in taken and self._score(row, old, seen, self._key(row)) >= 0:
                    self.found_rows[row] = old
                    self.guessed.add(row)
                    taken.add(old)
                    break

    def _key(self, row: int) -> str:
        back = {column: place for place, column in self.columns.items()}
        places = [back.get(column) for column in self.shape.keys]
        if any(place is None or (row, place) in self.evidence.hits for place in places):
            return ""
        return key_of(self.after, row, [place for place in places if place is not None])

    def _score(self, row: int, old: int, seen: tuple[int, ...], key: str) -> int:
        score = _KEY_WEIGHT if key and key == self._key_that_stood(old) else 0
        for column in seen:
            now, then = self._new(row, column), self._old(old, column)
            place = old, self.columns[column]
            stood = self.evidence.also.get(place, then)
            if now == stood:
                score += 1 if now else 0
            elif now != then:  # else somebody put it right by hand, or it is the row that okrsync's text came from
                score -= 1
        return score

    def _key_that_stood(self, old: int) -> str:
        """The key by which a row could be told last: where okrsync hit it, what okrsync put there."""
        places = [(old, column) for column in self.shape.keys]
        if any(place in self.evidence.also for place in places):
            texts = [self.evidence.also.get(place) or cell_id(self.before.cell(*place)) for place in places]
            return "\n".join(texts)
        return key_of(self.before, old, self.shape.keys)

    def _still_ours(self, row: int, seen: Iterable[int]) -> set[int]:
        """Rows before that still held values of ours which stand in this row now."""
        now = {(self.columns[column], text) for column in seen if (text := self._new(row, column))}
        return {old for (old, column), text in self.evidence.also.items() if (column, text) in now}

    def _in_common(self, row: int, seen: Iterable[int]) -> set[int]:
        """Rows before that alone held a text which stands in this row now."""
        if not self.words:
            for old, cells in enumerate(self.before.rows):
                for column in range(len(cells)):
                    self.words[column, text_of(cells[column])].append(old)
        texts = {column: text for column in seen if (text := self._new(row, column))}
        found = (self.words.get((self.columns[column], text), ()) for column, text in texts.items())
        return {rows[0] for rows in found if len(rows) == 1}

    def _new(self, row: int, column: int) -> str:
        return text_of(self.after.cell(row, column))

    def _old(self, row: int, column: int) -> str:
        return text_of(self.before.cell(row, self.columns[column]))
