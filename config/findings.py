"""Collection of the problems that checks find, with the file and line of each."""

from collections.abc import Iterable, Mapping

from config.errors import Problem
from config.places import Place, find_place


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
