"""Read a column as numbers, if their marks are stated or its cells allow only one reading."""

from config.cell_types import COMMA, POINT, CellType, Marks
from config.message import Message
from connectors.grids.cells import finite
from connectors.grids.column_cells import ColumnCells, Found
from connectors.grids.doubts import Doubt, bare_exponent, mixed_percents, two_ids, unclear_marks
from connectors.grids.numbers import has_bare_exponent, is_id, read_number, spelling
from connectors.protocol import Value


def numbers(column: ColumnCells, stated: CellType | None) -> Found:
    """Return the cells that are numbers; the column is numbers if they are all cells."""
    texts = column.texts()
    if not stated and any(is_id(text) for text in texts.values()):
        return Found("text", {}, "")
    marks, note, doubt = _marks(column, texts, stated)
    amounts = {index: amount for index, text in texts.items() if (amount := read_number(text, marks)) is not None}
    values: dict[int, Value] = {}
    for index, cell in column.filled.items():
        number = finite(amounts[index].value if index in amounts else cell)
        if number is not None:
            values[index] = number
    if not stated and not doubt and len(values) == len(column.filled):
        percents = [index for index, amount in amounts.items() if amount.percent]
        others = [index for index, value in values.items() if value and index not in percents] if percents else []
        doubt = (
            (mixed_percents(column.name, column.shown(percents[0]), column.shown(others[0])) if others else None)
            or _bare_exponents(column, texts)
            or _two_spellings(column, texts, values)
        )
    return Found("number", values, note, doubt)


def _marks(column: ColumnCells, texts: dict[int, str], stated: CellType | None) -> tuple[Marks, str, Doubt | None]:
    """Choose the marks that read most texts; where both do and differ, the locale decides."""
    plain = Message("numbers, as stated") if stated else Message("numbers")
    if column.rules.marks:
        return column.rules.marks, Message("numbers such as {marks}, as stated", marks=column.rules.marks), None
    unlike = [index for index, text in texts.items() if read_number(text, POINT) != read_number(text, COMMA)]
    reads = {marks: sum(read_number(texts[index], marks) is not None for index in unlike) for marks in (POINT, COMMA)}
    both = next((index for index in unlike if all(read_number(texts[index], marks) for marks in reads)), None)
    if reads[POINT] != reads[COMMA]:
        best = max(reads, key=lambda marks: reads[marks])
        shows = next(index for index in unlike if read_number(texts[index], POINT if best is COMMA else COMMA) is None)
        if best is POINT:
            return POINT, plain, None
        return COMMA, Message("numbers such as {marks}, as {cell} shows", marks=COMMA, cell=column.shown(shows)), None
    if both is None:
        return POINT, plain, None
    if column.rules.locale and column.rules.locale.marks in reads:
        marks = column.rules.locale.marks
        locale = column.rules.locale.name
        return (
            marks,
            Message("numbers such as {marks}, by the sheet's locale {locale}", marks=marks, locale=locale),
            None,
        )
    values = [finite(amount.value) for marks in reads if (amount := read_number(texts[both], marks))]
    return POINT, plain, unclear_marks(column.name, column.shown(both), values)


def _bare_exponents(column: ColumnCells, texts: dict[int, str]) -> Doubt | None:
    bare = next((index for index, text in texts.items() if has_bare_exponent(text)), None)
    return None if bare is None else bare_exponent(column.name, column.shown(bare))


def _two_spellings(column: ColumnCells, texts: dict[int, str], values: dict[int, Value]) -> Doubt | None:
    """Find two texts that are one number and two ids, such as 1.1 and 1.10, or 8 and 08."""
    first: dict[Value, int] = {}
    for index, text in texts.items():
        if spelled := spelling(text):
            other = first.setdefault(values[index], index)
            if spelling(texts[other]) != spelled:
                return two_ids(column.name, column.shown(other), column.shown(index))
    return None
