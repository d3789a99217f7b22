"""Parse numbers, shares, changes, thresholds, durations and dates from texts of a config, a sheet or a file."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Literal

from config.dataclass import dataclass
from config.message import Message

_UNITS = {
    "": 0,
    "百": 2,
    "千": 3,
    "萬": 4,
    "十萬": 5,
    "百萬": 6,
    "千萬": 7,
    "億": 8,
    "十億": 9,
    "百億": 10,
    "千億": 11,
    "兆": 12,
}
"""Exponents of ten by Chinese unit."""

CHINESE_UNIT = "|".join(sorted(filter(None, _UNITS), key=len, reverse=True))
"""Regular expression of a Chinese unit, without groups."""

MOST_DIGITS = 28
"""Maximum number of digits of a number."""

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<digits>(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?P<exponent>[eE][+-]?\d{1,3})?"
    rf"\s*(?P<unit>{CHINESE_UNIT})?\s*(?P<percent>%)?",
    re.ASCII,
)
_POINTS = re.compile(r"(.*?)\s*(?:pp|個?百分點)", re.IGNORECASE)
_THRESHOLD = re.compile(
    r"(?:at_least|at least|至少)\s*(?P<least>.+)|(?:at_most|at most|至多|最多)\s*(?P<most>.+)"
    r"|between\s+(?P<low>.+?)\s+and\s+(?P<high>.+)"
)
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d+)?)\s*([smh])?", re.ASCII)
_DAYS = re.compile(r"(\d{1,3})(d|w)")
_DAYS_OF = {"d": 1, "w": 7}
_LONGEST_SETTLING = 366
_SHOWN = 60
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_ROC = re.compile(r"(?:民國(?=\d{1,3}年)|(?=\d{3}\D))(\d{1,3})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_ROC_FIRST_YEAR = 1911


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and whether it was written as a percent: `40%` has the value 0.4 and `percent` True."""

    value: Decimal
    percent: bool = False


@dataclass(frozen=True, slots=True)
class RelativeChange:
    """`+30%` multiplies the baseline by 1.30, `-2pp` adds -0.02, `+2000` adds 2000."""

    kind: Literal["factor", "points", "amount"]
    value: Decimal


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit for a value: `at_least` has `low`, `at_most` has `high`, `between` has both."""

    kind: Literal["at_least", "at_most", "between"]
    low: Amount | None = None
    high: Amount | None = None


def plain(text: str) -> str:
    """Normalize a text: full-width digits and signs become ASCII (NFKC), outer white space is removed."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).strip().replace("−", "-")


def quoted(text: str) -> str:
    """Quote a text for a message, cut to 60 characters."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def parse_amount(text: str) -> Amount:
    """Parse `40%`, `1,234`, `50萬`, `１２３` or `1e3`.

    Raises ValueError: the text is no number (such as `N/A`), has commas elsewhere than at thousands (`0,125`), or has
    more than 28 digits.
    """
    match = _NUMBER.fullmatch(plain(text))
    if match is None:
        raise ValueError(Message("{text} is not a number; write 1234, 1,234, 12.5, 40% or 50萬", text=quoted(text)))
    number = Decimal(match["sign"] + match["digits"].replace(",", "") + (match["exponent"] or ""))
    if len(number.as_tuple().digits) > MOST_DIGITS:
        raise ValueError(
            Message("{text} has more than {most_digits} digits; round it", text=quoted(text), most_digits=MOST_DIGITS)
        )
    percent = bool(match["percent"])
    return Amount(_shifted(number, _UNITS[match["unit"] or ""] - (2 if percent else 0)), percent)


def _shifted(number: Decimal, places: int) -> Decimal:
    """Multiply by a power of ten exactly; decimal arithmetic would round to the context's precision."""
    sign, digits, exponent = number.as_tuple()
    return Decimal((sign, digits, int(exponent) + places))


def parse_change(text: str) -> RelativeChange:
    """Parse a relative change such as `+30%`, `-10%`, `-2pp` or `+2000`. The sign is required. Raises ValueError."""
    cleaned = plain(text)
    if cleaned[:1] not in ("+", "-"):
        raise ValueError(
            Message("{text} is not a change; write its sign: +30%, -10%, -2pp or +2000", text=quoted(text))
        )
    if (points := _points(cleaned)) is not None:
        return RelativeChange("points", points)
    amount = parse_amount(cleaned)
    return RelativeChange("factor", 1 + amount.value) if amount.percent else RelativeChange("amount", amount.value)


def parse_threshold(text: str) -> Threshold:
    """Parse a threshold: `at_least 90%`, `at_most 2`, `between 3 and 5`, 至少 90% or 至多 2. Raises ValueError."""
    match = _THRESHOLD.fullmatch(plain(text))
    if match is None:
        raise ValueError(
            Message(
                "{text} is not a condition to hold; write at_least 90%, at_most 2, or between 3 and 5",
                text=quoted(text),
            )
        )
    if match["low"]:
        low, high = parse_amount(match["low"]), parse_amount(match["high"])
        if low.value > high.value:
            raise ValueError(Message("{text} begins above its end: exchange the numbers", text=quoted(text)))
        return Threshold("between", low, high)
    if match["least"]:
        return Threshold("at_least", low=parse_amount(match["least"]))
    return Threshold("at_most", high=parse_amount(match["most"]))


def parse_share(text: str) -> Decimal:
    """Parse `30%`, `25pp` or `0.3` as a fraction from 0 to 1. Raises ValueError."""
    cleaned = plain(text)
    points = _points(cleaned)
    share = points if points is not None else parse_amount(cleaned).value
    if not 0 <= share <= 1:
        raise ValueError(Message("{text} is not a share of 0% to 100%; write 30% or 0.3", text=quoted(text)))
    return share


def _points(cleaned: str) -> Decimal | None:
    """Parse percentage points as a fraction; None where the text does not end in their unit. Raises ValueError."""
    match = _POINTS.fullmatch(cleaned)
    if match is None:
        return None
    amount = parse_amount(match[1])
    if amount.percent:
        raise ValueError(Message("{cleaned} has two units; write % or pp", cleaned=quoted(cleaned)))
    return _shifted(amount.value, -2)


def parse_seconds(text: str) -> float:
    """Parse a duration such as `30s`, `5m`, `1h` or `1.5` (seconds) as seconds. Raises ValueError."""
    match = _DURATION.fullmatch(plain(text))
    if match is None:
        raise ValueError(Message("{text} is not a length of time; write 30s, 5m or 1h", text=quoted(text)))
    return float(match[1]) * _SECONDS[match[2] or "s"]


def parse_days(text: str) -> int:
    """Parse a number of days such as `5d` or `2w`, up to a year. Raises ValueError."""
    match = _DAYS.fullmatch(plain(text))
    days = int(match[1]) * _DAYS_OF[match[2]] if match else 0
    if not 0 < days <= _LONGEST_SETTLING:
        raise ValueError(Message("{text} is not a number of days; write 5d or 2w, up to 366d", text=quoted(text)))
    return days


def parse_date(text: str) -> date:
    """Parse `2026-10-01`, `2026年10月1日` or `115/10/01` (Minguo calendar: year + 1911). Raises ValueError."""
    cleaned = plain(text)
    try:
        if match := _ISO.fullmatch(cleaned) or _CHINESE.fullmatch(cleaned):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _ROC.fullmatch(cleaned):
            return date(int(match[1]) + _ROC_FIRST_YEAR, int(match[2]), int(match[3]))
    except ValueError as exc:
        raise ValueError(Message("{text} is not a date: {exc}", text=quoted(text), exc=exc)) from exc
    raise ValueError(Message("{text} is not a date; write 2026-10-01 or 115/10/01", text=quoted(text)))
