"""Rows of a table whose values are kept by column, which takes a fraction of the memory of a dictionary per row."""

from collections.abc import Mapping, Sequence
from typing import overload

from connectors.protocol import Row, Value


class ColumnRows(Sequence[Row]):
    """Rows by column name, made when they are asked for, from columns of values of the same length."""

    def __init__(self, columns: Mapping[str, Sequence[Value]], count: int) -> None:
        self._names = tuple(columns)
        self._columns = tuple(columns.values())
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, int):
            place = range(self._count)[at]
            return {name: values[place] for name, values in zip(self._names, self._columns, strict=True)}
        if not self._names:
            return [{} for _ in range(self._count)[at]]
        parts = [values[at] for values in self._columns]
        return [dict(zip(self._names, row, strict=True)) for row in zip(*parts, strict=True)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self[:] == list(other)

    __hash__ = None  # type: ignore[assignment]
