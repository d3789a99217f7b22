"""Makes the OKR sheet of a workspace in an empty tab of an existing Google spreadsheet, in one write."""

from config.errors import SheetError
from config.loading.loader import Config
from connectors.okr_sheet import BASE_TAB, Cell, CellWrite, NewTab, SheetBatch, SheetImage, SheetWriter
from syncer.planning.new_rows import DATA_COLUMNS
from syncer.sheet.columns import COLUMNS, header_of
from syncer.sheet.new_sheet import PERCENT_COLUMNS, SHEET_COLUMNS, NewRow, headers, look_up, new_rows


def make_google_sheet(config: Config, writer: SheetWriter) -> str:
    """Write headers and rows into the tab that the config names, or the first one; its title.

    With `data_tab`, okrsync's own tab is made as well: a formula that names a tab which is not there stays an error.
    Raises SheetError: the tab holds something already.
    """
    image = writer.read()
    title = _title(config, image)
    tab = image.tabs.get(title)
    if tab is not None and any(cell.value is not None or cell.formula for row in tab.rows for cell in row):
        raise SheetError(
            "making the OKR sheet",
            f"the tab '{title}' holds something already",
            effect="It was left as it is.",
            advice="Name a new tab in okr_sheet.tabs, or run `okrsync dry-run` if the tab is an OKR sheet.",
        )
    new_tabs = [] if title in image.all_tabs else [NewTab(title)]
    cells = [CellWrite(title, 0, column, text) for column, text in enumerate(headers(config))]
    for number, row in enumerate(new_rows(config), 1):
        cells += _cells(config, title, number, row)
    sheet = config.workspace.okr_sheet
    if sheet.layout == "data_tab" and sheet.data_tab not in image.all_tabs:
        new_tabs.append(NewTab(sheet.data_tab, protected=True))
        cells += [
            CellWrite(sheet.data_tab, 0, column, header_of(name, config.workspace.language))
            for column, name in enumerate(DATA_COLUMNS)
        ]
    writer.write(SheetBatch(tuple(cells), new_tabs=tuple(new_tabs), version=image.version))
    return title


def _title(config: Config, image: SheetImage) -> str:
    sheet = config.workspace.okr_sheet
    if sheet.tabs:
        return sheet.tabs[0]
    visible = [
        tab.title for tab in image.tabs.values() if not tab.hidden and tab.title not in (BASE_TAB, sheet.data_tab)
    ]
    return visible[0] if visible else "OKRs"


def _cells(config: Config, title: str, number: int, row: NewRow) -> list[CellWrite]:
    found = []
    for column, name in enumerate(SHEET_COLUMNS):
        typed = name == "current" and row.definition is not None and row.definition.manual
        if name == "id":
            found.append(CellWrite(title, number, column, row.id))
        elif config.workspace.okr_sheet.layout == "data_tab" and COLUMNS[name].owner != "people" and not typed:
            formula = look_up(config.workspace.okr_sheet.data_tab, name, number + 1)
            shown = Cell(formula=formula, percent=name in PERCENT_COLUMNS)
            found.append(CellWrite(title, number, column, None, restored=shown, reformat=shown.percent))
        elif name == "objective":
            found.append(CellWrite(title, number, column, row.objective))
        elif name == "title" and row.definition is not None:
            found.append(CellWrite(title, number, column, row.definition.title))
    return found
