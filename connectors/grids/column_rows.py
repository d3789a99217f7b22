"""Rows of a table whose values are kept by column, which takes a fraction of the memory of a dictionary per row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from connectors.protocol import Row, Value


class ColumnRows(Sequence[Row]):
    """Rows by column name, made when they are asked for, from columns of values of the same length."""

    def __init__(self, columns: Mapping[str, Sequence[Value]], count: int) -> None:
        self._columns = columns
        self._count = count

    def values(self, name: str) -> Sequence[Value]:
        """Return the values of one column; None in all rows for another name."""
        return self._columns.get(name) or [None] * self._count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> "ColumnRows": ...

    def __getitem__(self, at: int | slice) -> "Row | ColumnRows":
        if isinstance(at, slice):
            return ColumnRows({name: values[at] for name, values in self._columns.items()}, len(range(self._count)[at]))
        place = range(self._count)[at]
        return {name: values[place] for name, values in self._columns.items()}

    def __iter__(self) -> Iterator[Row]:
        if not self._columns:
            return iter([{}] * self._count)
        return (dict(zip(self._columns, row, strict=True)) for row in zip(*self._columns.values(), strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]
