"""OKR sheet in a local XLSX workbook or CSV file, locked during writes and replaced atomically."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from config.errors import SheetError, UncertainWriteError
from config.message import Message
from connectors.files.open_file import UnusableFileError, read_file
from connectors.local_sheet import csv_sheet
from connectors.local_sheet.workbook_bytes import applied, image_of, require_version, version_of
from connectors.okr_sheet import AskedTabs, SheetBatch, SheetImage, SheetReader, SheetWriter

_NOTHING = Message("Nothing was written.")


def open_reader(path: Path, tabs: Sequence[str] = (), also: Sequence[str] = ()) -> SheetReader:
    """Open a reader of a local OKR sheet, without any method to write. `also`: further tabs to read if they exist.

    Raises SheetError: the file is not .xlsx or .csv.
    """
    return CsvReader(path, tabs) if _is_csv(path) else XlsxReader(path, tabs, also)


def open_writer(path: Path, tabs: Sequence[str] = (), also: Sequence[str] = ()) -> SheetWriter:
    """Open a reader and writer of a local OKR sheet. Raises SheetError: the file is not .xlsx or .csv."""
    return CsvWriter(path, tabs) if _is_csv(path) else XlsxWriter(path, tabs, also)


class XlsxReader:
    """Reader of a workbook."""

    def __init__(self, path: Path, tabs: Sequence[str], also: Sequence[str] = ()) -> None:
        self._path = path
        self._asked = AskedTabs(tuple(tabs), tuple(also))
        self._last: SheetImage | None = None

    def read(self) -> SheetImage:
        """Read the sheet. Raises SheetError."""
        return self._read(self._asked)

    def read_all(self) -> SheetImage:
        """Read all tabs. Raises SheetError."""
        return self._read(AskedTabs((self._last or self.read()).all_tabs))

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _read(self, asked: AskedTabs) -> SheetImage:
        doing = Message("reading {path}", path=self._path)
        self._last = image_of(read_bytes(self._path, doing), self._path.name, asked, doing)
        return self._last


class XlsxWriter(XlsxReader):
    """Reader and writer of a workbook."""

    def write(self, batch: SheetBatch) -> SheetImage:
        """Apply the batch; return the sheet after it. Raises StaleSheetError, UncertainWriteError, SheetError."""
        doing = Message("writing {path}", path=self._path)
        with locked(self._path, doing):
            wanted, after = applied(read_bytes(self._path, doing), batch, self._asked, self._last, doing)
            replace(self._path, wanted, doing)
            require_written(self._path, wanted, doing)
        self._last = after
        return after


class CsvReader:
    """Reader of a CSV and its memory file."""

    def __init__(self, path: Path, tabs: Sequence[str]) -> None:
        self._path = path
        self._tabs = tuple(tabs)

    def read(self) -> SheetImage:
        """Read the sheet. Raises SheetError."""
        doing = Message("reading {path}", path=self._path)
        return self._image(*self._files(doing), doing)

    def read_all(self) -> SheetImage:
        """Read the sheet, which has one tab. Raises SheetError."""
        return self.read()

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _files(self, doing: str) -> tuple[bytes, bytes | None]:
        base = csv_sheet.base_path(self._path)
        return read_bytes(self._path, doing), read_bytes(base, doing) if base.exists() else None

    def _image(self, data: bytes, base: bytes | None, doing: str) -> SheetImage:
        tabs = csv_sheet.tabs_of(data, base, self._path.stem, self._tabs, doing)
        return SheetImage(self._path.name, tabs, datetime.now(UTC), tuple(tabs), version_of(data, base))


class CsvWriter(CsvReader):
    """Reader and writer of a CSV."""

    def write(self, batch: SheetBatch) -> SheetImage:
        """Apply the batch; return the sheet after the write. Raises StaleSheetError, UncertainWriteError, SheetError.

        The memory file is replaced after the data: a crash in between leaves the new values and an old memory file,
        which the next run updates silently. In the other order, values written by okrsync would look edited by people.
        """
        doing = Message("writing {path}", path=self._path)
        with locked(self._path, doing):
            data, base = self._files(doing)
            require_version(version_of(data, base), batch, doing)
            before = self._image(data, base, doing).tabs
            wanted, wanted_base = csv_sheet.apply(data, base, batch, before, doing)
            after = self._image(wanted, wanted_base, doing)
            replace(self._path, wanted, doing)
            require_written(self._path, wanted, doing)
            if wanted_base is not None and wanted_base != base:
                replace(csv_sheet.base_path(self._path), wanted_base, doing, like=self._path)
        return after


def read_bytes(path: Path, doing: str) -> bytes:
    """Read the bytes of a file. Raises SheetError."""
    try:
        return read_file(path)
    except UnusableFileError as exc:
        advice = "Name an .xlsx or .csv file in `okr_sheet.file`."
        raise SheetError(doing, str(exc), effect=_NOTHING, advice=advice) from exc
    except FileNotFoundError as exc:
        advice = "Correct `okr_sheet.file`, or make the sheet with `okrsync init --sheet`."
        raise SheetError(doing, "there is no such file", effect=_NOTHING, advice=advice) from exc
    except OSError as exc:
        saw = f"{type(exc).__name__}: {exc.strerror}"
        raise SheetError(doing, saw, effect=_NOTHING, advice="Check that it is a readable file.") from exc


def require_written(path: Path, wanted: bytes, doing: str) -> None:
    """Read the file back and compare it with the written bytes. Raises UncertainWriteError where they differ."""
    if read_bytes(path, doing) != wanted:
        saw = Message("the file is not what was written: another program wrote it at the same moment")
        raise UncertainWriteError(doing, saw, advice="Run the command again: it reads and plans again.")


def obstacle(path: Path, doing: str, effect: str) -> SheetError | None:
    """Return why a file must not be written, because an office program has it open or it is read-only; else None."""
    path = path.resolve()
    for marker in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if marker.exists():
            saw = Message("it is open in another program ({name})", name=marker.name)
            advice = Message(
                "Close it there and run the command again; if no program has it open, delete {name}.", name=marker.name
            )
            return SheetError(doing, saw, effect=effect, advice=advice)
    with contextlib.suppress(FileNotFoundError):
        if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
            advice = Message("Give this user write access: chmod u+w {name}", name=path.name)
            return SheetError(doing, Message("it is read-only"), effect=effect, advice=advice)
    return None


@contextmanager
def locked(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file `.<name>.lock` of a file.

    Raises SheetError: another run or an office program uses the file, or the lock file cannot be created.
    """
    from filelock import FileLock, Timeout

    path = path.resolve()
    if error := obstacle(path, doing, _NOTHING):
        raise error
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    try:
        with lock:
            yield
    except Timeout as exc:
        advice = "Wait until it is done, and run the command again."
        raise SheetError(doing, "another okrsync is writing it", effect=_NOTHING, advice=advice) from exc
    except PermissionError as exc:
        advice = "Check that its folder is writable."
        raise SheetError(
            doing, Message("no lock can be made ({strerror})", strerror=exc.strerror), effect=_NOTHING, advice=advice
        ) from exc


def replace(path: Path, data: bytes, doing: str, *, like: Path | None = None) -> None:
    """Replace a file atomically, with fsync. Raises SheetError; the old file is unchanged then.

    The permissions are kept; a new file gets those of `like`, the file that was written before.
    """
    path, model = path.resolve(), (like or path).resolve()
    effect = "The values were written, but not recorded." if like else _NOTHING
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as exc:
        raise _unwritable(exc, doing, effect) from exc
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod((path if path.exists() else model).stat().st_mode & 0o7777)
        Path(name).replace(path)
    except OSError as exc:
        raise _unwritable(exc, doing, effect) from exc
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _unwritable(exc: OSError, doing: str, effect: str) -> SheetError:
    saw = f"{type(exc).__name__}: {exc.strerror or exc}"
    return SheetError(doing, saw, effect=effect, advice="Check the disk's space and the folder's permissions.")


def _is_csv(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        saw = Message("an OKR sheet is a .xlsx or a .csv, not '{suffix}'", suffix=suffix or path.name)
        advice = "Save it as an Excel workbook (.xlsx) or as CSV, and correct `okr_sheet.file`."
        raise SheetError(Message("opening {path}", path=path), saw, effect=_NOTHING, advice=advice)
    return suffix == ".csv"
