"""Wrapper of sources from other packages: their exceptions fail only unanswered reads, never the run."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from config.connection_types import ConnectionType, failure
from config.errors import SourceError
from config.message import Message
from config.tables import Table
from connectors.protocol import Read, ReadError, Reading, RowStore, Source


def package_error(name: str, found: ConnectionType, exc: Exception) -> SourceError:
    """Convert an exception of a package's code for the connection `name` into a SourceError."""
    return SourceError(
        Message("{type} '{name}'", type=found.name, name=name),
        failure(exc),
        effect="Its key results were left as they were.",
        advice=Message("This is a bug in {package}; please report it there.", package=found.package),
    )


class ForeignSource:
    """Source from another package, with its exceptions converted to SourceError."""

    def __init__(self, name: str, found: ConnectionType, source: Source) -> None:
        self._name = name
        self._type = found
        self._source = source

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return self._source.tables

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield the source's answers, and an error for each unanswered read when the source raises."""
        answered = set()
        try:
            for answer in self._source.read(reads, into):
                answered.add(answer.read.key)
                yield answer
        except Exception as exc:  # noqa: BLE001 - whatever a stranger's code raises
            error = package_error(self._name, self._type, exc)
            yield from (ReadError(read, error) for read in reads if read.key not in answered)

    def close(self) -> None:
        """Close the source and ignore its exceptions, since all answers have arrived."""
        with suppress(Exception):
            self._source.close()
