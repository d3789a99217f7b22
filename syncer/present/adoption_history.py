"""Reads what the adoption view needs: the OKR sheet and the ledger's check-ins; no source is asked."""

from syncer.compute.assess import definitions
from syncer.compute.check_ins import new_check_ins
from syncer.ledger.records import CheckIn
from syncer.present.adoption import Adoption, adoption_of
from syncer.run.run_records import key_of
from syncer.run.workspace import Opened
from syncer.sheet.open_sheet import open_reader
from syncer.sheet.view import view_sheet


def look_at_adoption(opened: Opened) -> Adoption:
    """The adoption today; check-ins that no run has recorded yet count as well. Raises SheetError, LedgerError."""
    config = opened.config
    reader = open_reader(config, opened.context)
    try:
        image = reader.read()
    finally:
        reader.close()
    view = view_sheet(image, config.workspace.okr_sheet)
    found = definitions(config, view)
    with opened.ledger(readonly=True) as ledger:
        recorded = ledger.check_ins(key_of(config))
    known: dict[str, list[CheckIn]] = {}
    for one in recorded:
        known.setdefault(one.key_result, []).append(one)
    fresh = new_check_ins(view, {definition.id for definition in found}, known, opened.now)
    return adoption_of(config, image.title, found, [*recorded, *fresh], opened.now.date())
