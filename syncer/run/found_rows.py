"""Which row holds what was written into a row, after people had time to move rows. Pure."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.okr_sheet import Cell, Tab
from syncer.model.cells import as_text
from syncer.run.alignment import Alignment
from syncer.run.columns import Place

_NEW, _EXPLAINED = 2, 1
"""What a cell counts that holds a written value; less where an earlier write explains it as well."""

Content = tuple[str, bool]
"""A cell's value as text, and whether it is a formula's."""

_NEAREST = 32
"""Of so many rows that read alike the nearest ones are looked at: it does not matter which of them is which."""


def content_of(cell: Cell) -> Content:
    """What a cell holds, as it is looked for."""
    return as_text(cell.value), cell.formula is not None


@dataclass(frozen=True, slots=True)
class FoundRows:
    """Pairs each written row with the row that it explains best. For the attributes see `found_again`."""

    sought: Mapping[Place, Content]
    after: Tab
    is_people_s: Callable[[Place], bool]
    known: Alignment
    owed: Collection[Place]
    columns: Mapping[int, int]

    def found(self, cells: Mapping[Content, Collection[Place]]) -> dict[int, int]:
        """Written rows to rows now; `cells`: by content, the cells that hold it now and did not before."""
        overlays: dict[int, list[Place]] = defaultdict(list)
        for place in self.sought:
            if place[1] in self.columns:
                overlays[place[0]].append(place)
        gains: dict[tuple[int, int], int] = {}
        order = []
        for then, now in self._pairs(overlays, cells):
            gain = sum(self._gain(place, now) for place in overlays[then])
            missing = sum(not self._holds(place, now) for place in overlays[then])
            gains[then, now] = gain
            moved = then not in (now, self.known.rows.get(now))
            certain = self._is_known(now) and any(self._gain(place, now) == _NEW for place in overlays[then])
            if gain > 0:  # rows that are known first: what is new in them needs an explanation
                order.append((not certain, -gain, moved, missing, abs(now - then), then, now))
        found = _paired([(then, now) for *_, then, now in sorted(order)], gains)
        taken = set(found.values())
        rivals: dict[int, int] = defaultdict(int)
        for (then, now), gain in gains.items():
            if now not in taken:
                rivals[then] = max(rivals[then], gain)
        return {
            then: now
            for then, now in found.items()
            if self._is_known(now) or then == now or rivals[then] < gains[then, now]
        }

    def _pairs(
        self, overlays: Mapping[int, list[Place]], cells: Mapping[Content, Collection[Place]]
    ) -> Iterator[tuple[int, int]]:
        """Written rows, and the rows that hold something of what was written there."""
        home = {old: new for new, old in self.known.rows.items()}
        rows: dict[tuple[Content, int], list[int]] = defaultdict(list)
        for content, places in cells.items():
            for row, column in places:
                rows[content, column].append(row)
        for then, places in overlays.items():
            near = set[int]()
            for place in places:
                holding = rows.get((self.sought[place], self.columns[place[1]]), [])
                middle = bisect(holding, then)
                near.update(holding[max(0, middle - _NEAREST) : middle + _NEAREST])
            if then in home:
                near.add(home[then])
            yield from ((then, now) for now in near)

    def _is_known(self, row: int) -> bool:
        return row in self.known.rows and row not in self.known.guessed_rows

    def _holds(self, place: Place, row: int) -> bool:
        return content_of(self.after.cell(row, self.columns[place[1]])) == self.sought[place]

    def _gain(self, place: Place, row: int) -> int:
        """How much of what stands in a row was not there before and is what a write put there."""
        now = row, self.columns[place[1]]
        weight = _EXPLAINED if now in self.owed else _NEW
        if self._holds(place, row):
            return 0 if self.is_people_s(now) else weight
        return -weight if self.is_people_s(now) or now in self.owed else 0


def _paired(best_first: Sequence[tuple[int, int]], gains: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """Each written row with one row now; a row left over gets one of which another row does not need just that."""
    found: dict[int, int] = {}
    taken: dict[int, int] = {}
    others: dict[int, list[int]] = defaultdict(list)
    for then, now in best_first:
        others[now].append(then)
        if then not in found and now not in taken:
            found[then], taken[now] = now, then
    for then, now in best_first:
        if now in taken or then not in found:
            continue
        holder = found[then]
        spare = (one for one in others[holder] if one not in found and gains[one, holder] >= gains[then, holder])
        if (instead := next(spare, None)) is not None:
            found[instead], taken[holder] = holder, instead
            found[then], taken[now] = now, then
    return found
