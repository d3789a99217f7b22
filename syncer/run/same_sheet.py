"""Recognize the OKR sheet of a workspace, so that a copied config is refused before anything is written."""

from dataclasses import replace
from pathlib import Path

from config.errors import SheetError
from config.identity import has_own_ledger, id_line
from config.loading.loader import Config
from config.message import Message
from connectors.google_sheets.links import spreadsheet_id
from connectors.okr_sheet import MEMORY_TAB, SheetImage
from syncer.ledger.records import Scope, SheetRecord
from syncer.model.plan import Plan
from syncer.sheet.view import memory_key, run_that_wrote

_ONLINE = "microsoft:"
"""How the place of a workbook in OneDrive or SharePoint begins; it stays when the file is renamed or moved."""


def scope_of(config: Config) -> Scope:
    """Return the workspace and cycle of a config, by which ledger and lock know them."""
    return Scope(config.workspace.id, config.workspace.cycle.name)


def sheet_of(config: Config, image: SheetImage) -> SheetRecord:
    """Return the sheet that was read; its id is empty for a workbook that okrsync never wrote for this workspace."""
    scope, stated = scope_of(config), config.workspace.okr_sheet
    if stated.spreadsheet is not None:
        return SheetRecord(*scope, spreadsheet_id(stated.spreadsheet))
    if stated.file is None:
        return SheetRecord(*scope, _id_in(image, scope.workspace), _ONLINE + image.place)
    return SheetRecord(*scope, _id_in(image, scope.workspace), str((config.base_dir / stated.file).resolve()))


def sheet_after(config: Config, image: SheetImage, plan: Plan, run: str) -> SheetRecord:
    """Return the sheet as it is after `run` wrote a plan made from `image`: the run's id is that of a new file."""
    found = sheet_of(config, image)
    made = not found.sheet and memory_key(found.workspace) in plan.remember
    return replace(found, sheet=run) if made else found


def require_same_sheet(config: Config, image: SheetImage, known: SheetRecord | None) -> None:
    """Check that the sheet is the one that the ledger knows for this workspace and cycle.

    A file that was moved, or that is read on another machine, is the same; a copy of it is another, and so is a file
    without the memory of the known one, unless it has the same path and the ledger lies in the config's own folder.
    Raises SheetError.
    """
    if known is None:
        return
    found = sheet_of(config, image)
    if _same(config, found, known):
        return
    raise SheetError(
        "looking at the OKR sheet of this workspace",
        _difference(found, known, image),
        effect="Nothing was written.",
        advice=Message(
            "Copied config? New id: {line}. If the workspace has moved to this sheet for good, run `okrsync sync "
            "--moved` once.",
            line=id_line(config.base_dir),
        ),
    )


def _difference(found: SheetRecord, known: SheetRecord, image: SheetImage) -> Message:
    if found.place.startswith(_ONLINE):
        return Message("{sheet} is another workbook than the one that the ledger knows", sheet=image.link)
    seen, before = found.place or found.sheet, known.place or known.sheet
    if seen == before:
        return Message("{sheet} is another file than the one that the ledger knows by that path", sheet=seen)
    return Message(
        "the ledger knows it with the sheet {before}, but this config names {seen}", before=before, seen=seen
    )


def _same(config: Config, found: SheetRecord, known: SheetRecord) -> bool:
    if found.sheet == known.sheet:
        return found.place == known.place or not _is_copied(found, known)
    same_path = bool(found.place) and found.place == known.place
    return same_path and has_own_ledger(config.workspace.ledger, config.base_dir)


def _is_copied(found: SheetRecord, known: SheetRecord) -> bool:
    """Whether the file is still where the ledger knows it, so that the one found is a copy of it."""
    from connectors.local_sheet.okr_sheet import open_reader

    if found.place.startswith(_ONLINE):
        return known.place.startswith(_ONLINE)
    before = Path(known.place)
    try:
        if before.samefile(found.place):
            return False
        return _id_in(open_reader(before).read(), known.workspace) == known.sheet
    except (OSError, SheetError):
        return False  # it has moved, or it is a path of another machine


def _id_in(image: SheetImage, workspace: str) -> str:
    """Return the id of a local file: the run that first wrote it for the workspace; empty if none did."""
    return run_that_wrote(image.tabs.get(MEMORY_TAB), memory_key(workspace))
