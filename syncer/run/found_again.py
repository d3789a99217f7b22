"""Which cells hold what okrsync wrote, after people had time to move rows and columns. Pure.

Moving rows and columns keeps together what was written into one row, and into one column. So the values are looked for
as a pattern: each written column goes to the column that holds most of its values, rare ones counting more, and each
written row to the row that it explains best. A cell outside of the pattern that equals a value is a copy, or somebody's
own; of it nothing is certain.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from connectors.okr_sheet import EMPTY, CellValue, Tab
from syncer.model.cells import as_text
from syncer.run.alignment import Alignment
from syncer.run.columns import Place
from syncer.run.found_rows import Content, FoundRows, content_of

_DISTINCTIVE = 4
"""So many characters of a number are nobody's by chance."""
_EMPTIED: Content = ("", False)
_NOTHING_KNOWN = Alignment({}, {})


@dataclass(frozen=True, slots=True)
class Written:
    """What okrsync put into a cell: None emptied it. `formula`: it was people's formula with that value."""

    value: CellValue
    formula: bool = False

    @property
    def content(self) -> Content:
        """How it is looked for."""
        return as_text(self.value), self.formula


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """By place written: where its content is now. `doubtful`: cells that may be okrsync's, and nobody can tell."""

    places: Mapping[Place, Place]
    doubtful: frozenset[Place] = frozenset()


def found_again(
    written: Mapping[Place, Written],
    after: Tab,
    is_people_s: Callable[[Place], bool],
    known: Alignment = _NOTHING_KNOWN,
    owed: Collection[Place] = (),
) -> FoundAgain:
    """Where what was written stands now.

    Args:
        written: by the place it was written to.
        after: the tab now.
        is_people_s: whether a cell is known to have held before what it holds now.
        known: what rows and columns were before.
        owed: cells that hold what an earlier write put there by mistake.
    """
    sought = {place: one.content for place, one in written.items()}
    cells = _cells(after, is_people_s, known)
    columns = _columns(sought, cells, owed)
    rows = FoundRows(sought, after, is_people_s, known, owed, columns).found(cells)
    at = {place: (rows[place[0]], columns[place[1]]) for place in written if place[0] in rows and place[1] in columns}
    held = {place: now for place, now in at.items() if now in cells.get(sought[place], ())}
    in_row, in_column = Counter(row for row, _ in held.values()), Counter(column for _, column in held.values())
    found = {}
    for place, now in at.items():
        row, column = now
        value = written[place].value
        if value is None:
            beside = in_row[row] > (place in held) or (place in held and place[0] in (row, known.rows.get(row)))
            sure = after.cell(*now) == EMPTY and beside and in_column[column] > (place in held)
        else:
            sure = place in held and (
                place in (now, known.before(now))
                or max(in_row[row], in_column[column]) > 1
                or _is_distinctive(value)
                or (row not in known.rows and _is_alone(now, after))
            )
        if sure:
            found[place] = now
    taken = set(found.values())
    unfound = {sought[place] for place, one in written.items() if place not in found and one.value is not None}
    return FoundAgain(found, frozenset(now for text in unfound for now in cells.get(text, ()) if now not in taken))


def _is_alone(place: Place, tab: Tab) -> bool:
    """Whether nothing else stands in its row: then it is nobody's."""
    return all(cell.value is None or column == place[1] for column, cell in enumerate(tab.rows[place[0]]))


def _is_distinctive(value: CellValue) -> bool:
    """Whether nobody else's cell reads like it by chance."""
    return isinstance(value, Decimal) and len(as_text(value).strip("0.-")) >= _DISTINCTIVE


def _cells(after: Tab, is_people_s: Callable[[Place], bool], known: Alignment) -> dict[Content, dict[Place, None]]:
    """By content: the cells that hold it now and did not before, in the order of their rows."""
    found: dict[Content, dict[Place, None]] = defaultdict(dict)
    for row, cells in enumerate(after.rows):
        for column, cell in enumerate(cells):
            place = row, column
            if (cell.value is not None or known.before(place)) and not is_people_s(place):
                found[content_of(cell)][place] = None
    return found


def _columns(
    sought: Mapping[Place, Content], cells: Mapping[Content, Collection[Place]], owed: Collection[Place]
) -> dict[int, int]:
    """Columns written to columns now: by what was written, and where nothing was, by what was emptied."""
    written: dict[Content, Counter[int]] = defaultdict(Counter)
    for (_, column), content in sought.items():
        written[content][column] += 1
    votes: dict[tuple[int, int], float] = defaultdict(float)
    for content, counts in written.items():
        now: dict[int, float] = defaultdict(float)
        for place in cells.get(content, ()) if content != _EMPTIED else ():
            now[place[1]] += 0.5 if place in owed else 1  # an earlier write may explain it
        for column, count in counts.items():
            for other, there in now.items():
                votes[column, other] += count * there / sum(now.values())
    columns = _most(votes)
    bare = Counter(column for _, column in cells.get(_EMPTIED, ()))
    emptied = {
        (column, other): min(count, there)
        for column, count in written[_EMPTIED].items()
        for other, there in bare.items()
        if column not in columns and other not in columns.values() and min(count, there) > 1
    }
    return {**_most(emptied), **columns}


def _most(votes: Mapping[tuple[int, int], float]) -> dict[int, int]:
    """The pairs with the most votes, each side once; of even ones that which did not move, else none."""
    found: dict[int, int] = {}
    open_pairs = dict(votes)
    while open_pairs:
        best = max(open_pairs.values())
        even = {pair for pair, count in open_pairs.items() if count == best}
        stayed = {pair for pair in even if pair[0] == pair[1]}
        chosen = stayed or {
            pair for pair in even if sum(pair[0] == other[0] or pair[1] == other[1] for other in even) == 1
        }
        found.update(chosen)
        old = {pair[0] for pair in chosen or even}
        new = {pair[1] for pair in chosen}
        open_pairs = {pair: count for pair, count in open_pairs.items() if pair[0] not in old and pair[1] not in new}
    return found
