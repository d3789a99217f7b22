"""Read a column as dates, if their order is stated or its cells allow only one reading."""

from datetime import UTC, date, datetime, time, tzinfo

from config.cell_types import ORDERS, CellType, DateOrder
from config.message import Message
from connectors.grids.cells import CellLike, as_text
from connectors.grids.column_cells import ColumnCells, Found
from connectors.grids.dates import read_compact, read_moment
from connectors.grids.doubts import DATES, Doubt, mixed_dates, unclear_order, written
from connectors.protocol import Value


def dates(column: ColumnCells, stated: CellType | None) -> Found:
    """Return the cells that are dates; the column is dates if they are all cells."""
    texts = {index: text for index, text in column.texts().items() if not (stated and read_compact(text))}
    order, note, doubt = _order(column, texts, stated)
    values: dict[int, Value] = {}
    for index, cell in column.filled.items():
        moment = _moment(cell, order, compact=stated is not None)
        if moment is not None:
            values[index] = instant(moment, column.rules.zone)
    native = next((index for index, cell in column.filled.items() if isinstance(cell, date)), None)
    if order and native is not None and not (stated or column.rules.order or column.rules.locale):
        unclear = next(index for index, text in texts.items() if read_moment(text) is None)
        doubt = doubt or mixed_dates(column.name, column.shown(native), column.shown(unclear))
    return Found("timestamp", values, note, doubt)


def _moment(cell: CellLike, order: DateOrder | None, *, compact: bool) -> date | None:
    if isinstance(cell, date):
        return cell
    if isinstance(cell, str):
        return read_moment(cell, order) or (read_compact(cell) if compact else None)
    return read_compact(as_text(cell)) if compact and not isinstance(cell, bool) else None


def _order(
    column: ColumnCells, texts: dict[int, str], stated: CellType | None
) -> tuple[DateOrder | None, str, Doubt | None]:
    """Choose the order that reads most texts; where several do and differ, the locale decides."""
    fixed = (stated.order if stated else None) or column.rules.order
    if fixed:
        return fixed, Message("dates, {order}, as stated", order=DATES[fixed]), None
    unclear = [index for index, text in texts.items() if read_moment(text) is None]
    reads = {order: [read_moment(texts[index], order) for index in unclear] for order in ORDERS}
    counts = {order: sum(moment is not None for moment in read) for order, read in reads.items()}
    best = [order for order in ORDERS if counts[order] == max(counts.values())]
    if not max(counts.values()):
        return None, Message("dates, as stated") if stated else Message("dates"), None
    if len({tuple(reads[order]) for order in best}) == 1:
        if len(best) > 1:
            return best[0], Message("dates"), None
        others = [order for order in ORDERS if order not in best]
        place = next((at for at in range(len(unclear)) if all(reads[order][at] is None for order in others)), 0)
        cell = column.shown(unclear[place])
        return best[0], Message("dates, {order}, as {cell} shows", order=DATES[best[0]], cell=cell), None
    if column.rules.locale and column.rules.locale.order in best:
        order = column.rules.locale.order
        return order, written(order, column.rules.locale.name), None
    at = next(at for at in range(len(unclear)) if len({reads[order][at] for order in best}) > 1)
    return best[0], Message("dates"), unclear_order(column.name, column.shown(unclear[at]), best)


def instant(moment: date, zone: tzinfo) -> datetime:
    """Convert a date or a time to an instant in UTC: a date's beginning, and a time without an offset, in `zone`."""
    full = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    try:
        return (full if full.tzinfo else full.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return full.replace(tzinfo=UTC)
