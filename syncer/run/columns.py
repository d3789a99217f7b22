"""Where the columns of a tab stood before people moved them. Pure."""

from collections import Counter
from collections.abc import Mapping

from connectors.okr_sheet import Tab
from syncer.model.cells import as_text

Place = tuple[int, int]
"""A row and a column, counted from 0."""

INSIDE_A_MERGE = "inside a merge"
"""Why a cell is locked whose value nobody sees."""

Columns = dict[int, int]
"""By column now: the column before."""

_HEADER_REACH = 60
"""A header row that people pushed further down than that is not looked for."""


def align_columns(before: Tab, after: Tab, header_row: int, hits: frozenset[Place]) -> tuple[Columns, frozenset[int]]:
    """Columns now to columns before, and which are guessed: by their neighbours, not by a header or what they hold."""
    old = _texts(before, header_row, frozenset())
    row = _header_row(old, after, header_row, hits)
    width = max((len(cells) for cells in (*before.rows, *after.rows)), default=0)
    if row is None:
        return {column: column for column in range(width)}, frozenset()
    new = _texts(after, row, hits)
    anchors = {
        column: new.index(text)
        for column, text in enumerate(old)
        if text and old.count(text) == 1 and new.count(text) == 1
    }
    anchors |= _by_content(
        {column: _content(before, column, frozenset()) for column in range(width) if column not in anchors},
        {column: _content(after, column, hits) for column in range(width) if column not in anchors.values()},
    )
    found = dict(anchors)

    def may_be(column: int, place: int) -> bool:
        taken = place < 0 or place in found.values()
        return not taken and _may_be(old, column, new, place, hit=(row, place) in hits)

    def beside(column: int) -> None:
        left = max((known for known in anchors if known < column), default=None)
        right = min((known for known in anchors if known > column), default=None)
        places = [anchors[known] + column - known for known in (left, right) if known is not None]
        place = next((place for place in places if may_be(column, place)), None)
        if place is not None:
            found[column] = place

    filled = max(map(len, before.rows), default=0)
    for column in range(filled):
        if column not in found:
            beside(column)
    rest = [column for column in range(filled) if column not in found and _content(before, column, frozenset())]
    free = [place for place in range(width) if rest and may_be(rest[0], place)]
    if len(rest) == len(free) == 1:
        found[rest[0]] = free[0]
    for column in range(filled, width + 1):
        beside(column)
    guessed = frozenset(place for column, place in found.items() if column not in anchors)
    return {place: column for column, place in found.items()}, guessed


def _may_be(old: list[str], column: int, new: list[str], place: int, *, hit: bool) -> bool:
    """Whether a header may have become another: one that is gone, or came, is another column's."""
    then, now = (texts[at] if at < len(texts) else "" for texts, at in ((old, column), (new, place)))
    return hit or bool(then) == bool(now)


def _content(tab: Tab, column: int, hits: frozenset[Place]) -> Counter[str]:
    cells = ((row, tab.cell(row, column)) for row in range(len(tab.rows)) if (row, column) not in hits)
    return Counter(text for _, cell in cells if (text := cell.formula or as_text(cell.value)))


def _by_content(old: Mapping[int, Counter[str]], new: Mapping[int, Counter[str]]) -> dict[int, int]:
    """Columns that have more in common with one another than with any other column."""
    common = {(then, now): (cells & found).total() for then, cells in old.items() for now, found in new.items()}
    best_old = {then: _only_best({now: common[then, now] for now in new}) for then in old}
    best_new = {now: _only_best({then: common[then, now] for then in old}) for now in new}
    return {then: now for then, now in best_old.items() if now is not None and best_new[now] == then}


def _only_best(counts: Mapping[int, int]) -> int | None:
    most = max(counts.values(), default=0)
    best = [column for column, count in counts.items() if count == most]
    return best[0] if most and len(best) == 1 else None


def _texts(tab: Tab, row: int, hits: frozenset[Place]) -> list[str]:
    cells = tab.rows[row] if 0 <= row < len(tab.rows) else ()
    return ["" if (row, column) in hits else as_text(cell.value) for column, cell in enumerate(cells)]


def _header_row(old: list[str], after: Tab, header_row: int, hits: frozenset[Place]) -> int | None:
    wanted = {text for text in old if text}
    rows = range(min(len(after.rows), header_row + _HEADER_REACH))
    scores = {row: sum(text in wanted for text in _texts(after, row, hits)) for row in rows}
    best = max(scores, key=lambda row: (scores[row], row == header_row), default=None)
    return best if best is not None and scores[best] else None
