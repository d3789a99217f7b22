"""Read numbers in texts by their decimal mark and the mark between their thousands."""

import re
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import filterfalse

from config.cell_types import Marks
from config.scalars import MOST_DIGITS, Amount, parse_amount, plain
from connectors.grids.cells import finite

_ID = re.compile(r"0\d{2,}|\d{16,}")
"""Leading zeros, or more digits than a double keeps."""

_SIMPLE = re.compile(r"[+-]?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)

_SPELLING = re.compile(r"\d+|\d+\.\d*[1-9]\d*")
_BARE_EXPONENT = re.compile(r"\d+[eE]\d+")


@lru_cache(maxsize=1024)
def read_number(text: str, marks: Marks) -> Amount | None:
    """Read a number such as `1.234,5`, `45%` or `50萬`; None for any other text."""
    cleaned = plain(text).replace("’", "'")
    match = _pattern(marks).match(cleaned)
    if match is None:
        return None
    whole = re.sub(r"\D", "", match["whole"] or "")
    fraction = f".{digits}" if (digits := match["fraction"] or match["only"]) else ""
    rest = cleaned[match.end() :]
    if not rest and len(whole) + len(fraction) <= MOST_DIGITS:
        return Amount(Decimal(f"{match['sign']}{whole}{fraction}"))
    try:
        return parse_amount(f"{match['sign']}{whole}{fraction}{rest}")
    except ValueError:
        return None


def not_simple(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts that are no number such as 12 or -12.5: digits, no leading zero, at most a point."""
    return filterfalse(_SIMPLE.fullmatch, texts)


def grouped(texts: Iterable[str]) -> Iterator[str]:
    """Yield the simple numbers whose point may be at thousands, as in 1.234; that of 12.5 is decimal."""
    return filter(_GROUPED.fullmatch, texts)


def numbers_in(texts: Iterable[str], odd: Collection[str], marks: Marks) -> dict[str, float | None]:
    """Return the number that each text is by these marks; `odd` are those that are not simple.

    None for a text that is no number, or beyond the range of doubles.
    """
    found: dict[str, float | None] = dict.fromkeys(texts)
    simple = [text for text in found if text not in odd and (marks.decimal == "." or "." not in text)]
    for text in found.keys() - simple if len(simple) < len(found) else ():
        amount = read_number(text, marks)
        found[text] = None if amount is None else finite(amount.value)
    found.update(zip(simple, map(float, simple), strict=True))
    return found


def is_id(text: str) -> bool:
    """Return whether digits are an id: 0123 or more than 15 digits. Two digits, such as 08, are a number."""
    return _ID.fullmatch(plain(text)) is not None


def has_bare_exponent(text: str) -> bool:
    """Return whether a text such as 1E3 may be a number or an id. Programs write 1E+03 or 1.0e3."""
    return _BARE_EXPONENT.fullmatch(plain(text)) is not None


def spelling(text: str) -> str:
    """Return how an id would differ from others of the same number: 1.10 and 1.1 differ, and so do 08 and 8."""
    cleaned = plain(text)
    return cleaned if _SPELLING.fullmatch(cleaned) else ""


@lru_cache(maxsize=32)
def _pattern(marks: Marks) -> re.Pattern[str]:
    group, decimal = re.escape(marks.group), re.escape(marks.decimal)
    grouped = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|" if marks.group else ""
    return re.compile(
        rf"(?P<sign>[+-]?)\s*(?:(?P<whole>{grouped}\d+)(?:{decimal}(?P<fraction>\d+))?|{decimal}(?P<only>\d+))"
        r"(?![\d.,' ]*\d)(?!\d)",
        re.ASCII,
    )
