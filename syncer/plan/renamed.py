"""Headers that were there in the last run and are gone, next to new ones that okrsync does not know. Pure."""

from collections.abc import Mapping, Sequence

from config.message import Message
from connectors.grids.a1 import cell_name
from syncer.model.plan import Guard, Refusal
from syncer.sheet.layout import Layout, cell_id
from syncer.sheet.unknown_headers import UnknownHeader, unknown_headers


def headers_of(layouts: Sequence[Layout]) -> dict[str, dict[str, str]]:
    """Return the headers by tab, with the column that each means, for comparison by the next run."""
    found: dict[str, dict[str, str]] = {}
    for layout in layouts:
        names = {index: name for name, index in layout.columns.items()}
        cells = enumerate(layout.tab.rows[layout.header_row])
        found[layout.tab.title] = {header: names.get(index, "") for index, cell in cells if (header := cell_id(cell))}
    return found


def renamed_headers(before: Mapping[str, Mapping[str, str]], layouts: Sequence[Layout]) -> tuple[Refusal, ...]:
    """Return a refusal per known column that is gone, if the tab has a new header that it may be now."""
    found = []
    for layout in layouts:
        then = before.get(layout.tab.title, {})
        new = [one for one in unknown_headers(layout) if one.header not in then]
        for header, name in then.items():
            if new and name and name not in layout.columns:
                found.append(_refusal(header, name, _likeliest(new, name)))
    return tuple(found)


def _likeliest(new: Sequence[UnknownHeader], name: str) -> UnknownHeader:
    return next((one for one in new if one.means == name), new[0])


def _refusal(header: str, name: str, now: UnknownHeader) -> Refusal:
    text = Message(
        "{tab}: the header '{header}' of the last run is gone, and '{now}' in {cell} is new. Did you rename "
        "it? Then set `okr_sheet.columns.{name}: {now}`, or put '{header}' back.",
        tab=now.tab,
        header=header,
        now=now.header,
        cell=cell_name(now.row, now.index),
        name=name,
    )
    return Refusal(Guard.RENAMED_HEADER, text)
