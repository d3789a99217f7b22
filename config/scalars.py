"""Texts from a config, a sheet or a file as numbers, dates and changes: a precise value or a precise refusal."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

_UNITS = {
    "": Decimal(1),
    "千": Decimal(10) ** 3,
    "萬": Decimal(10) ** 4,
    "百萬": Decimal(10) ** 6,
    "億": Decimal(10) ** 8,
}
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?)(?P<unit>千|百萬|萬|億)?(?P<percent>%)?"
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_ROC = re.compile(r"(?:民國(?=\d{1,3}年)|(?=\d{3}\D))(\d{1,3})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_ROC_FIRST_YEAR = 1911


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as somebody wrote it. `40%` has the value 0.4 and `percent` set, so that it can be shown as it was."""

    value: Decimal
    percent: bool = False


@dataclass(frozen=True, slots=True)
class RelativeChange:
    """`+30%` multiplies the baseline by 1.30, `-2pp` adds -0.02, `+2000` adds 2000."""

    kind: Literal["factor", "points", "amount"]
    value: Decimal


def plain(text: str) -> str:
    """Full-width digits and signs as ASCII, outer white space gone (NFKC)."""
    return unicodedata.normalize("NFKC", text).strip().replace("−", "-")


def parse_amount(text: str) -> Amount:
    """`40%`, `1,234`, `50萬`, `１２３`, `1e3`. Raises ValueError: commas stand at thousands, `N/A` is no number."""
    match = _NUMBER.fullmatch(plain(text).replace(" ", ""))
    digits = match["digits"] if match else ""
    if match is None or not digits or not digits[-1].isdigit():
        raise ValueError(f"{text!r} is not a number; write 1234, 1,234, 12.5, 40% or 50萬")
    try:
        number = Decimal(match["sign"] + digits.replace(",", ""))
    except InvalidOperation as exc:
        raise ValueError(f"{text!r} is not a number") from exc
    number *= _UNITS[match["unit"] or ""]
    return Amount(number / 100, percent=True) if match["percent"] else Amount(number)


def parse_change(text: str) -> RelativeChange:
    """`+30%`, `-10%`, `-2pp`, `+2000`. The sign is required. Raises ValueError."""
    cleaned = plain(text)
    if cleaned[:1] not in ("+", "-"):
        raise ValueError(f"{text!r} is not a change; write its sign: +30%, -10%, -2pp or +2000")
    if cleaned.endswith("pp"):
        return RelativeChange("points", parse_amount(cleaned.removesuffix("pp")).value / 100)
    amount = parse_amount(cleaned)
    return RelativeChange("factor", 1 + amount.value) if amount.percent else RelativeChange("amount", amount.value)


def parse_share(text: str) -> Decimal:
    """A limit: `30%`, `25pp` or `0.3`, as a fraction. Raises ValueError."""
    cleaned = plain(text)
    if cleaned.endswith("pp"):
        return parse_amount(cleaned.removesuffix("pp")).value / 100
    return parse_amount(cleaned).value


def parse_date(text: str) -> date:
    """`2026-10-01`, `2026年10月1日`, `115/10/01` (years of the Republic). Raises ValueError, never guesses."""
    cleaned = plain(text)
    try:
        if match := _ISO.fullmatch(cleaned) or _CHINESE.fullmatch(cleaned):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _ROC.fullmatch(cleaned):
            return date(int(match[1]) + _ROC_FIRST_YEAR, int(match[2]), int(match[3]))
    except ValueError as exc:
        raise ValueError(f"{text!r} is not a date: {exc}") from exc
    raise ValueError(f"{text!r} is not a date; write 2026-10-01 or 115/10/01")
