"""Makes the OKR sheet of a workspace in an empty tab of an existing Google spreadsheet, in one write."""

from collections.abc import Iterator, Mapping, Sequence

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message
from connectors.okr_sheet import MEMORY_TAB, CellWrite, NewTab, SheetBatch, SheetImage, SheetWriter, Tab
from syncer.i18n import translate
from syncer.make_sheet.google_tab_format import GOOGLE_COLUMNS, SPARE_ROWS, bar_formula, okrs_look, summary_look
from syncer.make_sheet.sheet_rows import PERCENT_COLUMNS, SHEET_COLUMNS, NewRow, headers, new_rows
from syncer.make_sheet.summary_table import Counted, last_synced, summary_head, summary_rows, summary_title, teams_of
from syncer.plan.new_rows import own_headers
from syncer.sheet.columns import COLUMNS
from syncer.sheet.layout import Layout
from syncer.sheet.lookups import Lookups
from syncer.sheet.own_tab import OwnTab, read_own_tab


def make_google_sheet(config: Config, writer: SheetWriter) -> str:
    """Write headers and rows into the tab that the config names, or the first one; its title.

    okrsync's own tab is made as well: a formula that names a tab which is not there stays an error.
    Raises SheetError: the tab holds something already.
    """
    image = writer.read()
    title = _title(config, image)
    tab = image.tabs.get(title)
    if tab is not None and any(cell.value is not None or cell.formula for row in tab.rows for cell in row):
        raise SheetError(
            "making the OKR sheet",
            Message("the tab '{title}' holds something already", title=title),
            effect="It was left as it is.",
            advice="Name a new tab in okr_sheet.tabs, or run `okrsync dry-run` if the tab is an OKR sheet.",
        )
    new_tabs = [] if title in image.all_tabs else [NewTab(title)]
    rows, own = new_rows(config), read_own_tab(image, config.workspace.okr_sheet)
    cells = [CellWrite(title, 0, column, text) for column, text in enumerate(_heads(config))]
    lookups = _lookups(title, own)
    for number, row in enumerate(rows, 1):
        cells += _cells(title, number, row, lookups)
    looks = [okrs_look(config, title, rows)]
    summary = summary_title(config, title)
    if summary and summary not in image.all_tabs:
        new_tabs.append(NewTab(summary))
        cells += _summary(config, summary, Counted(title, GOOGLE_COLUMNS, len(rows) + 1 + SPARE_ROWS, ";"), rows)
        looks.append(summary_look(config, summary, rows))
    sheet = config.workspace.okr_sheet
    if own.tab is None:
        new_tabs.append(NewTab(sheet.own_tab, protected=True))
    heads = own_headers(own, config.workspace.language)
    cells += [CellWrite(change.tab, change.row, change.index, change.after) for change in heads]
    writer.write(SheetBatch(tuple(cells), new_tabs=tuple(new_tabs), version=image.version, looks=tuple(looks)))
    return title


def _heads(config: Config) -> list[str]:
    heads = dict(zip(SHEET_COLUMNS, headers(config), strict=True))
    return [heads.get(name) or translate(config.workspace.language, "Progress bar") for name in GOOGLE_COLUMNS]


def _summary(config: Config, title: str, counted: Counted, rows: Sequence[NewRow]) -> list[CellWrite]:
    language, teams = config.workspace.language, teams_of(rows)
    cells = [CellWrite(title, 0, column, text) for column, text in enumerate(summary_head(language))]
    for number, (label, *formulas) in enumerate(summary_rows(language, counted, teams), 1):
        cells.append(CellWrite(title, number, 0, label))
        cells += [_formula(title, number, column, text) for column, text in enumerate(formulas, 1)]
    if told := last_synced(config):
        cells += [CellWrite(title, len(teams) + 3, 0, told[0]), _formula(title, len(teams) + 3, 1, told[1])]
    return cells


def _formula(tab: str, row: int, column: int, text: str) -> CellWrite:
    return CellWrite(tab, row, column, None, formula=text)


def _title(config: Config, image: SheetImage) -> str:
    sheet = config.workspace.okr_sheet
    if sheet.tabs:
        return sheet.tabs[0]
    visible = [
        tab.title for tab in image.tabs.values() if not tab.hidden and tab.title not in (MEMORY_TAB, sheet.own_tab)
    ]
    return visible[0] if visible else "OKRs"


def _lookups(title: str, own: OwnTab) -> Mapping[str, str]:
    """The lookup of each column that shows okrsync's own tab."""
    columns = {name: index for index, name in enumerate(GOOGLE_COLUMNS)}
    layout, lookups = Layout(Tab(title), 0, columns), Lookups(own)
    names = (name for name in SHEET_COLUMNS if COLUMNS[name].owner in ("definition", "computed"))
    return {name: lookups.formula(layout, name) for name in names}


def _cells(title: str, number: int, row: NewRow, lookups: Mapping[str, str]) -> Iterator[CellWrite]:
    for column, name in enumerate(GOOGLE_COLUMNS):
        typed = name == "current" and row.definition is not None and row.definition.manual
        if name == "bar":
            yield _formula(title, number, column, bar_formula())
        elif name == "id":
            yield CellWrite(title, number, column, row.id)
        elif name in lookups and not typed:
            percent = name in PERCENT_COLUMNS
            yield CellWrite(title, number, column, None, formula=lookups[name], percent=percent)
