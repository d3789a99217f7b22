"""Figures in cells: numbers, and texts such as `90%`, `80 pts` or `<8h`."""

from decimal import Decimal

from config.quantities import Quantity, parse_quantity
from config.scalars import Amount
from connectors.okr_sheet import Cell


def cell_quantity(cell: Cell) -> Quantity | None:
    """Return the figure in a cell with its unit and bound, typed as a number or as a text; None for anything else."""
    if cell.error is not None:
        return None
    if isinstance(cell.value, Decimal):
        return Quantity(Amount(cell.value, percent=cell.percent))
    if isinstance(cell.value, str):
        try:
            return parse_quantity(cell.value)
        except ValueError:
            return None
    return None
