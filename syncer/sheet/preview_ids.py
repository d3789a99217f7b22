"""A sheet whose rows have no ids yet, as it would look with them: for a dry run, which writes nothing. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from config.dataclass import dataclass
from config.loading.loader import Config
from connectors.okr_sheet import EMPTY, MEMORY_TAB, Cell, SheetImage, Tab
from syncer.sheet.columns import header_of, normal_header
from syncer.sheet.layout import Layout, find_headers, rows_of
from syncer.sheet.new_ids import NewId, ids_for, new_ids


@dataclass(frozen=True, slots=True)
class Preview:
    """The image with ids, the tabs that have none in the sheet, and titles that stand in several of their rows."""

    image: SheetImage
    tabs: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()

    def as_read(self, layouts: Sequence[Layout]) -> tuple[Layout, ...]:
        """Return the layouts without the columns of ids that the sheet does not have."""
        return tuple(
            replace(layout, columns={name: index for name, index in layout.columns.items() if name != "id"})
            if layout.tab.title in self.tabs
            else layout
            for layout in layouts
        )


def with_ids(config: Config, image: SheetImage) -> Preview:
    """Give ids to the rows of tabs without an id column: those of the config by title, else new ones.

    A tab whose headers cannot be found, and a config that names the header of the ids, are left to `view_sheet`, which
    says what is wrong.
    """
    layouts = _layouts(config, image)
    bare = [layout for layout in layouts if "id" not in layout.columns]
    if not bare or "id" in config.workspace.okr_sheet.columns:
        return Preview(image)
    ids = ids_for(config, [row.id for layout in layouts if "id" in layout.columns for row in rows_of(layout)])
    given = {layout.tab.title: tuple(new_ids(layout, ids)) for layout in bare}
    head = header_of("id", config.workspace.language)
    tabs: Mapping[str, Tab] = {
        **image.tabs,
        **{layout.tab.title: _with_column(layout, given[layout.tab.title], head) for layout in bare},
    }
    count = Counter(normal_header(new.title) for found in given.values() for new in found if not new.is_objective)
    doubled = dict.fromkeys(
        new.title for found in given.values() for new in found if count[normal_header(new.title)] > 1
    )
    return Preview(replace(image, tabs=tabs), tuple(given), tuple(doubled))


def _layouts(config: Config, image: SheetImage) -> Sequence[Layout]:
    sheet = config.workspace.okr_sheet
    own = {MEMORY_TAB, sheet.own_tab, *sheet.history_titles}
    visible = [title for title, tab in image.tabs.items() if not tab.hidden and title not in own]
    named = [title for title in sheet.tabs or visible[:1] if title in image.tabs]
    return [layout for title in named if (layout := find_headers(image.tabs[title], sheet))]


def _with_column(layout: Layout, ids: Sequence[NewId], head: str) -> Tab:
    """Return the tab with a column of ids right of all others."""
    width = max(len(row) for row in layout.tab.rows)
    column = {layout.header_row: head, **{new.row: new.id for new in ids}}
    rows = [
        (*row, *[EMPTY] * (width - len(row)), Cell(column[number])) if number in column else row
        for number, row in enumerate(layout.tab.rows)
    ]
    return replace(layout.tab, rows=tuple(rows))
