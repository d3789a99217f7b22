"""Headers that okrsync does not know, with the column that each may mean. Pure."""

from collections.abc import Collection, Iterator, Mapping

from config.dataclass import dataclass
from config.models import OkrSheet
from config.suggest import nearest
from connectors.okr_sheet import Tab
from syncer.sheet.columns import COLUMNS, column_of, normal_header
from syncer.sheet.layout import Layout, cell_id, find_headers, header_candidates, layout_with

_MAY_MEAN: dict[str, tuple[str, ...]] = {
    "goal": ("objective", "target"),
    "goals": ("objective", "target"),
    "metric": ("title", "target"),
    "指標": ("title", "target"),
    "成果": ("title",),
    "okr": ("title",),
    "okrs": ("title",),
    "target value": ("target",),
    "finish line": ("target",),
    "目標數值": ("target",),
    "預期值": ("target",),
    "期望值": ("target",),
    "start": ("baseline",),
    "starting value": ("baseline",),
    "from": ("baseline",),
    "基準": ("baseline",),
    "基準值": ("baseline",),
    "now": ("current",),
    "today": ("current",),
    "where we are": ("current",),
    "current status": ("current",),
    "latest": ("current",),
    "目前": ("current",),
    "現況": ("current",),
    "目前進度": ("current", "progress"),
    "who": ("owner",),
    "lead": ("owner",),
    "person": ("owner",),
    "主責": ("owner",),
    "主責人": ("owner",),
    "窗口": ("owner",),
    "squad": ("team",),
    "group": ("team",),
    "單位別": ("team",),
    "組別": ("team",),
}
"""Columns that a header may mean, the likelier one first. They are suggested, never assumed by a sync."""

_LAST = ("okr", "okrs")
"""Headers that mean something only where no other header means the same."""

_NEAR = 0.75
_LEAST = 3


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """A header that okrsync does not know; `means` is the column that it may mean, or empty."""

    tab: str
    row: int
    index: int
    header: str
    means: str = ""


def unknown_headers(layout: Layout) -> tuple[UnknownHeader, ...]:
    """Return the headers of a layout that are no known column, from left to right."""
    known, cells = set(layout.columns.values()), layout.tab.rows[layout.header_row]
    headers = {index: text for index, cell in enumerate(cells) if (text := cell_id(cell)) and index not in known}
    means = _meanings(headers, layout.columns)
    return tuple(
        UnknownHeader(layout.tab.title, layout.header_row, index, header, means.get(index, ""))
        for index, header in headers.items()
    )


def _meanings(headers: Mapping[int, str], taken: Collection[str]) -> dict[int, str]:
    """Return the columns that unknown headers may mean, by their positions; each column once."""
    found: dict[int, str] = {}
    for index, header in sorted(headers.items(), key=lambda item: (normal_header(item[1]) in _LAST, item[0])):
        if name := meaning(header, {*taken, *found.values()}):
            found[index] = name
    return found


def meaning(header: str, taken: Collection[str]) -> str:
    """Return the column that an unknown header may mean and that is not there yet; empty without a suggestion."""
    normal = normal_header(header)
    near = nearest(normal, [column.en for column in COLUMNS.values() if column.owner != "computed"], cutoff=_NEAR)
    known = column_of(near) if near else None
    return next((name for name in _MAY_MEAN.get(normal, (known.name,) if known else ()) if name not in taken), "")


def guess_columns(tab: Tab, stated: OkrSheet) -> Layout | None:
    """Find the header row and the columns of a tab, suggested ones included; None for a tab without OKRs.

    Raises SheetError if two headers have the same meaning.
    """
    found = find_headers(tab, stated)
    if found is None:
        guesses = (Layout(tab, row, _guessed(tab, row)) for row in header_candidates(tab, stated))
        found = max(guesses, key=lambda layout: (len(layout.columns), -layout.header_row), default=None)
        if found is None or len(found.columns) < _LEAST or "title" not in found.columns:
            return None
        return layout_with(tab, found.header_row, found.columns)
    guessed = {one.means: one.index for one in unknown_headers(found) if one.means}
    return layout_with(tab, found.header_row, {**guessed, **found.columns})


def _guessed(tab: Tab, row: int) -> dict[str, int]:
    cells = tab.rows[row] if row < len(tab.rows) else ()
    texts = {index: text for index, cell in enumerate(cells) if (text := cell_id(cell)) and isinstance(cell.value, str)}
    sure = {known.name: index for index, text in texts.items() if (known := column_of(text))}
    unsure = {index: text for index, text in texts.items() if index not in sure.values()}
    return {**sure, **{name: index for index, name in _meanings(unsure, sure).items()}}


def stated_headers(layout: Layout) -> Iterator[tuple[str, str]]:
    """Yield (column, header) for the columns of a layout whose header is not a known one."""
    for name, index in layout.columns.items():
        header = cell_id(layout.tab.cell(layout.header_row, index))
        known = column_of(header)
        if known is None or known.name != name:
            yield name, header
