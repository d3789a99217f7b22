"""Read a column as dates, if their order is stated or its cells allow only one reading."""

from collections import Counter
from collections.abc import Mapping
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
    texts = column.distinct()
    read: dict[str, date | None] = {text: read_moment(text) for text in texts}
    unclear = {text: texts[text] for text in texts if read[text] is None and not (stated and read_compact(text))}
    order, note, doubt = _order(column, unclear, stated)
    for text in texts:
        if read[text] is None:
            read[text] = (read_moment(text, order) if order else None) or (read_compact(text) if stated else None)
    zone = column.rules.zone
    instants = {text: None if moment is None else instant(moment, zone) for text, moment in read.items()}
    values: list[Value] = [
        instants[cell] if isinstance(cell, str) else _native(cell, zone, compact=stated is not None)
        for cell in column.cells
    ]
    native = next((index for index, cell in enumerate(column.cells) if isinstance(cell, date)), None)
    if order and native is not None and not (stated or column.rules.order or column.rules.locale):
        other = next(iter(unclear.values()))
        doubt = doubt or mixed_dates(column.name, column.shown(native), column.shown(other))
    return Found("timestamp", values, note, doubt)


def _native(cell: CellLike, zone: tzinfo, *, compact: bool) -> datetime | None:
    """Return the instant of a cell that is no text: a date, or with `compact` eight digits."""
    if isinstance(cell, date):
        return instant(cell, zone)
    moment = read_compact(as_text(cell)) if compact and not isinstance(cell, bool) else None
    return instant(moment, zone) if moment else None


def _order(
    column: ColumnCells, unclear: Mapping[str, int], stated: CellType | None
) -> tuple[DateOrder | None, str, Doubt | None]:
    """Choose the order that reads most of the unclear texts; where several do and differ, the locale decides."""
    fixed = (stated.order if stated else None) or column.rules.order
    if fixed:
        return fixed, Message("dates, {order}, as configured", order=DATES[fixed]), None
    reads = {order: [read_moment(text, order) for text in unclear] for order in ORDERS}
    times = Counter(text for text in column.texts if text in unclear) if unclear else Counter[str]()
    counts = {
        order: sum(times[text] for text, moment in zip(unclear, read, strict=True) if moment is not None)
        for order, read in reads.items()
    }
    best = [order for order in ORDERS if counts[order] == max(counts.values())]
    if not max(counts.values()):
        return None, Message("dates, as configured") if stated else Message("dates"), None
    indexes = list(unclear.values())
    if len({tuple(reads[order]) for order in best}) == 1:
        if len(best) > 1:
            return best[0], Message("dates"), None
        others = [order for order in ORDERS if order not in best]
        place = next((at for at in range(len(unclear)) if all(reads[order][at] is None for order in others)), 0)
        cell = column.shown(indexes[place])
        return best[0], Message("dates, {order}, as {cell} shows", order=DATES[best[0]], cell=cell), None
    if column.rules.locale and column.rules.locale.order in best:
        order = column.rules.locale.order
        return order, written(order, column.rules.locale.name), None
    at = next(at for at in range(len(unclear)) if len({reads[order][at] for order in best}) > 1)
    return best[0], Message("dates"), unclear_order(column.name, column.shown(indexes[at]), best)


def instant(moment: date, zone: tzinfo) -> datetime:
    """Convert a date or a time to an instant in UTC: a date's beginning, and a time without an offset, in `zone`."""
    full = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    try:
        return (full if full.tzinfo else full.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return full.replace(tzinfo=UTC)
