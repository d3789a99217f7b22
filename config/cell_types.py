"""What a measure states about the cells of a table: `types`, `numbers` and `dates`."""

import json
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, tzinfo
from typing import Literal, cast, get_args

from config.dataclass import dataclass
from config.message import Message
from config.scalars import plain, quoted
from config.suggest import did_you_mean

DateOrder = Literal["DMY", "MDY", "YMD"]
"""Order of day, month and year."""

Kind = Literal["text", "number", "boolean", "date"]

ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
KINDS: tuple[Kind, ...] = get_args(Kind)

_BOTH_MARKS = re.compile(r"[1-9]\d{0,2}(?P<group>[,.' ])\d{3}(?:(?P=group)\d{3})*(?!(?P=group))(?P<decimal>[,.])\d+")
_DECIMAL_MARK = re.compile(r"(?:0|\d{4,})(?P<decimal>[,.])\d+|\d+(?P<other>[,.])(?:\d\d?|\d{4,})")


@dataclass(frozen=True, slots=True)
class CellType:
    """Stated type of a column. `order` is the order of its dates, None where it is left out."""

    kind: Kind
    order: DateOrder | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """The decimal mark of numbers and the mark between their thousands, which is empty if there is none."""

    decimal: str
    group: str

    def __str__(self) -> str:
        return f"1{self.group}234{self.decimal}5"


POINT, COMMA = Marks(".", ","), Marks(",", ".")


@dataclass(frozen=True, slots=True)
class Locale:
    """How a spreadsheet's locale writes numbers and dates; None where that is not known."""

    name: str
    marks: Marks | None
    order: DateOrder | None


@dataclass(frozen=True, slots=True)
class CellRules:
    """How to read cells: stated types by column name in lower case, and marks and date order for all columns.

    `locale` decides where neither the config nor any cell does. Times without an offset are in `zone`.
    """

    types: Mapping[str, CellType] = field(default_factory=dict)
    marks: Marks | None = None
    order: DateOrder | None = None
    locale: Locale | None = None
    zone: tzinfo = UTC


def yaml_key(name: str) -> str:
    """Return a column's name as a key of a YAML flow mapping, in quotes where it needs them."""
    return name if re.fullmatch(r"[^\W\d][\w ]*", name) else "'" + name.replace("'", "''") + "'"


def parse_cell_type(text: str) -> CellType:
    """Parse a column's type: `text`, `number`, `boolean`, `date` or `date DMY`. Raises ValueError."""
    kind, *rest = plain(text).split() or [""]
    if kind.lower() not in KINDS:
        near = did_you_mean(kind, KINDS) or Message("; write text, number, boolean, date or date DMY")
        raise ValueError(Message("{text} is not a type of cells{near}", text=quoted(text), near=near))
    if rest and kind.lower() != "date":
        raise ValueError(Message("{text} is not a type of cells; only dates have an order", text=quoted(text)))
    return CellType(cast("Kind", kind.lower()), parse_order(" ".join(rest)) if rest else None)


def parse_order(text: str) -> DateOrder:
    """Parse the order of dates: `DMY`, `MDY` or `YMD`. Raises ValueError."""
    order = plain(text).upper()
    if order not in ORDERS:
        letters = "".join(dict.fromkeys(re.sub(r"[^DMY]", "", order)))
        near = did_you_mean(letters, ORDERS) or Message("; write DMY, MDY or YMD")
        raise ValueError(Message("{text} is not an order of dates{near}", text=quoted(text), near=near))
    return next(known for known in ORDERS if known == order)


def parse_marks(text: str) -> Marks:
    """Parse an example number such as `1.234,5`, which shows the decimal mark and the one between thousands.

    Raises ValueError: no number, or one such as `1.234`, which may be meant either way.
    """
    cleaned = plain(text).replace("’", "'")
    if match := _BOTH_MARKS.fullmatch(cleaned):
        return Marks(match["decimal"], match["group"])
    if match := _DECIMAL_MARK.fullmatch(cleaned):
        return Marks(match["decimal"] or match["other"], "")
    raise ValueError(
        Message("{text} does not show how numbers are written; write 1,234.5 or 1.234,5", text=quoted(text))
    )


def rules_of(query: Mapping[str, str], zone: tzinfo) -> CellRules:
    """Parse the rules among the query keys of a read. Raises ValueError."""
    stated: dict[str, str] = json.loads(query.get("types", "{}"))
    return CellRules(
        {name.lower(): parse_cell_type(text) for name, text in stated.items()},
        parse_marks(query["numbers"]) if "numbers" in query else None,
        parse_order(query["dates"]) if "dates" in query else None,
        zone=zone,
    )
