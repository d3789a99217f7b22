"""Which cells hold what okrsync wrote, after people had time to move rows and columns. Pure.

Moving rows and columns keeps together what was written into one row, and into one column. So the values are looked for
as a pattern: each written row and column goes to the row and column that hold most of its values, rare ones counting
more. A cell outside of the pattern that equals a value is a copy, or somebody's own; of it nothing is certain.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from connectors.okr_sheet import EMPTY, CellValue, Tab
from syncer.planning.three_way import as_text
from syncer.writing.columns import Place

_PASSES = 3
_DISTINCTIVE = 4
"""So many characters of a number are nobody's by chance."""


@dataclass(frozen=True, slots=True)
class Written:
    """What okrsync put into a cell: None emptied it. `formula`: it was people's formula with that value."""

    value: CellValue
    formula: bool = False


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """By place written: where its content is now. `doubtful`: cells that may be okrsync's, and nobody can tell."""

    places: Mapping[Place, Place]
    doubtful: frozenset[Place] = frozenset()


def found_again(written: Mapping[Place, Written], after: Tab, is_people_s: Callable[[Place], bool]) -> FoundAgain:
    """Where what was written stands now.

    Args:
        written: by the place it was written to.
        after: the tab now.
        is_people_s: whether a cell is known to have held before what it holds now.
    """
    alike = _alike(written, after, is_people_s)
    rows, columns = _pattern(alike)
    at = {place: (rows[place[0]], columns[place[1]]) for place in written if place[0] in rows and place[1] in columns}
    held = {place: now for place, now in at.items() if now in alike[place]}
    in_row, in_column = Counter(row for row, _ in held.values()), Counter(column for _, column in held.values())
    found = {}
    for place, (row, column) in at.items():
        value = written[place].value
        if value is None:
            sure = after.cell(row, column) == EMPTY and in_row[row] > 0 and in_column[column] > 0
        else:
            sure = place in held and (
                place == (row, column) or max(in_row[row], in_column[column]) > 1 or _is_distinctive(value)
            )
        if sure:
            found[place] = row, column
    taken = set(found.values())
    unfound = [place for place in alike if place not in found]
    return FoundAgain(found, frozenset(now for place in unfound for now in alike[place] if now not in taken))


def _is_distinctive(value: CellValue) -> bool:
    """Whether nobody else's cell reads like it by chance."""
    return isinstance(value, Decimal) and len(as_text(value).strip("0.-")) >= _DISTINCTIVE


def _alike(
    written: Mapping[Place, Written], after: Tab, is_people_s: Callable[[Place], bool]
) -> dict[Place, list[Place]]:
    """By place written: the cells that hold its content now, and did not before."""
    by_text: dict[tuple[str, bool], list[Place]] = defaultdict(list)
    for row, cells in enumerate(after.rows):
        for column, cell in enumerate(cells):
            if cell.value is not None and not is_people_s((row, column)):
                by_text[as_text(cell.value), cell.formula is not None].append((row, column))
    return {place: by_text.get((as_text(one.value), one.formula), []) for place, one in written.items()}


def _pattern(alike: Mapping[Place, list[Place]]) -> tuple[dict[int, int], dict[int, int]]:
    """Rows written to rows now, and columns."""
    pairs = [(place, now, 1 / len(cells)) for place, cells in alike.items() for now in cells]
    rows: dict[int, int] = {}
    columns: dict[int, int] = {}
    for _ in range(_PASSES):
        votes: dict[tuple[int, int], float] = defaultdict(float)
        for place, now, weight in pairs:
            votes[place[1], now[1]] += weight * (2 if rows.get(place[0]) == now[0] else 1)
        columns = _most(votes)
        votes = defaultdict(float)
        for place, now, weight in pairs:
            if columns.get(place[1]) == now[1]:
                votes[place[0], now[0]] += weight
        rows = _most(votes)
    return rows, columns


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
