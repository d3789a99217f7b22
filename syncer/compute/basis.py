"""The inputs of an assessment before values come: config, sheet, history, and definitions made of them. Pure."""

from datetime import datetime

from config.dataclass import dataclass
from config.loading.loader import Config
from connectors.okr_sheet import SheetImage
from syncer.compute.check_ins import rows_of, with_check_ins
from syncer.compute.definitions import Definition, from_config, from_row
from syncer.compute.row_definitions import ObjectiveNames
from syncer.compute.sheet_objectives import with_sheet_objectives
from syncer.ledger.recall import Recall
from syncer.model.history import Past
from syncer.sheet.view import SheetView, view_sheet


@dataclass(frozen=True, slots=True)
class Basis:
    """All inputs of an assessment but the values.

    `config` has the objectives that only the sheet states, `recall` the check-ins since the last run.
    """

    config: Config
    image: SheetImage
    view: SheetView
    definitions: tuple[Definition, ...]
    recall: Recall


def basis_of(config: Config, image: SheetImage, recall: Recall, now: datetime) -> Basis:
    """Find the definitions of all key results; the sources may still be read meanwhile."""
    view = view_sheet(image, config.workspace.okr_sheet)
    config = with_sheet_objectives(config, view)
    defined = definitions(config, view, recall.past)
    recall = with_check_ins(recall, rows_of(view, defined, config.workspace.objectives), now)
    return Basis(config, image, view, defined, recall)


def definitions(config: Config, view: SheetView, past: Past | None = None) -> tuple[Definition, ...]:
    """List the key results of the config in config order, then those only in the sheet in sheet order."""
    names = ObjectiveNames(config)
    known = []
    for entry in config.key_results:
        row = view.row_of(entry.id, entry.definition.was or "")
        named = names.named_by(row) if row and not entry.objective_id else ""
        known.append(from_config(config, entry, row, past, named))
    taken = {key for definition in known for key in (definition.id, definition.former_id)} | set(
        config.workspace.objectives
    )
    unknown = (row for row in view.rows if row.id not in taken and row.id not in view.duplicates)
    found = [from_row(config, row, names.named_by(row)) for row in unknown]
    return (*known, *(one for one in found if one is not None and not (one.manual and _was_written(view, one.id))))


def _was_written(view: SheetView, key: str) -> bool:
    """Whether okrsync wrote the value in a row: that of a key result which is no longer in the config."""
    return view.base.values.get((key, "current")) is not None
