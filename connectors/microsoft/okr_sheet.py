"""OKR sheet in a workbook on OneDrive or SharePoint: downloaded, edited as a local workbook is, and uploaded.

An upload names the version that was downloaded (If-Match), so that it never replaces what somebody saved meanwhile.
"""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import PurePosixPath

from config.errors import SheetError, SourceError, StaleSheetError, UncertainWriteError
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from connectors.local_sheet.workbook_bytes import applied, image_of
from connectors.microsoft.drive_items import DriveItem
from connectors.microsoft.graph import GraphClient
from connectors.microsoft.links import shown
from connectors.microsoft.upload import LostAnswerError, Target, creating, replacing, upload
from connectors.okr_sheet import AskedTabs, SheetBatch, SheetImage, SheetReader, SheetWriter
from connectors.registry import Context

_NOT_WRITTEN = Message("Nothing was written.")
_AGAIN = Message("Run `okrsync sync` again: it reads the sheet again and writes what is still missing.")


def open_reader(
    name: str, connection: MicrosoftConnection, link: str, asked: AskedTabs, context: Context
) -> SheetReader:
    """Open a reader without any method to write; no request is sent. Raises SheetError."""
    return OnlineReader(_client(name, connection, context), link, asked)


def open_writer(
    name: str, connection: MicrosoftConnection, link: str, asked: AskedTabs, context: Context
) -> SheetWriter:
    """Open a reader and writer; no request is sent. Raises SheetError."""
    return OnlineWriter(_client(name, connection, context), link, asked)


def create(name: str, connection: MicrosoftConnection, link: str, data: bytes, context: Context) -> str:
    """Make a workbook at an address in a document library, where there is none; return its name.

    Raises SheetError: there is one, or it was refused; UncertainWriteError: no answer arrived.
    """
    client = _client(name, connection, context)
    doing = Message("microsoft {name!r}: making {file}", name=name, file=shown(link))
    try:
        _send(client, creating(client.place(link, doing)), data, doing)
    except SourceError as exc:
        raise _unread(exc) from exc
    finally:
        client.close()
    return shown(link)


def _client(name: str, connection: MicrosoftConnection, context: Context) -> GraphClient:
    try:
        return GraphClient(name, connection, context)
    except SourceError as exc:
        raise _unread(exc) from exc


class OnlineReader:
    """Reader of a workbook."""

    def __init__(self, client: GraphClient, link: str, asked: AskedTabs) -> None:
        self._client = client
        self._link = link
        self._asked = asked
        self._last: tuple[DriveItem, bytes, SheetImage] | None = None

    def read(self) -> SheetImage:
        """Download the workbook and read it. Raises SheetError."""
        doing = self._doing(shown(self._link))
        try:
            item = self._client.find(self._link, doing)
            _require_workbook(item, doing)
            data = self._client.download(item, self._doing(item.name))
        except SourceError as exc:
            raise _unread(exc) from exc
        return self._keep(item, data, self._image(item, data))

    def read_all(self) -> SheetImage:
        """Read all tabs of the workbook that was read. Raises SheetError."""
        item, data, image = self._current()
        asked = AskedTabs(image.all_tabs)
        return self._keep(item, data, image_of(data, item.name, asked, self._doing(item.name)))

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def _current(self) -> tuple[DriveItem, bytes, SheetImage]:
        """Return what was read last; read it if nothing was."""
        if self._last is None:
            self.read()
        assert self._last is not None  # noqa: S101 - this tells the type checker
        return self._last

    def _image(self, item: DriveItem, data: bytes) -> SheetImage:
        """Return the tabs that were asked for; all of an empty workbook, in which they are yet to be made."""
        doing = self._doing(item.name)
        try:
            return image_of(data, item.name, self._asked, doing)
        except SheetError:
            titles = image_of(data, item.name, AskedTabs(), doing).all_tabs
            whole = image_of(data, item.name, AskedTabs(titles), doing)
            if any(tab.rows for tab in whole.tabs.values()):
                raise
            return whole

    def _keep(self, item: DriveItem, data: bytes, image: SheetImage) -> SheetImage:
        image = replace(image, link=item.link, place=f"{item.drive}/{item.id}")
        self._last = item, data, image
        return image

    def _doing(self, file: str) -> str:
        return Message("microsoft {name!r}: reading {file}", name=self._client.name, file=file)


class OnlineWriter(OnlineReader):
    """Reader and writer of a workbook."""

    def write(self, batch: SheetBatch) -> SheetImage:
        """Apply the batch, upload the workbook, and download it again.

        Raises:
            StaleSheetError: somebody saved the workbook after it was read; nothing was written.
            UncertainWriteError: no answer arrived, or the workbook could not be read after the write.
            SheetError: the write was refused, as where somebody has the workbook open; nothing was written.
        """
        item, data, last = self._current()
        doing = Message("microsoft {name!r}: writing {file}", name=self._client.name, file=item.name)
        made, after = applied(data, batch, self._asked, last, doing)
        _send(self._client, replacing(item), made, doing)
        return self._verified(doing, tuple(after.tabs))

    def replace_whole(self, data: bytes) -> SheetImage:
        """Put another workbook in place of the one that was read, which is empty. Raises as `write` does."""
        item, _, _ = self._current()
        doing = Message("microsoft {name!r}: writing {file}", name=self._client.name, file=item.name)
        _send(self._client, replacing(item), data, doing)
        return self._verified(doing, ())

    def _verified(self, doing: str, titles: Sequence[str]) -> SheetImage:
        """Download the workbook after a write. Raises UncertainWriteError."""
        try:
            image = self.read()
            return image if set(titles) <= set(image.tabs) else self.read_all()
        except SheetError as exc:
            effect = Message("It was written, but its current content is not known.")
            raise UncertainWriteError(doing, exc.saw, effect=effect, advice=_AGAIN) from exc


def _send(client: GraphClient, target: Target, data: bytes, doing: str) -> None:
    """Upload a workbook. Raises UncertainWriteError, StaleSheetError, SheetError."""
    try:
        upload(client, target, data, doing)
    except LostAnswerError as exc:
        client.restart()
        effect = Message("Whether the write arrived is not known.")
        raise UncertainWriteError(doing, exc.saw, effect=effect, advice=_AGAIN) from exc
    except SourceError as exc:
        kind = StaleSheetError if exc.status == HTTPStatus.PRECONDITION_FAILED else SheetError
        raise kind(exc.doing, exc.saw, effect=_NOT_WRITTEN, advice=exc.advice) from exc


def _require_workbook(item: DriveItem, doing: str) -> None:
    """Check that a file is an .xlsx. Raises SheetError."""
    suffix = PurePosixPath(item.name).suffix.lower()
    if suffix != ".xlsx":
        saw = Message("an OKR sheet in OneDrive or SharePoint is a .xlsx, not '{suffix}'", suffix=suffix or item.name)
        advice = Message("Save it as an Excel workbook (.xlsx), and put its link into `okr_sheet.link`.")
        raise SheetError(doing, saw, effect=_NOT_WRITTEN, advice=advice)


def _unread(exc: SourceError) -> SheetError:
    return SheetError(exc.doing, exc.saw, effect=_NOT_WRITTEN, advice=exc.advice)
