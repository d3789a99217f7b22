"""What one tab's check leaves to the last look, and what it has to say to people. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from config.message import Message, one_of
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import Tab
from syncer.model.cells import as_text
from syncer.run.account import UNKNOWN, Trace, content, hidden_by, put_by
from syncer.run.alignment import key_of
from syncer.run.columns import Place
from syncer.run.tab_check import TabCheck


def trace_of(check: TabCheck) -> Trace:
    """What was done to it in this round."""
    rows, columns = check.alignment.unsure()
    guessed = [at for at in check.hits if at in check.left or at[0] in rows or at[1] in columns]
    cells = [check.after.cell(*place) for place in guessed]
    cells += [check.expected.cell(*before) for place in guessed if (before := check.alignment.before(place))]
    meant = {(*check.key_at(at), as_text(write.value)) for at, write in check.writes.items() if not write.restored}
    put = frozenset(map(put_by, check.writes.values())) - {""}
    hidden = hidden_by(check.hits, check.expected, check.alignment)
    unsure = frozenset(map(content, cells)) - {""}
    return Trace(check.first, check.shape, put, _emptied(check), frozenset(meant), unsure, hidden)


def _emptied(check: TabCheck) -> frozenset[tuple[str, str]]:
    """The rows and columns of what it emptied: where they stood when it was sent, and where they stand now."""
    places = [place for place, write in check.writes.items() if not put_by(write)]
    seen = [(check.after, check.shape.moved(check.alignment))]
    seen += [(check.expected, check.shape)] if check.moved else []
    rows, columns = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    for tab, shape in seen:
        for row, column in places:
            hit = not shape.keys or any((row, key) in check.writes for key in shape.keys)
            rows[row].add(UNKNOWN if hit else key_of(tab, row, shape.keys))
            header = shape.header_row, column
            columns[column].add(UNKNOWN if header in check.writes else content(tab.cell(*header)))
    return frozenset((key, header) for row, column in places for key in rows[row] for header in columns[column])


def in_doubt(check: TabCheck) -> list[str]:
    """What has to be said of cells that okrsync may have hit before it was killed."""
    left = {place: left_alone(check.after, place) for place in check.doubtful}
    gone = {place: _may_have_held(check, place) for place in check.cleared if check.moved}
    cleared = {
        place: Message("{cell} was cleared and may have held {texts}", cell=_named(check.after, place), texts=texts)
        for place, texts in gone.items()
        if texts
    }
    return [text for _, text in sorted({**left, **cleared}.items())]


def _may_have_held(check: TabCheck, place: Place) -> str:
    """What may have stood in a cleared cell; empty where it was new, or okrsync's own."""
    sure = check.alignment
    rows = _perhaps(place[0], sure.rows, sure.guessed_rows, len(check.expected.rows))
    width = max(map(len, check.expected.rows), default=0)
    columns = _perhaps(place[1], sure.columns, sure.guessed_columns, width)
    cells = [
        check.expected.cell(row, column) for row in rows for column in columns if (row, column) not in check.writes
    ]
    texts = sorted({cell.formula or as_text(cell.value) for cell in cells} - {""})
    return one_of(map(repr, texts[:3])) if texts else ""


def _perhaps(now: int, places: Mapping[int, int], guessed: Collection[int], count: int) -> Collection[int]:
    """What a row or column may have been: what it is known to be, else all that nobody recognised."""
    if now in places and now not in guessed:
        return [places[now]]
    return sorted(set(range(count)) - {then for at, then in places.items() if at not in guessed})


def left_alone(tab: Tab, place: Place) -> str:
    """A cell that may be okrsync's, in words."""
    text = as_text(tab.cell(*place).value)
    return Message("{cell} reads '{text}' and was left alone", cell=_named(tab, place), text=text)


def _named(tab: Tab, place: Place) -> str:
    return f"{tab.title}!{cell_name(*place)}"
