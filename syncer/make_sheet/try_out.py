"""`check --online`: try every measure and the OKR sheet, and find what `init --sheet` would make or add."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from config.dataclass import dataclass
from config.errors import SheetError
from config.loading.loader import Config
from connectors.okr_sheet import SheetImage
from connectors.protocol import ReadError
from connectors.registry import Context
from syncer.make_sheet.missing_tabs import NewSheet, new_file, new_tabs
from syncer.make_sheet.proposal import Proposal, propose, whole_image
from syncer.sheet.layout import Layout, has_content, no_known_headers
from syncer.sheet.open_sheet import open_reader
from syncer.sheet.preview_ids import with_ids
from syncer.sheet.view import view_sheet
from syncer.sources.figures import Figure, MeasureResult
from syncer.sources.read_sources import ReadOptions, read_sources


@dataclass(frozen=True, slots=True)
class Tried:
    """What every measure read, and the tabs of the sheet or why it could not be read.

    Attributes:
        new_sheet: what `init --sheet` would make; None where nothing has to be made.
        additions: what it would add to the tabs that are there.
    """

    config: Config
    now: datetime
    results: Mapping[str, MeasureResult]
    figures: Mapping[str, Figure]
    layouts: tuple[Layout, ...] = ()
    sheet_error: SheetError | None = None
    new_sheet: NewSheet | None = None
    additions: Proposal | None = None

    @property
    def incomplete(self) -> bool:
        """Whether a measure failed or is unknown."""
        failed = any(isinstance(result.answer, ReadError) for result in self.results.values())
        return failed or any(figure.value is None for figure in self.figures.values())


def try_all(config: Config, context: Context, now: datetime) -> Tried:
    """Read all sources, then the sheet; neither keeps the other from being tried. Writes nothing."""
    seen = read_sources(config, context, now, ReadOptions())
    tried = Tried(config, now, seen.results, seen.figures)
    file = config.workspace.okr_sheet.file
    if file is not None and not (config.base_dir / file).exists():
        return replace(tried, new_sheet=new_file(config, file))
    try:
        with closing(open_reader(config, context)) as reader:
            image = reader.read()
            whole = whole_image(config, image, reader)
        new_sheet = new_tabs(config, image) if config.workspace.okr_sheet.has_own_tab else None
        if config.workspace.okr_sheet.link and not any(map(has_content, whole.tabs.values())):
            return replace(tried, new_sheet=new_file(config, whole.title))
        additions = propose(config, whole).keeping()
        layouts = _layouts_there(config, additions) if new_sheet else _layouts(config, image)
    except SheetError as error:
        return replace(tried, sheet_error=error)
    return replace(tried, layouts=layouts, new_sheet=new_sheet, additions=None if additions.empty else additions)


def _layouts_there(config: Config, additions: Proposal) -> tuple[Layout, ...]:
    """Return the layouts of the tabs that are there. Raises SheetError if one has no known headers."""
    if additions.unread:
        raise no_known_headers(additions.unread[0], config.workspace.okr_sheet)
    return tuple(tab.layout for tab in additions.tabs)


def _layouts(config: Config, image: SheetImage) -> tuple[Layout, ...]:
    preview = with_ids(config, image)
    return preview.as_read(view_sheet(preview.image, config.workspace.okr_sheet).layouts)
