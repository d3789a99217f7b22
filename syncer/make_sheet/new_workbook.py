"""Workbook of a new OKR sheet: frozen headers, dropdown lists, colours by status, progress bars."""

from collections.abc import Sequence
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from rich.cells import cell_len

from config.loading.loader import Config
from config.scalars import Amount
from connectors.grids.a1 import quoted
from connectors.local_sheet.xlsx_sheet import clean_text
from syncer.i18n import status_label, translate
from syncer.make_sheet.formats import (
    COLOURS,
    DATE_COLUMNS,
    LINE_COLOUR,
    LONG_COLUMNS,
    OBJECTIVE,
    OWN_HEAD,
    PAPER,
    PEOPLES_HEAD,
    PERCENT,
    USUAL_WIDTH,
    VALUE_COLUMNS,
    WIDTHS,
    choices_of,
    fit_paper,
    number_format,
    progress_bar,
    repeated_title,
)
from syncer.make_sheet.new_sheet import (
    DEFAULT_TAB,
    FOLDED_COLUMNS,
    FONT,
    PERCENT_COLUMNS,
    SHEET_COLUMNS,
    SIZE,
    NewRow,
    columns_of,
    headers,
    rows_by_tab,
)
from syncer.make_sheet.solid_bars import with_solid_bars
from syncer.make_sheet.summary_table import add_summary
from syncer.sheet.columns import COLUMNS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SPARE_ROWS = 200
"""Number of rows below the last one that also get choices and colours, for rows added by people."""
LONGEST_LIST = 250
"""Maximum length of an inline list of choices; Excel allows 255 characters including quotes."""
LIST_COLUMN = "AZ"
SCORE_COLUMNS = frozenset({"confidence", "computed_score", "self_score"})
CENTRED_COLUMNS = frozenset({"status", "override", "confidence"})
INDENTED = frozenset({"current", "source", "note", "override_owner", "decision", "judgement"})
"""Columns whose texts keep a distance from their neighbours."""
SPARE_COLUMNS = 30
"""Number of unprotected columns right of the last one."""
LINE, AIR = 15, 9
"""Height of a line of text, and of the space around the lines of a row, in points."""


_ROW = Border(bottom=Side("thin", color=LINE_COLOUR))
_BAR = Border(left=Side("medium", color=PAPER), top=Side("medium", color=PAPER), bottom=Side("medium", color=PAPER))
_PILL = Border(*(Side("thick", color=PAPER),) * 2, *(Side("medium", color=PAPER),) * 2)
_BORDERS = {"progress": _BAR, "status": _PILL}
"""Borders of cells: a line below each row, and distance around bars and statuses."""
_LATIN = 0.9
"""Mean width of a Latin letter in digits."""


def new_workbook(config: Config, rows: Sequence[NewRow]) -> bytes:
    """Return a new workbook: the tabs for people first, then the summary of a single one."""
    book = Workbook()
    book.remove(book.worksheets[0])
    columns = columns_of(config, rows)
    last = len(rows) + 1
    for title, own in rows_by_tab(rows, config.workspace.okr_sheet.tabs or (DEFAULT_TAB,)).items():
        _write_tab(config, book.create_sheet(title), own, columns)
    if len(book.worksheets) == 1:
        add_summary(config, book, book.worksheets[0].title, rows, last + SPARE_ROWS)
        _offer_all_measures(config, book, last + SPARE_ROWS)
    saved = BytesIO()
    book.save(saved)
    return with_solid_bars(saved.getvalue())


def _write_tab(config: Config, tab: "Worksheet", rows: Sequence[NewRow], columns: Sequence[str]) -> None:
    """Write a tab for people."""
    _write_headers(config, tab, columns)
    for number, row in enumerate(rows, 2):
        for index, name in enumerate(columns, 1):
            cell = tab.cell(number, index)
            assert isinstance(cell, Cell)  # noqa: S101 - a new sheet has no merges; this tells the type checker
            _fill(cell, name, config, row)
        tab.row_dimensions[number].height = AIR + LINE * _lines(row)
    last = len(rows) + 1
    tab.freeze_panes = f"{get_column_letter(columns.index('title') + 2)}2"
    tab.sheet_view.showGridLines = False
    tab.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    _fold(tab)
    fit_paper(tab, across=2, columns=f"A:{get_column_letter(columns.index('title') + 1)}")
    tab.print_area = f"A1:{get_column_letter(columns.index('help') + 1)}{last}"
    _add_choices(config, tab, last + SPARE_ROWS)
    _add_colours(tab, last + SPARE_ROWS)
    _protect_headers(tab, len(columns))


def _write_headers(config: Config, tab: "Worksheet", columns: Sequence[str]) -> None:
    tab.append(headers(config, columns))
    tab.row_dimensions[1].height = 32
    for index, name in enumerate(columns, 1):
        head = tab.cell(1, index)
        colour = PEOPLES_HEAD if COLUMNS[name].owner == "people" else OWN_HEAD
        head.font, head.fill = Font(FONT, SIZE, bold=True), PatternFill("solid", fgColor=colour)
        head.alignment = Alignment(_side(name), "center", wrap_text=True, indent=int(name in INDENTED))
        head.border = Border(bottom=Side("thin", color="8A97A8"))
        tab.column_dimensions[get_column_letter(index)].width = WIDTHS.get(name, USUAL_WIDTH)


def _side(name: str) -> str:
    if name in CENTRED_COLUMNS:
        return "center"
    return "right" if name in PERCENT_COLUMNS | VALUE_COLUMNS | DATE_COLUMNS | SCORE_COLUMNS else "left"


def _fill(cell: Cell, name: str, config: Config, row: NewRow) -> None:
    definition = row.definition
    wrap = name in LONG_COLUMNS or (name in VALUE_COLUMNS and _several(row))
    cell.alignment = Alignment(_side(name), "center", wrap_text=wrap, indent=int(name in INDENTED))
    cell.border = _BORDERS.get(name, _ROW)
    if definition is None:
        cell.font, cell.fill = Font(FONT, SIZE, bold=True), PatternFill("solid", fgColor=OBJECTIVE)
    elif name == "status":
        cell.font = Font(FONT, SIZE, bold=True)
    cell.number_format = "@" if name == "id" else number_format(config, name, row) or "General"
    typed = row.typed.get(name)
    if isinstance(typed, Amount):
        cell.value = typed.value
        cell.number_format = PERCENT if typed.percent else cell.number_format
    elif text := row.text(name):
        _put_text(cell, text)


def _several(row: NewRow) -> bool:
    goal = row.definition.goal if row.definition else None
    return goal is not None and len(goal.parts) > 1


def _lines(row: NewRow) -> int:
    """Return the number of lines of a row, as rows with formulas do not adjust their height."""
    goal = row.definition.goal if row.definition else None
    title = row.definition.title if row.definition else ""
    wide = sum(cell_len(one) if cell_len(one) > 1 else _LATIN for one in title)
    return max(ceil(wide / WIDTHS["title"]), len(goal.parts) if goal else 0, 1)


def _put_text(cell: Cell, text: str) -> None:
    """Write a text as text, even if it begins with `=`."""
    cell.value = clean_text(text)
    cell.data_type = "s"


def _add_choices(config: Config, tab: "Worksheet", last: int) -> None:
    language, scale = config.workspace.language, config.workspace.confidence.scale
    for name, choices in choices_of(config).items():
        if choices and len(",".join(choices)) <= LONGEST_LIST:
            _validate(tab, name, last, DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True))
    error = translate(language, "Write a whole number from 1 to {scale}.", scale=scale)
    confidence = DataValidation("whole", operator="between", formula1="1", formula2=str(scale), allow_blank=True)
    _validate(tab, "confidence", last, confidence, error)
    error = translate(language, "A number from 0 to 1, such as 0.7.")
    score = DataValidation("decimal", operator="between", formula1="0", formula2="1", allow_blank=True)
    _validate(tab, "self_score", last, score, error)


def _offer_all_measures(config: Config, book: Workbook, last: int) -> None:
    """List the measures in a hidden column of the summary if they are too long for an inline list."""
    measures = choices_of(config)["source"]
    if len(",".join(measures)) <= LONGEST_LIST or len(book.worksheets) < 2:  # noqa: PLR2004 - there is no summary
        return
    summary = book.worksheets[1]
    for number, name in enumerate(measures, 1):
        summary[f"{LIST_COLUMN}{number}"] = name
    summary.column_dimensions[LIST_COLUMN].hidden = True
    place = f"{quoted(summary.title)}!${LIST_COLUMN}$1:${LIST_COLUMN}${len(measures)}"
    _validate(book.worksheets[0], "source", last, DataValidation("list", formula1=place, allow_blank=True))


def _fold(tab: "Worksheet") -> None:
    """Group the columns that are seldom needed, and fold them; a click on the plus sign above shows them."""
    first, last = (get_column_letter(SHEET_COLUMNS.index(name) + 1) for name in FOLDED_COLUMNS)
    tab.column_dimensions.group(first, last, outline_level=1, hidden=True)


def _protect_headers(tab: "Worksheet", columns: int) -> None:
    """Protect the headers against accidental edits, without a password; all other cells stay editable."""
    for name in range(1, columns + SPARE_COLUMNS):
        tab.column_dimensions[get_column_letter(name)].protection = Protection(locked=False)
    for row in tab.iter_rows(min_row=2):
        for cell in row:
            cell.protection = Protection(locked=False)
    tab.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "insertColumns"):
        setattr(tab.protection, allowed, False)
    tab.protection.sort = tab.protection.autoFilter = tab.protection.insertHyperlinks = False


def _validate(tab: "Worksheet", name: str, last: int, rule: DataValidation, error: str = "") -> None:
    rule.showErrorMessage = True
    rule.error = error or None
    rule.add(_range(name, last))
    tab.add_data_validation(rule)


def _range(name: str, last: int) -> str:
    letter = get_column_letter(SHEET_COLUMNS.index(name) + 1)
    return f"{letter}2:{letter}{last}"


def _add_colours(tab: "Worksheet", last: int) -> None:
    """Colour statuses by the word in the cell, in either language, add progress bars, and show objectives once."""
    for name in ("status", "override"):
        first = f"{get_column_letter(SHEET_COLUMNS.index(name) + 1)}2"
        for status, (fill, text) in COLOURS.items():
            words = [f'{first}="{status_label(status.value, language)}"' for language in ("en", "zh-TW")]
            look = DifferentialStyle(font=Font(color=text), fill=PatternFill(bgColor=fill))
            rule = Rule("expression", dxf=look, formula=[f"OR({','.join(words)})"])
            tab.conditional_formatting.add(_range(name, last), rule)
    title = get_column_letter(SHEET_COLUMNS.index("objective") + 1)
    again = Rule("expression", dxf=DifferentialStyle(font=Font(color=PAPER)), formula=[repeated_title(title, ",")])
    tab.conditional_formatting.add(_range("objective", last), again)
    tab.conditional_formatting.add(_range("progress", last), progress_bar())
