"""Format numbers as people write them: `13.1 h`, `NT$500,000`, `50 萬`, `69%`.

A rounded number keeps on its side of the numbers that matter (0, 100%, the target): 79.96% of 80% is not shown as 80%.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from config.message import unpacked
from config.plain_text import one_line
from config.quantities import MONEY, unit_key
from connectors.okr_sheet import CellValue
from syncer.i18n import localize, translatable, translate, translate_in_context
from syncer.method.progress import rounded
from syncer.model.cells import pieces_of
from syncer.model.cells import rounded as rounded_as_in_sheet
from syncer.model.number_style import PLAIN_NUMBERS, NumberStyle

NOTHING = "–"
_DIGITS = 3
"""Significant digits of a shown number; those before the decimal point are all shown."""
_MOST_PLACES = 8
_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)
_LARGE = ((Decimal(10) ** 8, "億"), (Decimal(10) ** 4, "萬"))
_UNITS = {
    "seconds": translatable("s", "unit"),
    "minutes": translatable("min", "unit"),
    "hours": translatable("h", "unit"),
    "days": translatable("days", "unit"),
    "weeks": translatable("weeks", "unit"),
    "points": translatable("points", "unit"),
}
"""Translatable short names of units, by their key in `config.quantities`."""


def show_number(value: Decimal, style: NumberStyle = PLAIN_NUMBERS) -> str:
    """Format a number without its unit: three significant digits, but all of those before the decimal point."""
    return _number(value, style)


def show_percent(value: Decimal | None, marks: Sequence[Decimal] = ()) -> str:
    """Format a fraction as a percentage; `–` for None.

    It has decimals only below 10%, and where it would seem to be 0%, 100% or one of `marks`.
    """
    return NOTHING if value is None else _percent(value, _least_places(value), (_ZERO, _ONE, *marks))


def show_value(value: CellValue, *, percent: bool = False) -> str:
    """Format a cell's value; `percent`: a number is a fraction to show as a percentage."""
    return show_quantity(value, NumberStyle(percent), "en")


def show_quantity(value: CellValue, style: NumberStyle, language: str) -> str:
    """Format a value with its unit; with `style.parts`, each of several values, which `value` separates by `;`."""
    match value:
        case None:
            return NOTHING
        case Decimal():
            return _with_unit(_number(value, style), style, language)
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case _:
            pieces = _pieces(value, style)
            if not pieces:
                return one_line(value)
            shown = (show_quantity(piece, part, language) for piece, part in zip(pieces, style.parts, strict=True))
            return translate(language, "; ").join(shown)


def show_quantities(numbers: Sequence[Decimal | None], style: NumberStyle, language: str) -> str:
    """Format several numbers in one line, each with the style of its part where that is known."""
    styles = style.parts if len(style.parts) == len(numbers) else (PLAIN_NUMBERS,) * len(numbers)
    each = (show_quantity(number, part, language) for number, part in zip(numbers, styles, strict=True))
    return translate(language, "; ").join(each)


def show_change(before: CellValue, after: CellValue, style: NumberStyle, language: str) -> tuple[str, str]:
    """Format a value before and after a change, as two different texts where the values differ."""
    if isinstance(before, str) and isinstance(after, str):
        pieces = zip(_pieces(before, style), _pieces(after, style), style.parts, strict=False)
        if pairs := [show_change(*three, language) for three in pieces]:
            semicolon = translate(language, "; ")
            return semicolon.join(was for was, _ in pairs), semicolon.join(now for _, now in pairs)
    if not isinstance(before, Decimal) or not isinstance(after, Decimal):
        return show_quantity(before, style, language), show_quantity(after, style, language)
    texts = ("", "")
    for more in range(_MOST_PLACES):
        texts = _number(before, style, more), _number(after, style, more)
        if before == after or texts[0] != texts[1]:
            break
    return _with_unit(texts[0], style, language), _with_unit(texts[1], style, language)


def show_percent_change(before: Decimal | None, after: Decimal | None) -> tuple[str, str]:
    """Format a fraction before and after a change as percentages: two different texts where they differ."""
    texts = show_percent(before), show_percent(after)
    if before is None or after is None or before == after:
        return texts
    for places in range(1, _MOST_PLACES):
        if texts[0] != texts[1]:
            break
        texts = _percent(before, places, (_ZERO, _ONE)), _percent(after, places, (_ZERO, _ONE))
    return texts


def show_points(change: Decimal | None) -> str:
    """Format a change of progress in percentage points with its sign: `+23`, `-0.4`; empty without one."""
    points = (change or _ZERO) * _HUNDRED
    text = f"{points:+.0f}" if abs(points) >= 1 else f"{points:+.1f}"
    return "" if not Decimal(text) else text


def exact_number(value: Decimal) -> str:
    """Format a number with the 12 significant digits that a sheet keeps, and thousands separators."""
    number = rounded_as_in_sheet(value)
    assert isinstance(number, Decimal)  # noqa: S101 - a number stays one; this tells the type checker
    return f"{number:,f}"


def exact_percent(value: Decimal | None) -> str:
    """Format a fraction as a percentage with all its digits; `–` for None."""
    return NOTHING if value is None else f"{exact_number(value * _HUNDRED)}%"


def exact_value(value: Decimal | None, *, percent: bool = False) -> str:
    """Format a number with all its digits, or a fraction as a percentage; `–` for None."""
    return exact_percent(value) if percent or value is None else exact_number(value)


def reason_text(reason: str, language: str) -> str:
    """Translate the reason why a value is unknown, in one line; `reason` may be packed (`config.message.packed`)."""
    return one_line(localize(language, unpacked(reason)))


def _number(value: Decimal, style: NumberStyle, more: int = 0) -> str:
    """Format a number with `more` decimal places than usual, without its unit."""
    if style.percent:
        return _percent(value, _percent_places(value, style.marks) + more, (_ZERO, _ONE, *style.marks))
    if style.large == "萬":
        for size, name in _LARGE:
            if abs(value) >= size:
                scaled = _short(value / size, _places(value / size) + more, [mark / size for mark in style.marks])
                return f"{scaled:,f} {name}"
    return f"{_short(value, _places(value) + more, (_ZERO, *style.marks)):,f}"


def _places(value: Decimal) -> int:
    """Return the decimal places that make three significant digits."""
    return max(0, _DIGITS - 1 - value.adjusted()) if value else 0


def _percent_places(value: Decimal, marks: Sequence[Decimal]) -> int:
    """Return the decimal places of a percentage: those of the goal's numbers, one without any or below 10%."""
    of_marks = (-int(rounded(mark * _HUNDRED).as_tuple().exponent) for mark in marks)
    return max((_least_places(value) if marks else 1, *of_marks))


def _least_places(value: Decimal) -> int:
    return 0 if abs(value) >= _ONE / 10 else 1


def _percent(value: Decimal, places: int, marks: Sequence[Decimal]) -> str:
    return f"{_short(value * _HUNDRED, places, [mark * _HUNDRED for mark in marks]):,f}%"


def _short(value: Decimal, places: int, marks: Sequence[Decimal]) -> Decimal:
    """Round half up to `places`, or to as many more as keep the number on its side of each mark."""
    for count in range(places, max(_MOST_PLACES, places) + 1):
        short = rounded(value, count)
        if all(_side(short, rounded(mark, _MOST_PLACES)) == _side(value, mark) for mark in marks):
            break
    return short


def _side(value: Decimal, mark: Decimal) -> int:
    return (value > mark) - (value < mark)


def _pieces(text: str, style: NumberStyle) -> list[CellValue]:
    """Split the text of several numbers at `;`; empty list where it is not a text of as many parts."""
    pieces = [piece.strip() for piece in pieces_of(text)] if style.parts else []
    return [_parsed(piece) for piece in pieces] if len(pieces) == len(style.parts) else []


def _parsed(text: str) -> CellValue:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text


def unit_around(style: NumberStyle, language: str) -> tuple[str, str]:
    """Return what stands before and behind a number: a currency's symbol before it, any other unit behind it."""
    unit = one_line(style.unit)
    if not unit or style.percent:
        return "", ""
    key = unit_key(unit)
    if key in MONEY and unit.isascii():
        return key, ""
    return "", " " + (translate_in_context("unit", language, _UNITS[key]) if key in _UNITS else unit)


def _with_unit(number: str, style: NumberStyle, language: str) -> str:
    before, behind = unit_around(style, language)
    sign, digits = ("-", number[1:]) if before and number.startswith("-") else ("", number)
    if number[-1] in "萬億" and not behind.isascii():
        behind = behind.lstrip()
    return f"{sign}{before}{digits}{behind}"
