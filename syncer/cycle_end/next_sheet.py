"""The next cycle's OKR sheet: a new file or new tabs named after the cycle, with the key results that go on."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePosixPath
from urllib.parse import quote

from config.cycles import Cycle
from config.dataclass import dataclass
from config.errors import SheetError
from config.loading.loader import Config
from config.loading.workspace_files import shown
from config.message import Message
from config.scalars import Amount
from config.yaml_scalar import yaml_scalar
from connectors.google_sheets.links import spreadsheet_id
from connectors.microsoft.links import address_of
from connectors.microsoft.links import shown as shown_link
from connectors.registry import Context
from syncer.compute.assess import Assessment
from syncer.compute.definitions import Definition
from syncer.compute.row_definitions import text_in
from syncer.cycle_end.carry import Carrier, Rebased
from syncer.cycle_end.close import Closing
from syncer.cycle_end.yaml_edit import YamlText
from syncer.make_sheet.new_google_sheet import make_google_sheet
from syncer.make_sheet.new_sheet import NewRow, make_local_sheet, make_online_sheet
from syncer.sheet.columns import KINDS
from syncer.sheet.layout import SheetRow, history_title
from syncer.sheet.open_sheet import open_writer

_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
_LAID_OUT = ("header_row", "last_synced")
"""Options about places in the old sheet, which the new one does not have."""
_TEXTS = ("title", "owner", "team", "unit")


@dataclass(frozen=True, slots=True)
class NextPlace:
    """Where the next cycle's sheet is: a file or its link, or tabs of the same spreadsheet by the old tab's title."""

    file: str
    tabs: Mapping[str, str]
    history: str = ""
    link: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of tabs that have to be new in the spreadsheet; none for a file."""
        return () if self.file or self.link else tuple(filter(None, (*self.tabs.values(), self.history)))


def next_place(assessment: Assessment, cycle: Cycle) -> NextPlace:
    """Name the next cycle's sheet after its cycle. A new file keeps the titles of its tabs."""
    workspace = assessment.config.workspace
    before, titles = workspace.cycle.name, [layout.tab.title for layout in assessment.view.layouts]
    stated = workspace.okr_sheet
    if stated.link is not None:
        return NextPlace("", {title: title for title in titles}, link=_next_link(stated.link, before, cycle.name))
    if stated.file is not None:
        path = PurePosixPath(stated.file.replace("\\", "/"))
        name = _file_name(path.stem, before, cycle.name)
        return NextPlace(str(path.with_name(name + path.suffix)), {title: title for title in titles})
    history = history_title(workspace)
    return NextPlace(
        "",
        {title: named_after(title, before, cycle.name) for title in titles},
        named_after(history, before, cycle.name) if history else "",
    )


def _file_name(stem: str, before: str, after: str) -> str:
    return _NOT_IN_FILE_NAMES.sub("-", named_after(stem, before, after, "-"))


def _next_link(link: str, before: str, after: str) -> str:
    """Name the next workbook in the same folder of OneDrive or SharePoint. Raises SheetError."""
    address = address_of(link)
    if address is None:
        raise SheetError(
            Message("making the sheet of {cycle}", cycle=after),
            Message("the link that Copy link gives does not tell the folder of the workbook"),
            effect="Nothing was written.",
            advice="Put the address that Copy path gives into `okr_sheet.link`.",
        )
    folder = shown_link(link).rpartition("/")[0]
    path = PurePosixPath(address.path)
    return f"{folder}/{quote(_file_name(path.stem, before, after))}{path.suffix}"


def named_after(name: str, before: str, after: str, joint: str = " ") -> str:
    """Put the name of a cycle in place of the earlier one's, or behind a name without it."""
    return name.replace(before, after) if before in name else f"{name}{joint}{after}"


def edit_place(text: YamlText, place: NextPlace, carrier: Carrier) -> None:
    """Write the place of the next cycle's sheet into the text of the config."""
    if place.file:
        text.replace("okr_sheet.file", f"file: {yaml_scalar(place.file)}")
    elif place.link:
        text.replace("okr_sheet.link", f"link: {yaml_scalar(place.link)}")
    else:
        tabs = f"tabs: [{', '.join(map(yaml_scalar, place.tabs.values()))}]"
        if text.has("okr_sheet.tabs"):
            text.replace("okr_sheet.tabs", tabs)
        else:
            text.add("okr_sheet", [tabs])
    if place.history:
        text.replace("okr_sheet.history_tab", f"history_tab: {yaml_scalar(place.history)}")
    for name in _LAID_OUT:
        if text.has(f"okr_sheet.{name}"):
            text.comment_out(f"okr_sheet.{name}", carrier.translate("of {cycle}:", cycle=carrier.cycle))


def require_free(config: Config, assessment: Assessment, place: NextPlace, doing: str) -> None:
    """Check that neither the file nor one of the tabs exists. Raises SheetError."""
    if place.file and (config.base_dir / place.file).exists():
        there, advice = place.file, Message("Move it away.")
    elif taken := [title for title in place.titles if title in assessment.image.all_tabs]:
        there, advice = taken[0], Message("Rename the tab, or delete it if nothing in it is needed.")
    else:
        return
    raise SheetError(
        doing, Message("{there} already exists", there=there), effect="Nothing was written.", advice=advice
    )


def next_rows(
    after: Config, closing: Closing, assessment: Assessment, place: NextPlace, rebased: Mapping[str, Rebased]
) -> tuple[NewRow, ...]:
    """Build the rows of the new sheet: objectives of the new config, and the key results that go on."""
    ended = {one.id for one in closing.key_results if not one.carried}
    rows: dict[str, list[NewRow]] = {key: [] for key in after.workspace.objectives}
    for state in assessment.key_results:
        definition = state.definition
        if definition.id in ended:
            continue
        row = assessment.view.row_of(definition.id, definition.former_id)
        objective = after.workspace.objectives.get(definition.objective)
        rows.setdefault(definition.objective, []).append(
            NewRow(
                definition.id,
                (objective.title if objective else "") or definition.objective,
                definition,
                dict(_typed(definition, row, rebased.get(definition.id), after.workspace.language)),
                place.tabs.get(row.layout.tab.title, "") if row else "",
            )
        )
    found: list[NewRow] = []
    for key, below in rows.items():
        if key in after.workspace.objectives:
            tab = below[0].tab if below else ""
            found.append(NewRow(key, after.workspace.objectives[key].title or key, tab=tab))
        found += below
    return tuple(found)


def _typed(
    definition: Definition, row: SheetRow | None, new: Rebased | None, language: str
) -> Iterator[tuple[str, str | Amount]]:
    """Return the cells of a definition that people keep in the sheet, with the numbers of the next cycle."""
    if row is None:
        return
    for name in _TEXTS:
        if name not in definition.stated and (text := text_in(row, name)):
            yield name, text
    if definition.weight != 1 and "weight" not in definition.stated:
        yield "weight", Amount(definition.weight)
    if not definition.in_config:
        if source := text_in(row, "source"):
            yield "source", source
        if kind := text_in(row, "kind") or _kind(new, language):
            yield "kind", kind
    if baseline := _baseline(definition, row, new):
        yield "baseline", baseline
    target = _figure(row, "target")
    if target and "target" not in definition.stated and not (new and new.reached):
        yield "target", target


def _kind(new: Rebased | None, language: str) -> str:
    """Return the kind as a word, so that the new numbers cannot change the direction."""
    if new is None or new.kind is None or new.kind not in KINDS:
        return ""
    return KINDS[new.kind][0] if language == "zh-TW" else new.kind


def _baseline(definition: Definition, row: SheetRow, new: Rebased | None) -> str | Amount | None:
    """Return the baseline to type; `new` is None for a key result whose cycle goes on."""
    if "baseline" in definition.stated:
        return None
    if new is None:
        return _figure(row, "baseline")
    in_sheet = not definition.in_config or bool(text_in(row, "baseline"))
    return Amount(new.baseline, new.percent) if in_sheet and new.baseline is not None else None


def _figure(row: SheetRow, column: str) -> str | Amount | None:
    """Return a figure as it was typed, such as 80, 90% or <8h."""
    cell = row.cell(column)
    if cell is not None and isinstance(cell.value, Decimal):
        return Amount(cell.value, cell.percent)
    return text_in(row, column) or None


def make_next_sheet(after: Config, context: Context, rows: tuple[NewRow, ...]) -> str:
    """Make the new file or the new tabs; return their name. Raises SheetError."""
    sheet = after.workspace.okr_sheet
    if sheet.file is not None:
        return shown(make_local_sheet(after, rows))
    if sheet.link is not None:
        return make_online_sheet(after, context, rows)
    writer = open_writer(after, context)
    try:
        make_google_sheet(after, writer, rows)
    finally:
        writer.close()
    return f"{spreadsheet_id(sheet.spreadsheet or '')}: {', '.join((*sheet.tabs, sheet.own_tab))}"
