"""Format of a new OKR sheet: number formats, widths, colours, choices, paper. Pure."""

from collections.abc import Iterable, Mapping

from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from config.loading.loader import Config
from syncer.compute.definitions import Definition
from syncer.i18n import status_label, translate, translate_in_context
from syncer.make_sheet.new_sheet import PERCENT_COLUMNS, NewRow
from syncer.method.status import Status
from syncer.sheet.columns import VERDICTS


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
    "id": 10, "objective": 28, "title": 40, "status": 14, "source": 22, "note": 34, "blocker": 28, "help": 28,
    "team": 20, "override_reason": 24, "reason": 24,
    "updated": 15, "override_expiry": 15, "override": 15, "judgement": 16,
}  # fmt: skip
"""Column widths in digits; a Chinese character is two digits wide."""
USUAL_WIDTH = 13
VALUE_COLUMNS = frozenset({"baseline", "target", "current", "forecast"})
DATE_COLUMNS = frozenset({"updated", "override_expiry"})
LONG_COLUMNS = frozenset({"objective", "title", "note", "blocker", "help", "override_reason", "reason"})

COLOURS = {
    **dict.fromkeys((Status.OFF_TRACK, Status.NOT_MET), ("FBD5D5", "8E1B1B")),
    **dict.fromkeys((Status.AT_RISK, Status.STALE), ("FDECC8", "7A4B00")),
    **dict.fromkeys((Status.ON_TRACK, Status.MET, Status.DONE), ("D3EFDC", "14532D")),
    Status.JUST_STARTED: ("DCE9FB", "1E3F73"),
    **dict.fromkeys((Status.NOT_STARTED, Status.UNKNOWN, Status.DROPPED), ("E7E9EC", "40464F")),
}
"""Fill and text colour by status; the cell also contains the status as a word."""
OWN_HEAD, PEOPLES_HEAD, OBJECTIVE = "DDE6F3", "FFF3CF", "F3F6FA"
"""Background colours of okrsync's headers, people's headers, and objectives' rows."""
BAR_COLOUR = "8FB4E8"


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


PERCENT, DAY, SCORE = "0.0%", "yyyy-mm-dd", "0.0"
_LARGE = 1000
"""Numbers from here on are displayed without decimals."""
_SIGNS = frozenset({"$", "NT$", "US$", "HK$", "S$", "A$", "€", "£", "¥", "₩"})
_CODES = frozenset(
    {"TWD", "NTD", "USD", "EUR", "GBP", "JPY", "CNY", "HKD", "SGD", "KRW", "AUD", "CAD", "CHF", "INR", "THB", "VND"}
)
_AFTER = frozenset({"元", "圓", "新台幣", "台幣"})


def number_format(config: Config, name: str, row: NewRow) -> str:
    """Return the number format of a cell for Excel and Google Sheets; empty for the default."""
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
    if goal.percent:
        return PERCENT
    digits = _digits(config, definition, name)
    return _money(definition.unit.strip(), digits) if digits is not None else ""


def _digits(config: Config, definition: Definition, name: str) -> str | None:
    """Return the digits of a number format; None where people may enter numbers of any precision."""
    stated = definition.goal.numbers if definition.goal else ()
    whole = all(one == one.to_integral_value() for one in stated)
    if any(abs(one) >= _LARGE for one in stated):
        return "#,##0"
    if name in ("baseline", "target"):
        return "#,##0" if whole else None
    if definition.manual:
        return None
    if _all(config, definition, "count("):
        return "#,##0" if name == "current" else "#,##0.0"
    points = whole and _all(config, definition, "sum(") and not _is_money(definition)
    return ("#,##0.0" if name == "forecast" else None) if points else "#,##0.00"


def _all(config: Config, definition: Definition, begin: str) -> bool:
    """Whether all measures are aggregates whose expression starts with `begin`, such as `count(` or `sum(`."""
    names = [measure.text.strip() for measure in definition.measures if measure is not None]
    found = [config.measures.get(name) for name in names]
    return bool(found) and all(one is not None and one.value.strip().lower().startswith(begin) for one in found)


def _is_money(definition: Definition) -> bool:
    return _money(definition.unit.strip(), "") != ""


def _money(unit: str, digits: str) -> str:
    """Add the currency to a number format if the unit is one."""
    if unit in _SIGNS:
        return f'"{unit}"{digits}'
    if unit.upper() in _CODES:
        return f'"{unit.upper()} "{digits}'
    return f'{digits}" {unit}"' if unit in _AFTER else digits
