"""What a write hit after people had moved rows or columns: which cells are owed what stood there. Pure."""

from collections.abc import Collection
from dataclasses import replace

from config.errors import SheetError
from config.models import OkrSheet
from connectors.grids.a1 import parse_area
from connectors.okr_sheet import MEMORY_TAB, SheetBatch, SheetImage, Tab
from syncer.model.cells import same
from syncer.model.plan import Key
from syncer.run.alignment import Shape, key_of
from syncer.run.expected import patched
from syncer.run.found_again import found_again
from syncer.run.owed import Owed, Pending, Settled, restores
from syncer.run.tab_check import TabCheck, held_by
from syncer.run.tab_told import in_doubt, left_alone, trace_of
from syncer.sheet.view import layout_of

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
            told.append((write.tab == MEMORY_TAB, same(now.tabs[write.tab].cell(*place).value, write.value)))
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
    doubtful: list[str] = []
    shapes: dict[str, Shape] = {}
    traces = dict(pending.traces)
    for title in sorted({write.tab for write in (*batch.cells, *restores(pending.owed))}):
        if title not in after.tabs:
            if title in stated.tabs:  # should people bring it back, it is still owed
                owed += [one for one in pending.owed if one.tab == title]
            continue
        if title != MEMORY_TAB and title not in pending.image.tabs:  # it was gone, and is back as it went
            there, mine = after.tabs[title], {(one.row, one.column): one for one in pending.owed if one.tab == title}
            found = found_again({place: held_by(one) for place, one in mine.items()}, there, lambda _: False)
            owed += [replace(mine[then], row=now[0], column=now[1]) for then, now in found.places.items()]
            doubtful += [left_alone(there, place) for place in sorted(found.doubtful)]
            continue
        if title == MEMORY_TAB or _has_no_headers(pending.image.tabs[title], stated):
            continue
        one = TabCheck(pending, batch, after.tabs[title], stated, moved_since=moved_since)
        strays, keys = one.result()
        owed += strays
        missed |= keys
        doubtful += in_doubt(one)
        shapes[title] = one.shape.moved(one.alignment)
        if title != stated.own_tab:
            traces[title] = traces[title].and_then(trace_of(one)) if title in traces else trace_of(one)
    owed += _base_owed(pending, batch, after, missed)
    return Settled(patched(after, owed), tuple(owed), frozenset(missed), tuple(doubtful), shapes, traces)


def _has_no_headers(tab: Tab, stated: OkrSheet) -> bool:
    """Whether no row of it can be told from another: okrsync's own, to be written anew, or one that holds one cell."""
    own = {stated.own_tab} if stated.has_own_tab else set()
    stamp = parse_area(stated.last_synced).tab if stated.last_synced else ""
    if tab.title in stated.tabs or tab.title not in {*own, *stated.history_titles, stamp}:
        return False
    try:
        layout_of(tab, stated)
    except SheetError:
        return True
    return False


def _base_owed(pending: Pending, batch: SheetBatch, after: SheetImage, missed: Collection[Key]) -> list[Owed]:
    """The base must not remember what did not land; nor forget, while a renamed row still has its old id."""
    now = after.tabs.get(MEMORY_TAB)
    if now is None:
        return []
    earlier = {(one.row, one.column): one for one in pending.owed if one.tab == MEMORY_TAB}
    then = pending.image.tabs.get(MEMORY_TAB) or Tab(MEMORY_TAB)
    found = {}
    for write in batch.cells:
        if write.tab != MEMORY_TAB or write.row == 0 or not missed:
            continue
        new, old = key_of(now, write.row, _BASE_SHAPE.keys), key_of(then, write.row, _BASE_SHAPE.keys)
        if tuple(new.split("\n")) in missed or not new or (old and new != old):
            found[write.row, write.column] = Owed(
                MEMORY_TAB, write.row, write.column, write.value, then.cell(write.row, write.column)
            )
    written = {(write.row, write.column) for write in batch.cells if write.tab == MEMORY_TAB}
    found.update({place: one for place, one in earlier.items() if place not in written})
    return list(found.values())
