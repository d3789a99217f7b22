"""Headers, rows and lookups of a new tab for people in a Google spreadsheet."""

from collections.abc import Iterator, Mapping, Sequence

from config.loading.loader import Config
from config.scalars import Amount
from connectors.grids.a1 import letters
from connectors.okr_sheet import CellWrite, Tab
from syncer.i18n import translate
from syncer.make_sheet.new_sheet import PERCENT_COLUMNS, SHEET_COLUMNS, NewRow, columns_of, headers
from syncer.sheet.columns import COLUMNS
from syncer.sheet.layout import Layout
from syncer.sheet.lookups import Lookups
from syncer.sheet.own_tab import OwnTab

_BLOCK, _BLOCKS = "█", 12
"""Character of a progress bar, and its number at 100 %."""
_AFTER = SHEET_COLUMNS.index("progress") + 1
GOOGLE_COLUMNS = (*SHEET_COLUMNS[:_AFTER], "bar", *SHEET_COLUMNS[_AFTER:])
"""Columns of a new tab; Google Sheets has no data bars in cells, so bars have a column of their own."""


def bar_formula() -> str:
    """Build the formula of a progress bar, the same in all rows; empty if the progress is unknown."""
    column = letters(GOOGLE_COLUMNS.index("progress"))
    place = f"INDEX(${column}:${column};ROW())"
    return f'=IF(ISNUMBER({place});REPT("{_BLOCK}";ROUND({_BLOCKS}*MIN(1;MAX(0;{place}));0));"")'


def google_columns(config: Config, rows: Sequence[NewRow]) -> tuple[str, ...]:
    """Return the columns of a new tab: the usual ones, then those that the config names or a row fills."""
    return tuple(dict.fromkeys((*GOOGLE_COLUMNS, *columns_of(config, rows))))


def google_headers(config: Config, columns: Sequence[str]) -> list[str]:
    """Return the header row, in the workspace's language or with names from the config."""
    named = [name for name in columns if name != "bar"]
    heads = dict(zip(named, headers(config, named), strict=True))
    heads["bar"] = translate(config.workspace.language, "Progress bar")
    return [heads[name] for name in columns]


def formula_cell(tab: str, row: int, column: int, text: str) -> CellWrite:
    """Build the write of a formula."""
    return CellWrite(tab, row, column, None, formula=text)


def lookups_of(title: str, columns: Sequence[str], own: OwnTab) -> Mapping[str, str]:
    """Return the lookup formulas by column."""
    layout, lookups = Layout(Tab(title), 0, {name: index for index, name in enumerate(columns)}), Lookups(own)
    shown = [name for name in columns if name in COLUMNS and COLUMNS[name].owner in ("definition", "computed")]
    looked_up = (name for name in shown if name in own.columns)
    return {name: lookups.formula(layout, name) for name in looked_up}


def people_cells(
    config: Config, title: str, rows: Sequence[NewRow], lookups: Mapping[str, str], columns: Sequence[str]
) -> Iterator[CellWrite]:
    """Return the header row and the rows of a tab for people."""
    for column, header in enumerate(google_headers(config, columns)):
        yield CellWrite(title, 0, column, header)
    for number, row in enumerate(rows, 1):
        yield from _cells(title, number, row, lookups, columns)


def _cells(
    title: str, number: int, row: NewRow, lookups: Mapping[str, str], columns: Sequence[str]
) -> Iterator[CellWrite]:
    for column, name in enumerate(columns):
        by_hand = name == "current" and row.definition is not None and row.definition.manual
        typed = row.typed.get(name)
        if name == "bar":
            yield formula_cell(title, number, column, bar_formula())
        elif name == "id":
            yield CellWrite(title, number, column, row.id)
        elif isinstance(typed, Amount):
            yield CellWrite(title, number, column, typed.value, percent=typed.percent)
        elif typed:
            yield CellWrite(title, number, column, typed)
        elif name in lookups and not by_hand:
            percent = name in PERCENT_COLUMNS
            yield CellWrite(title, number, column, None, formula=lookups[name], percent=percent)
