"""Read the tabs of a workbook: formulas and last calculated values of all cells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from xml.etree.ElementTree import fromstring

from config.dataclass import dataclass
from config.errors import SheetError
from config.message import Message
from config.suggest import did_you_mean
from connectors.local_sheet.sheet_xml import MAIN
from connectors.local_sheet.xlsx_cells import Shared, read_cells, shared_of
from connectors.local_sheet.xlsx_limits import FAULTS, MOST_CELLS, TooLargeError, reason, require_few_claims
from connectors.local_sheet.xlsx_package import MADE, Package, open_package
from connectors.okr_sheet import MEMORY_TAB, Tab

_NOTHING = Message("Nothing was written.")


def tabs_of(data: bytes, wanted: Sequence[str], doing: str) -> tuple[Mapping[str, Tab], tuple[str, ...]]:
    """Read the wanted tabs and okrsync's own tabs; return them by title, and the titles of all tabs.

    Without wanted tabs, the first visible tab that is not okrsync's own is read. Wanted tabs that do not exist (yet)
    are left out.

    Raises SheetError: the workbook cannot be read, none of the wanted tabs exists, or a tab has more than MOST_CELLS.
    """
    package = open_package(data, doing)
    try:
        require_few_claims(package.parts)
        sheets = sheets_of(package)
        shared = shared_of(package)
        tabs = {name: _tab(package, sheets[name], shared) for name in _chosen(sheets, wanted, doing)}
        return tabs, tuple(sheets)
    except FAULTS as exc:
        advice = (
            "Delete what it does not need, such as merged cells and links of whole columns, and save it."
            if isinstance(exc, TooLargeError)
            else "Open it in Excel and save it again as .xlsx."
        )
        saw = Message("the workbook cannot be read ({why})", why=reason(exc))
        raise SheetError(doing, saw, effect=_NOTHING, advice=advice) from exc


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tab as the workbook lists it; `part` is empty for a tab without cells, such as a chart's."""

    title: str
    part: str
    hidden: bool
    own: bool


def sheets_of(package: Package) -> dict[str, Sheet]:
    """Return the tabs by title, in the order of the workbook. Raises ParseError: it is damaged."""
    book = fromstring(package.small(package.workbook))
    marks = book.iterfind(f"{MAIN}definedNames/{MAIN}definedName[@name='{MADE}']")
    made = {mark.get("localSheetId") for mark in marks}
    found = {}
    for index, sheet in enumerate(book.iterfind(f"{MAIN}sheets/{MAIN}sheet")):
        title, state = sheet.get("name", ""), sheet.get("state", "visible")
        own = title == MEMORY_TAB or str(index) in made
        found[title] = Sheet(title, package.tabs.get(title, ""), state != "visible", own)
    return found


def _chosen(sheets: Mapping[str, Sheet], wanted: Sequence[str], doing: str) -> Iterable[str]:
    """Return the titles of the tabs to read. Raises SheetError: none of the wanted ones exists."""
    cells = {title: sheet for title, sheet in sheets.items() if sheet.part}
    own = [title for title, sheet in cells.items() if sheet.own]
    visible = [title for title, sheet in cells.items() if not (sheet.own or sheet.hidden)]
    found = [title for title in wanted if title in cells]
    if wanted and not found:
        saw = Message("there is no tab '{wanted}'{meant}", wanted=wanted[0], meant=did_you_mean(wanted[0], cells))
        raise SheetError(doing, saw, effect=_NOTHING, advice=Message("Its tabs: {sheets}.", sheets=list(cells)))
    return dict.fromkeys([*(found or visible[:1]), *own])


def _tab(package: Package, sheet: Sheet, shared: Shared) -> Tab:
    """Read one tab. Raises SheetError: its extent exceeds MOST_CELLS, as a stray distant cell can make it."""
    cells = read_cells(package.parts[sheet.part], shared, own=sheet.own)
    if cells.row_count * cells.column_count > MOST_CELLS:
        raise package.refusal(
            Message(
                "tab '{title}' reaches to row {max_row:,} and column {max_column:,}",
                title=sheet.title,
                max_row=cells.row_count,
                max_column=cells.column_count,
            ),
            Message(
                "Delete the rows and columns behind the last one that is used (select them, then Delete), and save it."
            ),
        )
    merges = tuple(sorted(cells.merges, key=astuple))
    return Tab(sheet.title, tuple(cells.filled_rows()), merges, sheet.hidden, cells.row_count, cells.column_count)
