"""Parse figures as people type them into a sheet: `90%`, `80 pts`, `<8h`, `NT$500k`, `50萬元`, `8 小時以內`.

A figure is a number with an optional unit and an optional bound. Whatever else a text holds, it is no figure.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from config.dataclass import dataclass
from config.message import Message
from config.scalars import CHINESE_UNIT, Amount, parse_amount, plain, quoted

Bound = Literal["at_least", "at_most"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, its unit (empty without one) and the bound that the text puts on it, such as `at_most` for `<8h`.

    `strict`: the bound's words leave out the number itself, as `<8h` does and `8h or less` does not.
    """

    amount: Amount
    unit: str = ""
    bound: Bound | None = None
    strict: bool = False


_UNITS: dict[str, tuple[str, ...]] = {
    "seconds": ("s", "sec", "secs", "second", "seconds", "秒", "秒鐘"),
    "minutes": ("min", "mins", "minute", "minutes", "分鐘"),
    "hours": ("h", "hr", "hrs", "hour", "hours", "小時", "個小時"),
    "days": ("d", "day", "days", "天"),
    "weeks": ("wk", "wks", "week", "weeks", "週"),
    "points": ("pt", "pts", "point", "points", "sp", "story points", "點"),
    "NT$": ("NT$", "NTD", "TWD", "新台幣", "新臺幣", "元"),
    "US$": ("US$", "USD", "美元"),
    "€": ("€", "EUR", "歐元"),
    "£": ("£", "GBP", "英鎊"),
    "¥": ("¥", "JPY", "日圓"),
    "$": ("$",),
}
_COUNTED = (
    *("customers", "customer", "users", "user", "deals", "deal", "people", "accounts", "account", "issues", "issue"),
    *("bugs", "bug", "tickets", "ticket", "incidents", "incident", "PRs", "PR", "visits", "visit", "sessions", "times"),
    *("家", "件", "人", "名", "位", "次", "場", "篇", "筆", "張", "則", "份", "項", "個", "戶", "間", "台", "組"),
)
_UNIT_OF = {word.casefold(): unit for unit, words in _UNITS.items() for word in words}
_KEYS = {**_UNIT_OF, **{word.casefold(): word.casefold() for word in _COUNTED}}
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_DOLLARS = ("NT$", "US$")
MONEY = ("NT$", "US$", "€", "£", "¥", "$")
_TIMES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9}

_BEFORE: dict[Bound, tuple[str, ...]] = {
    "at_most": (
        *("<=", "≤", "<", "under", "below", "less than", "fewer than", "at most", "no more than", "not more than"),
        *("max", "max.", "maximum", "within", "至多", "最多", "不超過", "低於", "少於", "小於", "不高於"),
    ),
    "at_least": (
        *(">=", "≥", ">", "at least", "no less than", "not less than", "minimum", "min.", "more than", "above"),
        *("至少", "最少", "不低於", "不少於", "高於", "超過", "大於"),
    ),
}
_AFTER: dict[Bound, tuple[str, ...]] = {
    "at_most": ("以內", "之內", "內", "以下", "or less", "or fewer", "or lower", "or below", "at most"),
    "at_least": ("以上", "or more", "or higher", "or above", "or better", "at least"),
}
_STRICT = (
    *("<", "under", "below", "less than", "fewer than", "低於", "少於", "小於"),
    *(">", "more than", "above", "高於", "超過", "大於"),
)
_SYMBOLS = {"＜": "<", "＞": ">", "≦": "≤", "≧": "≥", "⩽": "≤", "⩾": "≥"}


def _any(words: Iterator[str]) -> str:
    """Return a pattern for one of these words, the longest first."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


def _bounds(words: dict[Bound, tuple[str, ...]]) -> str:
    return _any(word for group in words.values() for word in group)


_NO_LETTER = r"(?![A-Za-z0-9])"
_PATTERN = (
    rf"(?:(?P<before>{_bounds(_BEFORE)})\s*)?"
    rf"(?:(?P<money>{_any(word for unit in MONEY for word in _UNITS[unit] if word != '元')})\s*)?"
    rf"(?P<number>[+-]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s*(?:{CHINESE_UNIT}))?)"
    rf"(?:\s*(?P<times>{_any(iter(_TIMES))}){_NO_LETTER})?"
    rf"(?:\s*(?P<unit>%|(?:{_any(iter(_KEYS))}){_NO_LETTER}))?"
    rf"(?:\s*(?P<after>{_bounds(_AFTER)}))?"
)
_WHOLE = re.compile(_PATTERN, re.IGNORECASE)
_INSIDE = re.compile(rf"(?<![A-Za-z0-9_.,$/-]){_PATTERN}(?![A-Za-z0-9.,]*[A-Za-z0-9]|[-/]\w)", re.IGNORECASE)


def parse_quantity(text: str) -> Quantity:
    """Parse a text that is one figure as a whole. Raises ValueError, which says what would be readable."""
    match = _WHOLE.fullmatch(_cleaned(text))
    found = (_quantity(match) if match else None) or _bare(text)
    if found is None:
        raise ValueError(
            Message(
                "{text} cannot be read as a number; write 80, 80 pts, 90%, 8 h, <8h, NT$500,000 or 50萬",
                text=quoted(text),
            )
        )
    return found


def quantities_in(sentence: str) -> tuple[Quantity, ...]:
    """Find the figures in a sentence such as a title, in order; numbers that are part of a word are none."""
    found = (_quantity(match) for match in _INSIDE.finditer(_cleaned(sentence)))
    return tuple(quantity for quantity in found if quantity is not None)


def converted(quantity: Quantity, unit: str) -> Amount | None:
    """Return the number in another unit, as far as that is certain; None for units that differ otherwise.

    A missing unit means the same one. Minutes are converted to hours; days are not, as a day has 24 or 8 of them.
    """
    have, want = unit_key(quantity.unit), unit_key(unit)
    if quantity.amount.percent and want in _KEYS.values():
        return None
    if not have or not want or have == want or ("$" in (have, want) and {have, want} & {*_DOLLARS}):
        return quantity.amount
    if have in _SECONDS and want in _SECONDS:
        return Amount(quantity.amount.value * _SECONDS[have] / _SECONDS[want])
    return None if have in _KEYS.values() and want in (*_KEYS.values(), "percent") else quantity.amount


def unit_key(unit: str) -> str:
    """Return one name for all spellings of a unit: `hours` for h, hrs and 小時; an unknown unit as it is."""
    return _KEYS.get(plain(unit).casefold(), plain(unit).casefold())


def _cleaned(text: str) -> str:
    cleaned = plain(text)
    for symbol, usual in _SYMBOLS.items():
        cleaned = cleaned.replace(symbol, usual)
    return cleaned


def _quantity(match: re.Match[str]) -> Quantity | None:
    money, times, unit = match["money"] or "", match["times"] or "", match["unit"] or ""
    bounds = {_bound_of(match["before"], _BEFORE), _bound_of(match["after"], _AFTER)} - {None}
    unsure = times in ("m", "b", "B") and not money  # metres, minutes, months, or millions
    if len(bounds) > 1 or (money and unit) or unsure:
        return None
    try:
        amount = parse_amount(match["number"] + ("%" if unit == "%" else ""))
    except ValueError:
        return None
    if times and (amount.percent or match["number"][-1] not in "0123456789"):
        return None
    value = amount.value.scaleb(_TIMES[times.casefold()]) if times else amount.value
    bound = next(iter(bounds), None)
    return Quantity(
        Amount(_without_exponent(value), amount.percent),
        "" if unit == "%" else _name(money or unit),
        bound,
        _spelled(match["before"]) in _STRICT,
    )


def _bare(text: str) -> Quantity | None:
    """Read what is a number in the config, such as `1e3`."""
    try:
        return Quantity(parse_amount(text))
    except ValueError:
        return None


def _bound_of(word: str | None, words: dict[Bound, tuple[str, ...]]) -> Bound | None:
    return next((bound for bound, group in words.items() if _spelled(word) in group), None)


def _spelled(word: str | None) -> str:
    return " ".join((word or "").casefold().split())


def _name(word: str) -> str:
    """Return how a unit is written in a config: Chinese words as typed, others in full."""
    return _UNIT_OF.get(word.casefold(), word) if word.isascii() else word


def _without_exponent(value: Decimal) -> Decimal:
    """Write a scaled number without an exponent."""
    return Decimal(format(value, "f"))
