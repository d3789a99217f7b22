"""Positions in config files: a file, a line and a column for each dotted path."""

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """A position in a file. Line and column count from 1; line 0 is the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def find_place(places: Mapping[str, Place], path: str, default: Place) -> Place:
    """Return the position of a dotted path, or of its nearest parent that has one, or else `default`."""
    while path and path not in places:
        path = path.rpartition(".")[0]
    return places[path] if path else default
