"""The status that people put over the computed one: whose it is, why, and until when. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from config.loading.loader import Config
from config.message import Message
from config.plain_text import one_line
from config.scalars import parse_date
from connectors.okr_sheet import EMPTY
from syncer.method.status import Status
from syncer.model.cells import as_text
from syncer.sheet.layout import SheetRow
from syncer.sheet.status_words import status_of_text
from syncer.sheet.view import SheetView


@dataclass(frozen=True, slots=True)
class Override:
    """A person's status for one row. `until` is the last day it holds; None: until it is cleared."""

    status: Status
    owner: str
    reason: str
    until: date | None


def override_in(row: SheetRow | None, owner: str, today: date) -> tuple[Override | None, str]:
    """The override in a row that holds today, and what has to be said about one that does not.

    `owner` is whose it is where the row names nobody.
    """
    stated = _text(row, "override")
    if not stated or row is None:
        return None, ""
    status = status_of_text(stated)
    if status is None:
        return None, Message(
            "the status override '{stated}' is no status; write one of {choices}",
            stated=stated,
            choices=list(Status),
        )
    until, wrong = _until(row)
    if wrong:
        return None, Message(
            "the status override does not count: its end '{wrong}' is no date; write 2026-10-01", wrong=wrong
        )
    if until is not None and today > until:
        return None, Message("the status override '{stated}' lapsed on {until}", stated=stated, until=until)
    return Override(status, _text(row, "override_owner") or owner, _text(row, "override_reason"), until), ""


Overrides = Mapping[str, tuple[Override | None, str]]
"""By objective: its override, and what has to be said about one that does not count."""


def objective_overrides(config: Config, view: SheetView, today: date) -> Overrides:
    """What people put over the objectives of the config, in the objectives' own rows."""
    return {
        key: override_in(view.row_of(key), objective.owner or "", today)
        for key, objective in config.workspace.objectives.items()
        if key not in view.duplicates
    }


def override_sentences(override: Override | None, remark: str) -> Iterator[str]:
    """Whose status it is, until when and why; or why one does not count."""
    if override is not None:
        until = Message(" until {until}", until=override.until) if override.until else ""
        who = one_line(override.owner) if override.owner else Message("somebody")
        reason = Message(": ") + one_line(override.reason) if override.reason else ""
        yield Message("status set by {who}{until}{reason}", who=who, until=until, reason=reason)
    if remark:
        yield remark


def _until(row: SheetRow) -> tuple[date | None, str]:
    """The last day of the override, or the text that is none."""
    cell = row.cell("override_expiry") or EMPTY
    if isinstance(cell.value, date) or (cell.value is None and cell.error is None):
        return cell.value, ""
    try:
        return parse_date(cell.error or as_text(cell.value)), ""
    except ValueError:
        return None, cell.error or as_text(cell.value)


def _text(row: SheetRow | None, column: str) -> str:
    cell = row.cell(column) if row else None
    return as_text(cell.value).strip() if cell and cell.error is None else ""
