"""Bounds on the number of rows and cells of a file, so that reading it takes bounded memory and time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from config.message import Message

MOST_ROWS = 400_000
MOST_CELLS = 800_000
"""What is read within 10 s on a modest machine: docs/files.md has the figures."""

_Row = TypeVar("_Row", bound=Sequence[object])


class TooManyCellsError(ValueError):
    """A file with more rows or cells than can be read."""


def bounded(rows: Iterable[_Row], *, most_rows: int = MOST_ROWS, most_cells: int = MOST_CELLS) -> Iterator[_Row]:
    """Yield the rows. Raises TooManyCellsError above the limits."""
    cells = 0
    for number, row in enumerate(rows, 1):
        cells += len(row)
        if number > most_rows:
            raise TooManyCellsError(Message("it has more than {most:,} rows", most=most_rows))
        if cells > most_cells:
            raise TooManyCellsError(Message("it has more than {most:,} cells", most=most_cells))
        yield row


def require_few_values(text: str) -> None:
    """Check a JSON text before it is parsed, by its brackets and commas. Raises TooManyCellsError."""
    if text.count("{") + text.count("[") > MOST_ROWS:
        raise TooManyCellsError(Message("it has more than {most:,} objects and lists", most=MOST_ROWS))
    if text.count(",") > MOST_CELLS:
        raise TooManyCellsError(Message("it has more than {most:,} values", most=MOST_CELLS))
