"""Read local CSV, XLSX, JSON and JSON lines files as tables. Each file is opened once for all its reads."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from config.errors import SourceError
from config.grants import Grants
from config.message import Message
from config.models import Connection
from config.placeholders import fill
from config.suggest import did_you_mean
from config.tables import QueryKey, Table
from connectors.files.answers import FORM_KEYS, WholeFile, answers
from connectors.files.file_tables import EFFECT
from connectors.files.open_file import UnusableFileError, read_file
from connectors.protocol import Read, ReadError, Reading, RowStore
from connectors.registry import Context

_TABLES = MappingProxyType(
    {
        "rows": Table(
            "rows",
            "The rows of a local CSV, XLSX, JSON or JSON lines file; its headers are the columns.",
            (
                QueryKey("path", "The file, relative to the config."),
                *FORM_KEYS,
            ),
            open=True,
        )
    }
)


def tables(_connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the one table `rows`, whose columns come from the file."""
    return _TABLES


def open_source(name: str, _connection: Connection | None, context: Context) -> "FilesSource":
    """Open local files; relative paths start at the context's `base_dir`."""
    return FilesSource(name, context.base_dir, context.grants)


class FilesSource:
    """Source of local files."""

    def __init__(self, name: str, base_dir: Path, grants: Grants | None = None) -> None:
        self.name = name
        self.base_dir = base_dir
        self.grants = grants

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by name."""
        return _TABLES

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        """Yield one answer per read, file by file."""
        by_path: dict[str, list[Read]] = {}
        for read in reads:
            by_path.setdefault(_path(read), []).append(read)
        for path, group in by_path.items():
            yield from self._file(path, group, into)

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _file(self, path: str, group: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        doing = Message("{name}: reading {path}", name=self.name, path=path)
        try:
            _require_granted(self.grants, path, doing)
            data = _bytes(self.base_dir, path, doing)
        except SourceError as exc:
            yield from (ReadError(read, exc) for read in group)
            return
        yield from answers(WholeFile(data, path, path, datetime.now(UTC)), group, into, doing)


def _path(read: Read) -> str:
    """Return the path with its placeholders filled: `export-{today}.csv` becomes `export-2026-11-02.csv`."""
    return fill(read.query["path"], read.instants, lambda moment: moment.date().isoformat())


def _require_granted(grants: Grants | None, path: str, doing: str) -> None:
    """Check a file that the workspace of a fleet reads: its placeholders could lead to a link. Raises SourceError."""
    if grants and not grants.has_file(path):
        advice = Message("Correct `path`, or ask whoever keeps the fleet's manifest.")
        raise SourceError(doing, grants.outside, effect=EFFECT, advice=advice)


def _bytes(base_dir: Path, stated: str, doing: str) -> bytes:
    path = base_dir
    try:
        path = base_dir / Path(stated).expanduser()
        return read_file(path)
    except FileNotFoundError as exc:
        near = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
        saw: str = Message("there is no such file{meant}", meant=did_you_mean(path.name, near))
        raise SourceError(
            doing, saw, effect=EFFECT, advice=Message("Correct `path`; it was looked for at {path}.", path=path)
        ) from exc
    except UnusableFileError as exc:
        advice = Message("`path` names a file of rows; export only what the key results need.")
        raise SourceError(doing, str(exc), effect=EFFECT, advice=advice) from exc
    except (OSError, RuntimeError, ValueError) as exc:  # the last two: no such home, a NUL
        saw = f"{type(exc).__name__}: {exc.strerror if isinstance(exc, OSError) else exc}"
        raise SourceError(doing, saw, effect=EFFECT, advice="`path` names a file that may be read.") from exc
