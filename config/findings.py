"""Problems that checks find, and positions in config files: a file, a line and a column for each dotted path."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from config.errors import Problem


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


class Findings:
    """Problems found so far, each with the file and line of its path. Equal problems are kept once."""

    def __init__(self, places: Mapping[str, Place], file: str) -> None:
        self._places = places
        self._file = file
        self._found: dict[Problem, None] = {}

    def add(self, path: str, message: str) -> None:
        """Add a problem at a dotted path."""
        place = find_place(self._places, path, Place(self._file))
        self.extend([Problem(place.file, place.line, path, message)])

    def is_included(self, path: str) -> bool:
        """Return whether a dotted path is in an included file instead of the config itself."""
        return find_place(self._places, path, Place(self._file)).file != self._file

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems that already have a place."""
        self._found.update(dict.fromkeys(problems))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems in the order in which they were added."""
        return tuple(self._found)
