"""Read the sources and the sheet and compute, without writing; the first half of most commands."""

from datetime import datetime

from config.loading.loader import Config
from connectors.okr_sheet import SheetReader
from connectors.registry import Context
from syncer.compute.assess import Assessment, assess
from syncer.compute.basis import basis_of
from syncer.ledger.recall import NOTHING as NO_RECALL
from syncer.ledger.recall import Recall
from syncer.run.same_sheet import require_same_sheet
from syncer.sheet.preview_ids import with_ids
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
    return assess(basis_of(config, with_ids(config, image).image, recall, now), seen, now, read_options)
