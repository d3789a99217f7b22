"""What `init --sheet` makes of a config without a sheet, or for tabs that are missing or empty. Pure."""

from collections.abc import Sequence

from config.dataclass import dataclass
from config.loading.loader import Config
from config.suggest import did_you_mean
from connectors.okr_sheet import SheetImage
from syncer.make_sheet.google_tab import google_columns, google_headers
from syncer.make_sheet.new_google_sheet import first_rows, free_summary, free_tabs, wanted_tabs
from syncer.make_sheet.new_sheet import DEFAULT_TAB, columns_of, headers, new_rows, rows_by_tab
from syncer.make_sheet.summary_table import summary_title


@dataclass(frozen=True, slots=True)
class NewPeoplesTab:
    """A tab for people. `title` is empty for a CSV file; `meant` names an existing tab with a similar title."""

    title: str
    ids: tuple[str, ...]
    meant: str = ""


@dataclass(frozen=True, slots=True)
class NewSheet:
    """A file, or tabs of a spreadsheet, where `file` is empty.

    Attributes:
        columns: names of the columns of each tab for people, from left to right; `headers` are their headers.
        further: titles of the other tabs: the summary, okrsync's own.
    """

    file: str
    tabs: tuple[NewPeoplesTab, ...]
    columns: Sequence[str]
    headers: Sequence[str]
    further: tuple[str, ...] = ()


def new_file(config: Config, file: str) -> NewSheet:
    """Describe the file that is made where there is none."""
    rows, titles = new_rows(config), config.workspace.okr_sheet.tabs or (DEFAULT_TAB,)
    columns = columns_of(config, rows)
    heads = headers(config, columns)
    if file.lower().endswith(".csv"):
        return NewSheet(file, (NewPeoplesTab("", tuple(row.id for row in rows)),), columns, heads)
    tabs = tuple(
        NewPeoplesTab(title, tuple(row.id for row in inside)) for title, inside in rows_by_tab(rows, titles).items()
    )
    summary = summary_title(config, titles[0]) if len(titles) == 1 else ""
    return NewSheet(file, tabs, columns, heads, tuple(filter(None, [summary])))


def new_tabs(config: Config, image: SheetImage) -> NewSheet | None:
    """Describe the tabs that are made in a Google spreadsheet; None if none is missing or empty."""
    free, own = free_tabs(config, image), config.workspace.okr_sheet.own_tab
    if not free:
        return None
    rows = first_rows(config, image)
    columns = google_columns(config, rows)
    tabs = tuple(
        NewPeoplesTab(title, tuple(row.id for row in inside), _meant(title, image))
        for title, inside in rows_by_tab(rows, wanted_tabs(config, image)).items()
        if title in free
    )
    further = (free_summary(config, image), "" if own in image.all_tabs else own)
    return NewSheet("", tabs, columns, google_headers(config, columns), tuple(filter(None, further)))


def _meant(title: str, image: SheetImage) -> str:
    return "" if title in image.all_tabs else did_you_mean(title, image.all_tabs)
