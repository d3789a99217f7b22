"""Writes that earlier runs of this machine left unchecked in the same spreadsheet, whatever tabs and cycle they had."""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import replace

from config.errors import OkrsyncError
from config.loading.loader import Config
from connectors.okr_sheet import SheetWriter
from connectors.registry import Context
from syncer.ledger.lock import workspace_lock
from syncer.run.journal import STATE, Journal, Keep, journals_beside, open_journal
from syncer.run.owed import Pending, restores
from syncer.run.repair import finish
from syncer.sheet.open_sheet import open_writer, sheet_name


def finish_left(config: Config, context: Context, writer: SheetWriter, key: str) -> Keep:
    """Put right what killed runs had hit; what keeps the writes of this one. Raises SheetError, LedgerError.

    A journal of other tabs or another cycle is left to whoever runs with it, and to the next run where one of its tabs
    is not there.
    """
    stated = config.workspace.okr_sheet
    keep, left = open_journal(config.base_dir, key, stated)
    if left is not None:
        finish(writer, left, stated, keep)
    for other in journals_beside(config.base_dir, key):
        if _is_of(config, other):
            with ExitStack() as held:
                try:
                    held.enter_context(workspace_lock(config.base_dir / STATE, other.key))
                except OkrsyncError:
                    continue  # its run is under way
                _finish_other(config, context, other)
    return keep


def _is_of(config: Config, other: Journal) -> bool:
    from connectors.google_sheets.client import spreadsheet_id

    mine = config.workspace.okr_sheet
    return mine.file is None and spreadsheet_id(sheet_name(config)) == spreadsheet_id(other.stated.spreadsheet or "")


def _finish_other(config: Config, context: Context, other: Journal) -> None:
    keep, left = open_journal(config.base_dir, other.key, other.stated)
    if left is None:
        return
    every_tab = config.workspace.okr_sheet.model_copy(update={"tabs": ()})
    workspace = config.workspace.model_copy(update={"okr_sheet": every_tab})
    with closing(open_writer(replace(config, workspace=workspace), context)) as writer:
        image = writer.read()
        by_id = {sheet_id: title for title, sheet_id in image.ids.items()}
        now = {title: by_id.get(sheet_id, "") for title, sheet_id in left.image.ids.items()}
        hit = {write.tab for write in (*left.batch.cells, *restores(left.owed))}
        made = {tab.title for tab in left.batch.new_tabs}
        if not all(now.get(title, title) in image.tabs for title in hit - made):
            return
        stated = other.stated.model_copy(update={"tabs": tuple(now.get(title, title) for title in other.stated.tabs)})
        finish(writer, _with_titles(left, now), stated, keep)


def _with_titles(pending: Pending, now: Mapping[str, str]) -> Pending:
    """A write with its tabs called as they are called now."""

    def at(title: str) -> str:
        return now.get(title, title)

    batch, image = pending.batch, pending.image
    return replace(
        pending,
        image=replace(image, tabs={at(title): replace(tab, title=at(title)) for title, tab in image.tabs.items()}),
        batch=replace(
            batch,
            cells=tuple(replace(write, tab=at(write.tab)) for write in batch.cells),
            inserts=tuple(replace(insert, tab=at(insert.tab)) for insert in batch.inserts),
        ),
        owed=tuple(replace(one, tab=at(one.tab)) for one in pending.owed),
        shapes={at(title): shape for title, shape in pending.shapes.items()},
        traces={
            at(title): replace(trace, first=replace(trace.first, title=at(title)))
            for title, trace in pending.traces.items()
        },
    )
