"""Sources of other packages: what they raise costs the reads that they have not answered, never the run."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from config.connection_types import ConnectionType, failure
from config.errors import SourceError
from config.message import Message
from config.tables import Table
from connectors.protocol import Read, ReadError, Reading, RowStore, Source


@dataclass(frozen=True, slots=True)
class Fault:
    """Makes errors of what a package's code raises when it serves a connection."""

    connection: str
    type: ConnectionType

    def error(self, exc: Exception) -> SourceError:
        """What it raised, as an error."""
        return SourceError(
            Message("{type} '{name}'", type=self.type.name, name=self.connection),
            failure(exc),
            effect="Its key results were left as they were.",
            advice=Message("This is a bug in {package}; please report it there.", package=self.type.package),
        )


class ForeignSource:
    """A source of another package."""

    def __init__(self, source: Source, fault: Fault) -> None:
        self._source = source
        self._fault = fault

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""
        return self._source.tables

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Give its answers, and one error for each read that is not answered when it raises."""
        answered = set()
        try:
            for answer in self._source.read(reads, into):
                answered.add(answer.read.key)
                yield answer
        except Exception as exc:  # noqa: BLE001 - whatever a stranger's code raises
            error = self._fault.error(exc)
            yield from (ReadError(read, error) for read in reads if read.key not in answered)

    def close(self) -> None:
        """Free what it holds; the answers are there already."""
        with suppress(Exception):
            self._source.close()
