"""The number formats of a new OKR sheet's cells, by what a key result counts in. Values stay exact. Pure."""

from config.loading.loader import Config
from syncer.compute.definitions import Definition
from syncer.make_sheet.new_tab_format import DATE_COLUMNS, VALUE_COLUMNS
from syncer.make_sheet.sheet_rows import PERCENT_COLUMNS, NewRow

PERCENT, DAY = "0.0%", "yyyy-mm-dd"
_LARGE = 1000
"""From here on a figure is shown in whole numbers."""
_SIGNS = frozenset({"$", "NT$", "US$", "HK$", "S$", "A$", "€", "£", "¥", "₩"})
_CODES = frozenset(
    {"TWD", "NTD", "USD", "EUR", "GBP", "JPY", "CNY", "HKD", "SGD", "KRW", "AUD", "CAD", "CHF", "INR", "THB", "VND"}
)
_AFTER = frozenset({"元", "圓", "新台幣", "台幣"})


def number_format(config: Config, name: str, row: NewRow) -> str:
    """The pattern of a cell, as Excel and Google write it; empty for the program's own."""
    definition = row.definition
    if name in PERCENT_COLUMNS:
        return PERCENT
    if name in DATE_COLUMNS:
        return DAY
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
    """A number's own part of a pattern; None where people may put in whatever they like."""
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
    """Whether each of its measures is such an aggregate: a number of rows, a sum of points."""
    names = [measure.text.strip() for measure in definition.measures if measure is not None]
    found = [config.measures.get(name) for name in names]
    return bool(found) and all(one is not None and one.value.strip().lower().startswith(begin) for one in found)


def _is_money(definition: Definition) -> bool:
    return _money(definition.unit.strip(), "") != ""


def _money(unit: str, digits: str) -> str:
    """With the currency, where the unit is one."""
    if unit in _SIGNS:
        return f'"{unit}"{digits}'
    if unit.upper() in _CODES:
        return f'"{unit.upper()} "{digits}'
    return f'{digits}" {unit}"' if unit in _AFTER else digits
