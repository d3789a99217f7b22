"""Read files in OneDrive and SharePoint as tables. Each file is downloaded once for all its reads."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

from config.connection_types import Connection
from config.errors import SourceError
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from config.placeholders import fill
from config.tables import QueryKey, Table
from connectors.files.answers import FORM_KEYS, WholeFile, answers
from connectors.microsoft.graph import GraphClient
from connectors.microsoft.links import shown
from connectors.protocol import Read, ReadError, Reading, RowStore
from connectors.registry import Context

_TABLES = MappingProxyType(
    {
        "rows": Table(
            "rows",
            "The rows of a file in OneDrive or SharePoint: XLSX, CSV, JSON or JSON lines; its headers are the columns.",
            (QueryKey("link", "The file's address, as Copy path, Copy link or the browser gives it."), *FORM_KEYS),
            open=True,
        )
    }
)


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the one table `rows`, whose columns come from the file."""
    return _TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> "MicrosoftSource":
    """Open a source without sending a request. Raises SourceError: an unset secret or unreadable certificates."""
    return MicrosoftSource(GraphClient(name, cast("MicrosoftConnection", connection), context))


class MicrosoftSource:
    """Source of files, several of which are downloaded at once."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, file by file."""
        by_link: dict[str, list[Read]] = {}
        for read in reads:
            by_link.setdefault(_link(read), []).append(read)
        with ThreadPoolExecutor(self._client.lanes) as pool:
            found = [(link, group, pool.submit(self._file, link)) for link, group in by_link.items()]
            try:
                for _, group, file in found:
                    yield from self._answers(group, file.result(), into)
            finally:
                for _, _, file in found:
                    file.cancel()

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _answers(
        self, group: Sequence[Read], file: WholeFile | SourceError, into: RowStore
    ) -> Iterator[Reading | ReadError]:
        if isinstance(file, SourceError):
            yield from (ReadError(read, file) for read in group)
        else:
            yield from answers(file, group, into, self._doing(file.name))

    def _file(self, link: str) -> WholeFile | SourceError:
        """Find and download a file, or say why it could not be."""
        try:
            item = self._client.find(link, self._doing(shown(link)))
            data = self._client.download(item, self._doing(item.name))
        except SourceError as exc:
            return exc
        return WholeFile(data, item.name, item.name, datetime.now(UTC), item.link)

    def _doing(self, file: str) -> str:
        return Message("microsoft {name!r}: reading {file}", name=self._client.name, file=file)


def _link(read: Read) -> str:
    """Return the link with its placeholders filled: `.../export-{today}.csv` becomes `.../export-2026-11-02.csv`."""
    return fill(read.query["link"], read.instants, lambda moment: moment.date().isoformat())
