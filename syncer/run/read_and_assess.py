"""Read the sources and the sheet and compute, without writing; the first half of most commands."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from config.errors import SheetError
from config.loading.loader import Config
from connectors.okr_sheet import SheetReader
from connectors.protocol import ReadError
from connectors.registry import Context
from syncer.compute.assess import Assessment, assess
from syncer.ledger.recall import NOTHING as NO_RECALL
from syncer.ledger.recall import Recall
from syncer.run.same_sheet import require_same_sheet
from syncer.sheet.layout import Layout
from syncer.sheet.preview_ids import with_ids
from syncer.sheet.view import view_sheet
from syncer.sources.figures import Figure, MeasureResult
from syncer.sources.read_sources import ReadOptions, read_sources


def read_and_assess(
    config: Config,
    reader: SheetReader,
    context: Context,
    now: datetime,
    read_options: ReadOptions | None = None,
    recall: Recall = NO_RECALL,
) -> Assessment:
    """Read all sources, then the sheet (right before planning), then compute. `now` is in the workspace's zone.

    Raises SheetError, also for a copied config. A source that fails becomes a ReadError; only key results that use it
    are unknown.
    """
    read_options = read_options or ReadOptions()
    seen = read_sources(config, context, now, read_options)
    image = reader.read()
    require_same_sheet(config, image, recall.sheet)
    return assess(config, with_ids(config, image).image, seen, now, read_options, recall)


@dataclass(frozen=True, slots=True)
class Tried:
    """What every measure read, and the tabs of the sheet or why it could not be read."""

    config: Config
    now: datetime
    results: Mapping[str, MeasureResult]
    figures: Mapping[str, Figure]
    layouts: tuple[Layout, ...]
    sheet_error: SheetError | None

    @property
    def incomplete(self) -> bool:
        """Whether a measure failed or is unknown."""
        failed = any(isinstance(result.answer, ReadError) for result in self.results.values())
        return failed or any(figure.value is None for figure in self.figures.values())


def try_all(config: Config, open_sheet: Callable[[], SheetReader], context: Context, now: datetime) -> Tried:
    """Read all sources, then the sheet; neither keeps the other from being tried."""
    seen = read_sources(config, context, now, ReadOptions())
    try:
        with closing(open_sheet()) as reader:
            preview = with_ids(config, reader.read())
        layouts = preview.as_read(view_sheet(preview.image, config.workspace.okr_sheet).layouts)
    except SheetError as error:
        return Tried(config, now, seen.results, seen.figures, (), error)
    return Tried(config, now, seen.results, seen.figures, layouts, None)
