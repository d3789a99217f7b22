"""Create the OKR sheet of a workspace in an empty tab of a Google spreadsheet, in a single write."""

from collections.abc import Iterator, Sequence

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message
from connectors.grids.a1 import letters, quoted
from connectors.okr_sheet import (
    MEMORY_TAB,
    CellWrite,
    NewTab,
    SheetBatch,
    SheetImage,
    SheetWriter,
    TabChart,
    TabColumn,
    TabFormat,
)
from syncer.i18n import status_label, translate
from syncer.make_sheet.formats import (
    BAR_COLOUR,
    COLOURS,
    DATE_COLUMNS,
    DAY,
    LONG_COLUMNS,
    OBJECTIVE,
    OWN_HEAD,
    PAPER,
    PEOPLES_HEAD,
    PERCENT,
    SCORE,
    USUAL_WIDTH,
    VALUE_COLUMNS,
    WIDTHS,
    choices_of,
    number_format,
    repeated_title,
)
from syncer.make_sheet.google_tab import GOOGLE_COLUMNS, formula_cell, google_columns, lookups_of, people_cells
from syncer.make_sheet.new_sheet import (
    DEFAULT_TAB,
    FOLDED_COLUMNS,
    PERCENT_COLUMNS,
    NewRow,
    new_rows,
    rows_by_tab,
)
from syncer.make_sheet.summary_table import (
    CHART_COLUMN,
    COUNT_FORMAT,
    FIRST_COUNT,
    GROUPS,
    MEAN_EXPECTED,
    MEAN_PROGRESS,
    Counted,
    last_synced,
    summary_head,
    summary_rows,
    summary_title,
    teams_of,
)
from syncer.plan.new_rows import measure_cells, own_headers
from syncer.sheet.columns import COLUMNS, MEASURES
from syncer.sheet.layout import has_content
from syncer.sheet.own_tab import OWN_COLUMNS, read_own_tab

SPARE_ROWS = 200
"""Number of rows below the last one that also get choices and colours, for rows added by people."""
_HEAD, _ROW, _SUMMARY_ROW = 40, 32, 28
"""Heights of rows in pixels."""
_OBJECTIVE_WIDTH = 28
"""Width of the objectives in digits; the lookup in the next cell keeps a title from reaching over it."""


def okrs_look(config: Config, title: str, rows: Sequence[NewRow], columns: Sequence[str] = GOOGLE_COLUMNS) -> TabFormat:
    """Build the format of a tab for people."""
    choices = choices_of(config)
    objective = columns.index("objective")
    first, last = (columns.index(name) for name in FOLDED_COLUMNS)
    return TabFormat(
        title,
        len(rows) + 1 + SPARE_ROWS,
        tuple(_column(config, name, choices.get(name, ())) for name in columns),
        bold_rows=tuple(number for number, row in enumerate(rows, 1) if row.definition is None),
        bold_colour=OBJECTIVE,
        header_warning=_header_warning(config),
        formats=tuple(_formats(config, rows)),
        row_heights=((0, 1, _HEAD), *([(1, len(rows) + 1, _ROW)] if rows else [])),
        formulas=((objective, repeated_title(letters(objective), ";"), PAPER),),
        folded=(first, last + 1),
    )


def _formats(config: Config, rows: Sequence[NewRow]) -> Iterator[tuple[int, int, int, str]]:
    """Return number formats of value columns as (column, first row, last row, pattern), half-open.

    The row of an objective gets the format of the row above.
    """
    for index, name in enumerate(GOOGLE_COLUMNS):
        if name not in VALUE_COLUMNS:
            continue
        top, shown = 1, ""
        for number, row in enumerate(rows, 1):
            pattern = number_format(config, name, row) if row.definition else shown
            if pattern != shown:
                if shown:
                    yield index, top, number, shown
                top, shown = number, pattern
        if shown:
            yield index, top, len(rows) + 1, shown


def summary_look(config: Config, title: str, rows: Sequence[NewRow]) -> TabFormat:
    """Build the format of the summary tab, with a chart of all key results by status."""
    language, last = config.workspace.language, len(teams_of(rows)) + 1
    columns = [TabColumn(11, OWN_HEAD, "NUMBER", COUNT_FORMAT) for _ in summary_head(language)]
    columns[0] = TabColumn(24, OWN_HEAD)
    columns[MEAN_PROGRESS] = columns[MEAN_EXPECTED] = TabColumn(11, OWN_HEAD, "PERCENT", PERCENT)
    bars = tuple((column, colour) for column, (_, colour, _) in enumerate(GROUPS, FIRST_COUNT))
    return TabFormat(
        title,
        last + 3,
        (*columns, TabColumn(3), *[TabColumn(USUAL_WIDTH)] * 5),
        bold_rows=(last,),
        bold_colour=OBJECTIVE,
        header_warning=_header_warning(config),
        charts=(TabChart(translate(language, "Key results by status"), last, bars, 0, CHART_COLUMN),),
        row_heights=((0, 1, _HEAD), (1, last + 1, _SUMMARY_ROW)),
    )


def _header_warning(config: Config) -> str:
    return translate(config.workspace.language, "okrsync finds its columns by these headers")


def _column(config: Config, name: str, choices: tuple[str, ...]) -> TabColumn:
    if name == "bar":
        return TabColumn(18, OWN_HEAD, text_colour=BAR_COLOUR)
    language, scale = config.workspace.language, config.workspace.confidence.scale
    percent, day = name in PERCENT_COLUMNS, name in DATE_COLUMNS
    pattern = PERCENT if percent else DAY if day else SCORE if name == "computed_score" else ""
    between = {"confidence": (1, scale), "self_score": (0, 1)}.get(name)
    hints = {
        "confidence": translate(language, "Write a whole number from 1 to {scale}.", scale=scale),
        "self_score": translate(language, "A number from 0 to 1, such as 0.7."),
    }
    return TabColumn(
        _OBJECTIVE_WIDTH if name == "objective" else WIDTHS.get(name, USUAL_WIDTH),
        PEOPLES_HEAD if COLUMNS[name].owner == "people" else OWN_HEAD,
        "PERCENT" if percent else "DATE" if day else "NUMBER",
        pattern,
        name in LONG_COLUMNS or name in ("objective", "target", "current"),
        choices,
        between,
        hints.get(name, ""),
        _colours() if name in ("status", "override") else (),
        choices_from=_measures_range(config) if name == "source" else "",
        centred=name == "status",
    )


def _measures_range(config: Config) -> str:
    """Return a reference to the list of measures in okrsync's own tab, for a dropdown."""
    column = letters(OWN_COLUMNS.index(MEASURES))
    return f"={quoted(config.workspace.okr_sheet.own_tab)}!${column}$2:${column}"


def _colours() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return (fill, text, words in both languages) per status."""
    return tuple(
        (fill, text, tuple(status_label(status.value, language) for language in ("en", "zh-TW")))
        for status, (fill, text) in COLOURS.items()
    )


def make_google_sheet(config: Config, writer: SheetWriter, rows: Sequence[NewRow] | None = None) -> str:
    """Write headers and rows into the tabs named in the config, by default the first one; return the first new title.

    `rows`: if left out, those of the config, unless some tabs have content, which are left as they are: then a sync
    inserts them. okrsync's own tab is made too, since a formula that refers to a missing tab stays an error. Raises
    SheetError if every tab has content.
    """
    image, sheet = writer.read(), config.workspace.okr_sheet
    titles, free = wanted_tabs(config, image), free_tabs(config, image)
    if not free:
        raise SheetError(
            "making the OKR sheet",
            Message("the tab '{title}' holds something already", title=titles[0]),
            effect="It was left unchanged.",
            advice="Name a new tab in okr_sheet.tabs, or run `okrsync dry-run` if the tab is an OKR sheet.",
        )
    rows, own = first_rows(config, image) if rows is None else rows, read_own_tab(image, sheet)
    new_tabs = [NewTab(one) for one in free if one not in image.all_tabs]
    columns = google_columns(config, rows)
    cells: list[CellWrite] = []
    looks = []
    for one, inside in rows_by_tab(rows, titles).items():
        if one in free:
            cells += people_cells(config, one, inside, lookups_of(one, columns, own), columns)
            looks.append(okrs_look(config, one, inside, columns))
    summary = free_summary(config, image)
    if summary:
        new_tabs.append(NewTab(summary))
        cells += _summary(config, summary, Counted(titles[0], columns, len(rows) + 1 + SPARE_ROWS, ";"), rows)
        looks.append(summary_look(config, summary, rows))
    if own.tab is None:
        new_tabs.append(NewTab(sheet.own_tab, protected=True))
    begun = (*own_headers(own, config.workspace.language), *measure_cells(own, tuple(config.workspace.measures)))
    cells += [CellWrite(change.tab, change.row, change.index, change.after) for change in begun]
    writer.write(SheetBatch(tuple(cells), new_tabs=tuple(new_tabs), version=image.version, looks=tuple(looks)))
    return free[0]


def wanted_tabs(config: Config, image: SheetImage) -> tuple[str, ...]:
    """Return the titles of people's tabs: those named in the config, else the first visible one, else OKRs."""
    sheet = config.workspace.okr_sheet
    visible = (
        tab.title for tab in image.tabs.values() if not tab.hidden and tab.title not in (MEMORY_TAB, sheet.own_tab)
    )
    return sheet.tabs or (next(visible, DEFAULT_TAB),)


def free_tabs(config: Config, image: SheetImage) -> tuple[str, ...]:
    """Return those of people's tabs that do not exist yet or are empty."""
    return tuple(title for title in wanted_tabs(config, image) if _is_free(image, title))


def first_rows(config: Config, image: SheetImage) -> tuple[NewRow, ...]:
    """Return the rows of the config for a new sheet; none where a tab has content, which may hold them already."""
    return new_rows(config) if free_tabs(config, image) == wanted_tabs(config, image) else ()


def _is_free(image: SheetImage, title: str) -> bool:
    return title not in image.tabs or not has_content(image.tabs[title])


def free_summary(config: Config, image: SheetImage) -> str:
    """Return the title of a new summary tab of a single tab, with the cycle where there is one; empty for none."""
    titles = wanted_tabs(config, image)
    title = summary_title(config, titles[0]) if len(titles) == 1 else ""
    names = (title, f"{title} {config.workspace.cycle.name}") if title else ()
    return next((name for name in names if name not in image.all_tabs), "")


def _summary(config: Config, title: str, counted: Counted, rows: Sequence[NewRow]) -> list[CellWrite]:
    language, teams = config.workspace.language, teams_of(rows)
    cells = [CellWrite(title, 0, column, text) for column, text in enumerate(summary_head(language))]
    for number, (label, *formulas) in enumerate(summary_rows(language, counted, teams), 1):
        cells.append(CellWrite(title, number, 0, label))
        cells += [formula_cell(title, number, column, text) for column, text in enumerate(formulas, 1)]
    if synced := last_synced(config):
        cells += [CellWrite(title, len(teams) + 3, 0, synced[0]), formula_cell(title, len(teams) + 3, 1, synced[1])]
    return cells
