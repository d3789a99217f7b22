"""Figures in cells: numbers, and texts such as `90%`, `80 pts` or `<8h`."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from config.quantities import Quantity, parse_quantity
from config.scalars import Amount, parse_amount
from connectors.okr_sheet import Cell

T = TypeVar("T")


def cell_quantity(cell: Cell) -> Quantity | None:
    """Return the figure in a cell with its unit and bound, typed as a number or as a text; None for anything else."""
    if cell.error is None and isinstance(cell.value, Decimal):
        return Quantity(Amount(cell.value, percent=cell.percent))
    return _parsed(parse_quantity, cell)


def cell_amount(cell: Cell) -> Amount | None:
    """Return the number in a cell, typed as a number or as a text such as `90%`; None for anything else."""
    if cell.error is None and isinstance(cell.value, Decimal):
        return Amount(cell.value, percent=cell.percent)
    return _parsed(parse_amount, cell)


def _parsed(parse: Callable[[str], T], cell: Cell) -> T | None:
    if cell.error is not None or not isinstance(cell.value, str):
        return None
    try:
        return parse(cell.value)
    except ValueError:
        return None
