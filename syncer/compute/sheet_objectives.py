"""Objectives that only the sheet states, added to the config, so that key results in rows roll up. Pure."""

from dataclasses import replace

from config.loading.loader import Config
from config.models import Objective
from syncer.compute.row_definitions import ObjectiveNames, text_in
from syncer.sheet.headings import Heading, heading_of, team_of_tab
from syncer.sheet.layout import SheetRow, cell_id
from syncer.sheet.new_ids import Ids, own_text
from syncer.sheet.view import SheetView


def with_sheet_objectives(config: Config, view: SheetView) -> Config:
    """Add the objectives of rows that the config does not state, with the id of their own row or the next free one."""
    stated = dict(config.workspace.objectives)
    nested = {entry.id for entry in config.key_results if entry.objective_id}
    ids = Ids([*stated, *(entry.id for entry in config.key_results), *view.by_id, *view.duplicates])
    added: dict[str, Objective] = {}
    seen: set[str] = set()
    names = ObjectiveNames(config)
    for row in view.rows:
        named = names.named_by(row)
        if row.id in nested or not named or named in stated or named in seen:
            continue
        heading = heading_of(row.layout, row.row)
        if heading is None:
            continue
        seen.add(named)
        key = _own_id(row, heading) or ids.of(heading.title, is_objective=True)
        team = text_in(row, "team") if "team" in row.layout.columns else team_of_tab(row.layout, len(view.layouts))
        added[key] = Objective(title=heading.title, team=team or None)
    if not added:
        return config
    workspace = config.workspace.model_copy(update={"objectives": {**stated, **added}})
    return replace(config, workspace=workspace)


def _own_id(row: SheetRow, heading: Heading) -> str:
    """Return the id of the objective's own row; empty if a key result is in it."""
    cell = row.layout.cell(heading.row, "id")
    return "" if cell is None or own_text(row.layout, heading.row, "title") else cell_id(cell)
