"""The bytes of a workbook as an OKR sheet, wherever they came from: an image of them, and a batch applied to them."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from config.errors import StaleSheetError
from config.message import Message
from connectors.local_sheet import xlsx_image, xlsx_sheet
from connectors.okr_sheet import AskedTabs, SheetBatch, SheetImage, Tab


def image_of(data: bytes, title: str, asked: AskedTabs, doing: str, more: Sequence[str] = ()) -> SheetImage:
    """Return the image of a workbook named `title`, and of its tabs `more`. Raises SheetError."""
    wanted = list(dict.fromkeys([*asked.tabs, *more])) if asked.tabs else []
    tabs, titles = xlsx_image.tabs_of(data, wanted, doing)
    missing = [name for name in (*more, *(name for name in asked.also if name in titles)) if name not in tabs]
    if missing:
        tabs = {**tabs, **xlsx_image.tabs_of(data, missing, doing)[0]}
    return SheetImage(title, tabs, datetime.now(UTC), titles, version_of(data))


def applied(
    data: bytes, batch: SheetBatch, asked: AskedTabs, last: SheetImage | None, doing: str
) -> tuple[bytes, SheetImage]:
    """Apply a batch to a workbook; return its bytes and image after it. `last`: an image read before.

    Raises StaleSheetError: the workbook is not the one that the batch was made for; SheetError: as `xlsx_sheet.apply`.
    """
    require_version(version_of(data), batch, doing)
    new = {tab.title for tab in batch.new_tabs}
    touched = {insert.tab for insert in batch.inserts} | {cell.tab for cell in batch.cells}
    before = _before(data, sorted(touched - new), asked, last, doing)
    made = xlsx_sheet.apply(data, batch, before, doing)
    return made, image_of(made, last.title if last else "", asked, doing, sorted(touched | new))


def _before(
    data: bytes, touched: Sequence[str], asked: AskedTabs, last: SheetImage | None, doing: str
) -> Mapping[str, Tab]:
    """Return the tabs to change before the write, from the last read if the file has not changed since."""
    if last is not None and last.version == version_of(data) and set(touched) <= set(last.tabs):
        return last.tabs
    return image_of(data, "", asked, doing, touched).tabs


def version_of(data: bytes, base: bytes | None = None) -> str:
    """Compute the version of a file: the SHA-256 of its bytes and of its memory file, in hexadecimal."""
    digest = hashlib.sha256(data)
    if base is not None:
        digest.update(hashlib.sha256(base).digest())
    return digest.hexdigest()


def require_version(version: str, batch: SheetBatch, doing: str) -> None:
    """Check that the file is the one that the batch was made for. Raises StaleSheetError."""
    if version != batch.version:
        saw = Message("it was changed after the plan was made")
        effect, advice = Message("Nothing was written."), Message("Run the command again: it makes a new plan.")
        raise StaleSheetError(doing, saw, effect=effect, advice=advice)
