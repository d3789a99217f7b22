"""Answer reads of one file, wherever its bytes came from."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from config.dataclass import dataclass
from config.errors import SourceError
from config.tables import QueryKey
from connectors.files.file_tables import FileTable, table_or_error
from connectors.grids.columns import CELL_KEYS, notes_of
from connectors.grids.layout import LAYOUT_KEYS
from connectors.protocol import Read, ReadError, Reading, RowStore, store_rows

FORM_KEYS = (
    QueryKey("tab", "XLSX: the tab; default: the first visible one.", required=False),
    QueryKey("rows", "JSON: JMESPath to the list of rows, such as data.items.", required=False),
    QueryKey("encoding", "The encoding of a text, such as big5; default: found out.", required=False),
    QueryKey("delimiter", "CSV: the delimiter, such as ; or tab; default: found out.", required=False),
    *LAYOUT_KEYS,
    *CELL_KEYS,
)
"""Query keys that say how a file is to be read."""


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file that was read.

    Attributes:
        data: its content.
        name: its name, whose ending is the kind of file.
        asked: what was asked for, for display.
        read_at: when it was read.
        link: its web address, if it has one.
    """

    data: bytes
    name: str
    asked: str
    read_at: datetime
    link: str = ""


def answers(file: WholeFile, group: Sequence[Read], into: RowStore, doing: str) -> Iterator[Reading | ReadError]:
    """Yield one answer per read of a file; reads with the same query are parsed once."""
    made: dict[tuple[tuple[str, str], ...], FileTable | SourceError] = {}
    for read in group:
        key = tuple(sorted(read.query.items()))
        if key not in made:
            made[key] = table_or_error(file.data, file.name, read, doing)
        yield _answer(read, made[key], file, into)


def _answer(read: Read, made: FileTable | SourceError, file: WholeFile, into: RowStore) -> Reading | ReadError:
    if isinstance(made, SourceError):
        return ReadError(read, made)
    if not read.count_only:
        store_rows(into, read, made.columns, made.rows)
    parts = [file.asked, *(f"{name} {read.query[name]}" for name in ("tab", "rows") if read.query.get(name))]
    return Reading(
        read,
        len(made.rows),
        file.read_at,
        " ".join(parts),
        link=file.link,
        notes=made.notes,
        warnings=made.warnings,
        types=notes_of(made.columns),
        failed=made.failed,
    )
