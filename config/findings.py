"""Problems, collected while checks go on."""

from collections.abc import Iterable, Mapping

from config.errors import Problem
from config.places import Place, find_place


class Findings:
    """All that was found so far, each at the line where its path stands. The same finding counts once."""

    def __init__(self, places: Mapping[str, Place], file: str) -> None:
        self._places = places
        self._file = file
        self._found: dict[Problem, None] = {}

    def add(self, path: str, message: str) -> None:
        """Note what is wrong at a dotted path."""
        place = find_place(self._places, path, Place(self._file))
        self.extend([Problem(place.file, place.line, path, message)])

    def is_included(self, path: str) -> bool:
        """Whether a dotted path stands in an included file, not in the config itself."""
        return find_place(self._places, path, Place(self._file)).file != self._file

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note what others found."""
        self._found.update(dict.fromkeys(problems))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found, in the order of finding."""
        return tuple(self._found)
