"""How a new OKR sheet looks in Google: the same as a workbook, with a bar beside each progress. Pure."""

from collections.abc import Iterator, Sequence

from config.loading.loader import Config
from connectors.grids.a1 import letters
from connectors.okr_sheet import TabChart, TabColumn, TabFormat
from syncer.i18n import status_label, translate
from syncer.make_sheet.formats import number_format
from syncer.make_sheet.new_tab_format import (
    BAR_COLOUR,
    COLOURS,
    DATE_COLUMNS,
    LONG_COLUMNS,
    OBJECTIVE,
    OWN_HEAD,
    PEOPLES_HEAD,
    USUAL_WIDTH,
    VALUE_COLUMNS,
    WIDTHS,
    choices_of,
)
from syncer.make_sheet.sheet_rows import PERCENT_COLUMNS, SHEET_COLUMNS, NewRow
from syncer.make_sheet.summary_table import (
    BARS,
    FIRST_COUNT,
    MEAN_EXPECTED,
    MEAN_PROGRESS,
    MEANS,
    STATUSES,
    chart_places,
    summary_head,
    teams_of,
)
from syncer.sheet.columns import COLUMNS

SPARE_ROWS = 200
"""So many rows below the last one have choices and colours too, for what people add."""
_ROW, _TEAM_HEIGHT, _HIGHEST = 21, 150, 900
"""In pixels: a row, the chart of a team, the highest chart of all of them."""
_BLOCK, _BLOCKS = "█", 12
"""What a bar is made of, and how many of them are all of it."""
_AFTER = SHEET_COLUMNS.index("progress") + 1
GOOGLE_COLUMNS = (*SHEET_COLUMNS[:_AFTER], "bar", *SHEET_COLUMNS[_AFTER:])
"""The columns of a new tab of people's: Google has no bars inside of cells, so they get a column of their own."""


def bar_formula() -> str:
    """The bar of a row, the same text in each; nothing where the progress is not known."""
    column = letters(GOOGLE_COLUMNS.index("progress"))
    place = f"INDEX(${column}:${column};ROW())"
    return f'=IF(ISNUMBER({place});REPT("{_BLOCK}";ROUND({_BLOCKS}*MIN(1;MAX(0;{place}));0));"")'


def okrs_look(config: Config, title: str, rows: Sequence[NewRow]) -> TabFormat:
    """The people's tab."""
    choices = choices_of(config)
    return TabFormat(
        title,
        len(rows) + 1 + SPARE_ROWS,
        tuple(_column(config, name, choices.get(name, ())) for name in GOOGLE_COLUMNS),
        bold_rows=tuple(number for number, row in enumerate(rows, 1) if row.definition is None),
        bold_colour=OBJECTIVE,
        told=_header_warning(config),
        formats=tuple(_formats(config, rows)),
    )


def _formats(config: Config, rows: Sequence[NewRow]) -> Iterator[tuple[int, int, int, str]]:
    """Those of values, a stretch of rows with one pattern at a time; an objective's row has that of the one above."""
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
    """The summary, with a chart of all teams and one for each."""
    language, names = config.workspace.language, teams_of(rows)
    teams = len(names)
    columns = [TabColumn(24 if index == 0 else USUAL_WIDTH, OWN_HEAD) for index in range(len(summary_head(language)))]
    columns[MEAN_PROGRESS] = columns[MEAN_EXPECTED] = TabColumn(USUAL_WIDTH, OWN_HEAD, "PERCENT", "0.0%")
    columns[1] = TabColumn(18, OWN_HEAD)
    series = tuple((column, BARS[status]) for column, status in enumerate(STATUSES, FIRST_COUNT))
    head = translate(language, "Key results by status")
    first, height = teams + 5, min(180 + 30 * teams, _HIGHEST)
    charts = [TabChart(head, title, 0, teams + 1, 0, series, first, 0, height=height)]
    places = chart_places(teams, first + height // _ROW + 2, _TEAM_HEIGHT // _ROW + 1)
    for number, (name, (row, column)) in enumerate(zip(names, places, strict=False), 1):
        label = name or translate(language, "(no team)")
        bars = tuple(MEANS.items())
        charts.append(TabChart(label, title, 0, 0, 0, bars, row, column, width=350, height=_TEAM_HEIGHT, of_row=number))
    last = charts[-1].at_row + max(height, _TEAM_HEIGHT) // _ROW
    return TabFormat(
        title, last, tuple(columns), bold_rows=(teams + 1,), told=_header_warning(config), charts=tuple(charts)
    )


def _header_warning(config: Config) -> str:
    return translate(config.workspace.language, "okrsync finds its columns by these headers")


def _column(config: Config, name: str, choices: tuple[str, ...]) -> TabColumn:
    if name == "bar":
        return TabColumn(18, OWN_HEAD, text_colour=BAR_COLOUR)
    language, scale = config.workspace.language, config.workspace.confidence.scale
    percent, day = name in PERCENT_COLUMNS, name in DATE_COLUMNS
    between = {"confidence": (1, scale), "self_score": (0, 1)}.get(name)
    told = {
        "confidence": translate(language, "A whole number from 1 to {scale}.", scale=scale),
        "self_score": translate(language, "A number from 0 to 1, such as 0.7."),
    }
    return TabColumn(
        WIDTHS.get(name, USUAL_WIDTH),
        PEOPLES_HEAD if COLUMNS[name].owner == "people" else OWN_HEAD,
        "PERCENT" if percent else "DATE" if day else "NUMBER",
        "0.0%" if percent else "yyyy-mm-dd" if day else "",
        name in LONG_COLUMNS,
        choices,
        between,
        told.get(name, ""),
        _colours() if name in ("status", "override") else (),
    )


def _colours() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Fill, text and the words of each status in both languages."""
    return tuple(
        (fill, text, tuple(status_label(status.value, language) for language in ("en", "zh-TW")))
        for status, (fill, text) in COLOURS.items()
    )
