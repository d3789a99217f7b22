"""Read the sources and the sheet and compute, without writing; the first half of most commands."""

from datetime import datetime

from config.loading.loader import Config
from connectors.okr_sheet import SheetReader
from connectors.registry import Context
from syncer.compute.assess import Assessment, assess
from syncer.ledger.recall import NOTHING as NO_RECALL
from syncer.ledger.recall import Recall
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

    Raises SheetError. A source that fails becomes a ReadError; only key results that use it are unknown.
    """
    read_options = read_options or ReadOptions()
    seen = read_sources(config, context, now, read_options)
    return assess(config, reader.read(), seen, now, read_options, recall)
