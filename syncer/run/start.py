"""Start a run: refuse what must not run, and read while the rest of the pipeline is loaded."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.loading.loader import Config
from connectors.registry import Context
from syncer.run.workspace import cycles_of, require_open, succeeded
from syncer.sources.read_sources import ReadingUnderWay, ReadOptions, ledger_read_options, reading_in_background
from syncer.sources.reads import side_by_side

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger
    from syncer.model.plan import Plan
    from syncer.run.pipeline import RunReport


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run."""

    adopt: bool = False
    """Take over cells that were filled before okrsync's first run."""
    overwrite: frozenset[str] = frozenset()
    """Ids in whose rows manual changes are overwritten."""
    force: bool = False
    only_plan: str | None = None
    """Fingerprint of a reviewed plan; any other plan is refused."""
    moved: bool = False
    """The workspace has another sheet from now on."""
    as_of: bool = False
    """`now` is in the past: measures that cannot be queried as of then are unknown. Only for a dry run."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run whose sources are being read."""

    config: Config
    context: Context
    now: datetime
    options: Options
    read_options: ReadOptions
    sources: ReadingUnderWay


def dry_run(config: Config, context: Context, now: datetime, options: Options) -> "RunReport":
    """Plan without writing; the sheet is opened read-only. Raises SheetError.

    The sheet is read beside the sources, since nothing will be written to what it shows.
    """
    read_options = ReadOptions(as_of=options.as_of)
    with reading_in_background(config, context, now, read_options) as sources:
        from syncer.sheet.open_sheet import open_reader

        with closing(open_reader(config, context)) as reader, side_by_side(1, "sheet") as beside:
            image = beside.submit(reader.read)
            from syncer.run import pipeline

            return pipeline.dry_run(Started(config, context, now, options, read_options, sources), image)


def sync(
    config: Config,
    context: Context,
    now: datetime,
    options: Options,
    open_ledger: "Callable[[], AbstractContextManager[Ledger]]",
    fingerprint: "Callable[[Plan], str]",
) -> "RunReport":
    """Plan, check, write, verify and record. Raises StaleSheetError, SheetError, LedgerError."""
    require_open("syncing", cycles_of(config))
    if refusal := succeeded(config, now):
        raise refusal
    context = replace(context, writes_through=config.workspace.okr_sheet.connection or "")
    read_options = ledger_read_options(config)
    with reading_in_background(config, context, now, read_options) as sources:
        from syncer.run.sync import sync as sync_started

        return sync_started(Started(config, context, now, options, read_options, sources), open_ledger, fingerprint)
