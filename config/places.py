"""Places in config files: a file, a line and a column for each dotted path."""

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands; line and column count from 1, line 0 is the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def find_place(places: Mapping[str, Place], path: str, default: Place) -> Place:
    """Where a path stands, or the nearest thing around it that stands somewhere."""
    while path and path not in places:
        path = path.rpartition(".")[0]
    return places[path] if path else default
