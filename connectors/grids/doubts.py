"""Messages about columns whose cells allow several readings."""

from collections.abc import Sequence

from config.cell_types import DateOrder, yaml_key
from config.dataclass import dataclass
from config.message import Message, one_of
from config.plain_text import plain
from connectors.grids.cells import CellLike, as_text

_LONGEST = 40

DATES: dict[DateOrder, Message] = {
    "DMY": Message("day first"),
    "MDY": Message("month first"),
    "YMD": Message("year first"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the type of a column is not certain, and which keys decide."""

    saw: Message
    advice: Message


def shown(place: str, cell: CellLike) -> Message:
    """Format a cell with its place: `Deals!B2 '10/1/2026'`."""
    text = " ".join(plain(as_text(cell)).split())
    return Message("{place} '{text}'", place=place, text=text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def written(order: DateOrder, locale: str) -> Message:
    """Return the note of dates whose order is that of a spreadsheet's locale."""
    return Message("dates, {order}, by the sheet's locale {locale}", order=DATES[order], locale=locale)


def unclear_order(name: str, cell: Message, orders: Sequence[DateOrder]) -> Doubt:
    """Dates of which no cell shows what comes first."""
    first = one_of([DATES[order] for order in orders])
    return Doubt(
        Message("'{name}' holds dates that no cell shows to be {first}: {cell}", name=name, first=first, cell=cell),
        Message(
            "Set `types: {{{key}: date {order}}}`, or `dates: {order}` for all columns; the orders are {orders}.",
            key=yaml_key(name),
            order=orders[0],
            orders=list(orders),
        ),
    )


def mixed_dates(name: str, native: Message, text: Message) -> Doubt:
    """Dates among texts, as they arise when a program took 1/10 for a date of another order and left 13/10 alone."""
    return Doubt(
        Message(
            "'{name}' holds dates and texts that may be dates: {native}, {text}", name=name, native=native, text=text
        ),
        Message("Set their order, such as `types: {{{key}: date DMY}}`, if the dates are right.", key=yaml_key(name)),
    )


def unclear_marks(name: str, cell: Message, values: Sequence[float | None]) -> Doubt:
    """Numbers in which a comma or a point may be the decimal mark or the one at thousands."""
    first, second = (format(value or 0, ".15g") for value in values)
    return Doubt(
        Message(
            "'{name}' holds {cell}, which may be {first} or {second}",
            name=name,
            cell=cell,
            first=first,
            second=second,
        ),
        Message('Set `numbers: "1,234.5"` or `numbers: "1.234,5"`, whichever shows how the numbers are written.'),
    )


def mixed_percents(name: str, percent: Message, other: Message) -> Doubt:
    """Percents among plain numbers, which may be percents, too."""
    return Doubt(
        Message(
            "'{name}' holds percents and plain numbers: {percent}, {other}", name=name, percent=percent, other=other
        ),
        Message(
            "Set `types: {{{key}: number}}` if the plain ones are meant as they are (45% is 0.45); else correct the "
            "cells.",
            key=yaml_key(name),
        ),
    )


def bare_exponent(name: str, cell: Message) -> Doubt:
    """Texts such as 1E3, a number or an id."""
    return Doubt(
        Message("'{name}' holds {cell}, which may be a number or an id", name=name, cell=cell),
        _number_or_text(name),
    )


def two_ids(name: str, first: Message, second: Message) -> Doubt:
    """Two texts that are one number, but two ids."""
    return Doubt(
        Message("'{name}' holds {first} and {second}, one number or two ids", name=name, first=first, second=second),
        _number_or_text(name),
    )


def _number_or_text(name: str) -> Message:
    return Message("Set `types: {{{key}: number}}` or `types: {{{key}: text}}`.", key=yaml_key(name))
