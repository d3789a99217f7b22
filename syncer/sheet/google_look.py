"""How a new OKR sheet looks in Google: the same as a workbook, with a bar beside each progress. Pure."""

from collections.abc import Sequence

from config.loading.loader import Config
from connectors.grids.a1 import letters
from connectors.okr_sheet import TabChart, TabColumn, TabLook
from syncer.sheet.columns import COLUMNS
from syncer.sheet.new_look import (
    BAR_COLOUR,
    COLOURS,
    DATE_COLUMNS,
    LONG_COLUMNS,
    OBJECTIVE,
    OWN_HEAD,
    PEOPLES_HEAD,
    USUAL_WIDTH,
    WIDTHS,
    choices_of,
)
from syncer.sheet.new_sheet import PERCENT_COLUMNS, SHEET_COLUMNS, NewRow
from syncer.sheet.summary_table import BARS, FIRST_COUNT, STATUSES, summary_head, teams_of
from syncer.words import say, word

SPARE_ROWS = 200
"""So many rows below the last one have choices and colours too, for what people add."""
_AFTER = SHEET_COLUMNS.index("progress") + 1
GOOGLE_COLUMNS = (*SHEET_COLUMNS[:_AFTER], "bar", *SHEET_COLUMNS[_AFTER:])
"""The columns of a new tab of people's: Google has no bars inside of cells, so they get a column of their own."""


def bar_formula(row: int) -> str:
    """The bar of a row, counted from 1; nothing where the progress is not known."""
    place = f"{letters(GOOGLE_COLUMNS.index('progress'))}{row}"
    options = f'{{"charttype","bar";"max",1;"min",0;"color1","#{BAR_COLOUR}"}}'
    return f'=IF(ISNUMBER({place}),SPARKLINE(MIN(1,{place}),{options}),"")'


def okrs_look(config: Config, title: str, rows: Sequence[NewRow]) -> TabLook:
    """The people's tab."""
    choices = choices_of(config)
    return TabLook(
        title,
        len(rows) + 1 + SPARE_ROWS,
        tuple(_column(config, name, choices.get(name, ())) for name in GOOGLE_COLUMNS),
        bold_rows=tuple(number for number, row in enumerate(rows, 1) if row.definition is None),
        bold_colour=OBJECTIVE,
        told=_told(config),
    )


def summary_look(config: Config, title: str, rows: Sequence[NewRow]) -> TabLook:
    """The summary, with its chart."""
    language, teams = config.workspace.language, len(teams_of(rows))
    columns = [TabColumn(24 if index == 0 else USUAL_WIDTH, OWN_HEAD) for index in range(len(summary_head(language)))]
    columns[2] = TabColumn(USUAL_WIDTH, OWN_HEAD, "PERCENT", "0.0%")
    columns[1] = TabColumn(18, OWN_HEAD)
    series = tuple((column, BARS[status]) for column, status in enumerate(STATUSES, FIRST_COUNT))
    head = say(language, "Key results by status")
    chart = TabChart(head, title, 0, teams + 1, 0, series, teams + 5, 0, height=180 + 40 * teams)
    return TabLook(title, teams + 30, tuple(columns), bold_rows=(teams + 1,), told=_told(config), charts=(chart,))


def _told(config: Config) -> str:
    return say(config.workspace.language, "okrsync finds its columns by these headers")


def _column(config: Config, name: str, choices: tuple[str, ...]) -> TabColumn:
    if name == "bar":
        return TabColumn(18, OWN_HEAD)
    language, scale = config.workspace.language, config.workspace.confidence.scale
    percent, day = name in PERCENT_COLUMNS, name in DATE_COLUMNS
    between = {"confidence": (1, scale), "self_score": (0, 1)}.get(name)
    told = {
        "confidence": say(language, "A whole number from 1 to {scale}.", scale=scale),
        "self_score": say(language, "A number from 0 to 1, such as 0.7."),
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
        (fill, text, tuple(word(status.value, language) for language in ("en", "zh-TW")))
        for status, (fill, text) in COLOURS.items()
    )
