"""Format of a new OKR sheet: number formats, widths, colours, choices, paper. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from openpyxl.formatting.rule import DataBar, FormatObject, Rule
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from config.loading.loader import Config
from syncer.compute.definitions import Definition
from syncer.i18n import status_label, translate, translate_in_context
from syncer.make_sheet.new_sheet import PERCENT_COLUMNS, NewRow
from syncer.method.progress import rounded
from syncer.method.status import Status
from syncer.sheet.columns import VERDICTS
from syncer.sheet.number_text import unit_around


def fit_paper(tab: Worksheet, *, across: int = 1, columns: str = "") -> None:
    """Set up printing on A4 landscape, `across` pages wide, with headers and `columns` (such as A:C) on each."""
    _on_paper(tab)
    tab.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    tab.page_setup.fitToWidth, tab.page_setup.fitToHeight = across, 0
    tab.print_title_rows, tab.print_title_cols = "1:1", columns or None


def cut_paper(tab: Worksheet, scale: int, after: Iterable[int]) -> None:
    """Set up printing on A4 landscape at a scale in percent, with a page break after each of these rows."""
    _on_paper(tab)
    tab.page_setup.scale = scale
    for row in after:
        tab.row_breaks.append(Break(id=row))


def _on_paper(tab: Worksheet) -> None:
    tab.page_setup.orientation, tab.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    tab.page_margins = PageMargins(left=0.4, right=0.4, top=0.45, bottom=0.55, header=0.2, footer=0.25)
    if tab.oddFooter is not None:
        tab.oddFooter.left.text, tab.oddFooter.right.text = "&A", "&P / &N"


WIDTHS = {
    "id": 8, "objective": 11, "title": 42, "team": 12, "owner": 11, "baseline": 10, "target": 16, "current": 16,
    "expected": 10, "confidence": 11, "note": 30, "blocker": 26, "help": 26, "source": 22, "updated": 15,
    "override_expiry": 15, "override": 15, "judgement": 16, "override_reason": 24, "reason": 24,
}  # fmt: skip
"""Column widths in digits; a Chinese character is two digits wide."""
USUAL_WIDTH = 13
VALUE_COLUMNS = frozenset({"baseline", "target", "current", "forecast"})
DATE_COLUMNS = frozenset({"updated", "override_expiry"})
LONG_COLUMNS = frozenset({"title", "note", "blocker", "help", "override_reason", "reason"})

COLOURS = {
    **dict.fromkeys((Status.OFF_TRACK, Status.NOT_MET), ("C8372D", "FFFFFF")),
    **dict.fromkeys((Status.AT_RISK, Status.STALE), ("FFCB57", "4A3000")),
    **dict.fromkeys((Status.ON_TRACK, Status.MET, Status.DONE), ("1B7F4D", "FFFFFF")),
    Status.JUST_STARTED: ("2F6FC4", "FFFFFF"),
    **dict.fromkeys((Status.NOT_STARTED, Status.UNKNOWN, Status.DROPPED), ("E3E6EB", "40464F")),
}
"""Fill and text colour by status; the cell also contains the status as a word."""
OWN_HEAD, PEOPLES_HEAD, OBJECTIVE = "E9EEF6", "FFF6DC", "F3F6FA"
"""Background colours of okrsync's headers, people's headers, and objectives' rows."""
BAR_COLOUR, LINE_COLOUR, PAPER = "8FB4E8", "E1E6ED", "FFFFFF"
"""Colours of progress bars, of the lines between rows, and of the background."""


def progress_bar() -> Rule:
    """Return the rule of data bars from 0 to 100 %."""
    ends = [FormatObject("num", 0), FormatObject("num", 1)]
    return Rule("dataBar", dataBar=DataBar(cfvo=ends, color=f"FF{BAR_COLOUR}", showValue=True))


def repeated_title(column: str, separator: str) -> str:
    """Return the formula of the cells of a column, from row 2, whose text is that of the visible row above.

    It hides the objective's title below itself, where it is needed to filter and sort by.
    """
    return f"AND({column}2={column}1{separator}SUBTOTAL(103{separator}{column}1)=1)"


def choices_of(config: Config) -> Mapping[str, tuple[str, ...]]:
    """Return the choices of dropdown lists by column."""
    language = config.workspace.language
    stated = (entry.definition.measure for entry in config.key_results if isinstance(entry.definition.measure, str))
    return {
        "source": tuple(dict.fromkeys([*config.workspace.measures, *stated])),
        "override": tuple(status_label(status.value, language) for status in Status),
        "judgement": (translate(language, "reached"), translate(language, "not reached")),
        "decision": tuple(translate_in_context("decision", language, text) for text in VERDICTS.values()),
    }


PERCENT, DAY, SCORE = "[>=1]0%;[>0.995]0.0%;0%", "yyyy-mm-dd", "0.0"
"""Formats of shares, days and scores; a share below 100 % is never shown as 100 %."""
_LARGE = 1000
"""Numbers from here on are displayed without decimals."""
_WHOLE, _CENTS = ("#,##0",), ("#,##0.00",)
_THREE_DIGITS = "[>=100]#,##0", "[>=10]0.0", "0.00"
"""Sections of a number format for three significant digits."""
_LONGEST_UNIT = 24


def number_format(config: Config, name: str, row: NewRow) -> str:
    """Return the number format of a cell for Excel and Google Sheets, with its unit; empty for the default."""
    definition = row.definition
    if name in PERCENT_COLUMNS:
        return PERCENT
    if name in DATE_COLUMNS:
        return DAY
    if name == "computed_score":
        return SCORE
    goal = definition.goal if definition else None
    if name not in VALUE_COLUMNS or definition is None or goal is None:
        return ""
    if not goal.has_value:
        return PERCENT if name == "forecast" else ""  # what it holds is its progress
    places = max((_places(number * 100 if goal.percent else number) for number in goal.numbers), default=0)
    if goal.percent:
        return f"0.{'0' * places}%" if places else PERCENT
    sections = _sections(config, definition, name, places)
    before, behind = unit_around(definition.style, config.workspace.language)
    if not set('"%;').isdisjoint(behind) or len(behind) > _LONGEST_UNIT:
        before = behind = ""
    return ";".join(_with_unit(section, before, behind) for section in sections)


def _sections(config: Config, definition: Definition, name: str, places: int) -> tuple[str, ...]:
    """Return the sections of a number format; none where people may enter numbers of any precision."""
    stated = definition.goal.numbers if definition.goal else ()
    if any(abs(one) >= _LARGE for one in stated):
        return _WHOLE
    if name in ("baseline", "target"):
        return (f"#,##0.{'0' * places}",) if places else _WHOLE
    if definition.manual:
        return ()
    money = unit_around(definition.style, "en")[0] != ""
    if money:
        return _CENTS
    counted = _all(config, definition, "count(") or (not places and _all(config, definition, "sum("))
    return _WHOLE if counted and name == "current" else _THREE_DIGITS


def _with_unit(section: str, before: str, behind: str) -> str:
    condition, digits = section.rpartition("]")[::2]
    unit, text = f'"{before}"' if before else "", f'"{behind}"' if behind else ""
    return f"{condition}{']' if condition else ''}{unit}{digits}{text}"


def _places(number: Decimal) -> int:
    return max(0, -int(rounded(number).as_tuple().exponent))


def _all(config: Config, definition: Definition, begin: str) -> bool:
    """Whether all measures are aggregates whose expression starts with `begin`, such as `count(` or `sum(`."""
    names = [measure.text.strip() for measure in definition.measures if measure is not None]
    found = [config.measures.get(name) for name in names]
    return bool(found) and all(one is not None and one.value.strip().lower().startswith(begin) for one in found)
