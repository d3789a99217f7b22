"""Read a column as numbers, if their marks are stated or its cells allow only one reading."""

from collections.abc import Mapping

from config.cell_types import COMMA, POINT, CellType, Marks
from config.message import Message
from config.scalars import plain
from connectors.grids.cells import finite
from connectors.grids.column_cells import ColumnCells, Found
from connectors.grids.doubts import Doubt, bare_exponent, mixed_percents, two_ids, unclear_marks
from connectors.grids.numbers import (
    grouped,
    has_bare_exponent,
    is_id,
    not_simple,
    numbers_in,
    read_number,
    spelling,
)


def numbers(column: ColumnCells, stated: CellType | None) -> Found:
    """Return the cells that are numbers; the column is numbers if they are all cells."""
    texts = column.distinct()
    odd = {text: texts[text] for text in not_simple(texts)}
    if not stated and any(map(is_id, odd)):
        return Found("text", [None] * len(column.cells), "")
    marks, note, doubt = _marks(column, texts, odd, stated)
    read = numbers_in(texts, odd, marks)
    values = [
        read[cell] if isinstance(cell, str) else cell if type(cell) is float else finite(cell) for cell in column.cells
    ]  # those of `column.cells` are finite
    if not stated and not doubt and values.count(None) == column.cells.count(None):
        doubt = (
            _mixed_percents(column, odd, values) or _bare_exponents(column, odd) or _two_spellings(column, texts, read)
        )
    return Found("number", [*values], note, doubt)


def _marks(
    column: ColumnCells, texts: Mapping[str, int], odd: Mapping[str, int], stated: CellType | None
) -> tuple[Marks, str, Doubt | None]:
    """Choose the marks that read most texts; where both do and differ, the locale decides."""
    as_usual = Message("numbers, as configured") if stated else Message("numbers")
    if column.rules.marks:
        return column.rules.marks, Message("numbers such as {marks}, as configured", marks=column.rules.marks), None
    unlike = {
        text: reads
        for text in sorted([*odd, *grouped(texts)], key=texts.__getitem__)
        if (reads := {marks: read_number(text, marks) for marks in (POINT, COMMA)})[POINT] != reads[COMMA]
    }
    if not unlike:
        return POINT, as_usual, None
    counts = {POINT: sum("." in text and text not in odd and text not in unlike for text in column.texts), COMMA: 0}
    for text in column.texts:
        for marks, amount in unlike[text].items() if text in unlike else ():
            counts[marks] += amount is not None
    both = next((text for text, reads in unlike.items() if all(reads.values())), None)
    if counts[POINT] > counts[COMMA]:
        return POINT, as_usual, None
    if counts[COMMA] > counts[POINT]:
        cell = column.shown(next(texts[text] for text, reads in unlike.items() if reads[POINT] is None))
        return COMMA, Message("numbers such as {marks}, as {cell} shows", marks=COMMA, cell=cell), None
    if both is None:
        return POINT, as_usual, None
    if column.rules.locale and column.rules.locale.marks in counts:
        marks, locale = column.rules.locale.marks, column.rules.locale.name
        note = Message("numbers such as {marks}, by the sheet's locale {locale}", marks=marks, locale=locale)
        return marks, note, None
    may_be = [finite(amount.value) for amount in unlike[both].values() if amount]
    return POINT, as_usual, unclear_marks(column.name, column.shown(texts[both]), may_be)


def _mixed_percents(column: ColumnCells, texts: Mapping[str, int], values: list[float | None]) -> Doubt | None:
    """Find a percent among other numbers than 0; all cells are numbers."""
    percents = {text: index for text, index in texts.items() if plain(text).endswith("%")}
    if not percents:
        return None
    others = (index for index, cell in enumerate(column.cells) if values[index] and cell not in percents)
    other = next(others, None)
    first = next(iter(percents.values()))
    return None if other is None else mixed_percents(column.name, column.shown(first), column.shown(other))


def _bare_exponents(column: ColumnCells, texts: Mapping[str, int]) -> Doubt | None:
    bare = next((index for text, index in texts.items() if has_bare_exponent(text)), None)
    return None if bare is None else bare_exponent(column.name, column.shown(bare))


def _two_spellings(column: ColumnCells, texts: Mapping[str, int], read: Mapping[str, float | None]) -> Doubt | None:
    """Find two texts that are one number and two ids, such as 1.1 and 1.10, or 8 and 08."""
    if len(set(read.values())) == len(read):
        return None
    first: dict[float | None, str] = {}
    for text, number in read.items():
        if spelled := spelling(text):
            other = first.setdefault(number, text)
            if other is not text and spelling(other) != spelled:
                return two_ids(column.name, column.shown(texts[other]), column.shown(texts[text]))
    return None
