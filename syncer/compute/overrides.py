"""Status overrides: a status set by a person in place of the computed one, with owner, reason and expiry. Pure."""

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
    """Status override in one row. `until` is the last day of its validity; None: until it is cleared."""

    status: Status
    owner: str
    reason: str
    until: date | None


def override_in(row: SheetRow | None, owner: str, today: date) -> tuple[Override | None, str]:
    """Return the valid override of a row, and a remark on an invalid or expired one.

    `owner` is used if the row names no owner of the override.
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
"""(override, remark on an invalid or expired one) by objective."""


def objective_overrides(config: Config, view: SheetView, today: date) -> Overrides:
    """Return the overrides in the rows of the config's objectives."""
    return {
        key: override_in(view.row_of(key), objective.owner or "", today)
        for key, objective in config.workspace.objectives.items()
        if key not in view.duplicates
    }


def override_sentences(override: Override | None, remark: str) -> Iterator[str]:
    """Describe an override: owner, expiry and reason; or why it is not valid."""
    if override is not None:
        until = Message(" until {until}", until=override.until) if override.until else ""
        who = one_line(override.owner) if override.owner else Message("somebody")
        reason = Message(": ") + one_line(override.reason) if override.reason else ""
        yield Message("status set by {who}{until}{reason}", who=who, until=until, reason=reason)
    if remark:
        yield remark


def _until(row: SheetRow) -> tuple[date | None, str]:
    """Return the last day of the override, or the text that is not a date."""
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
