"""Computed states of key results, objectives and KPIs, and the status overrides that people set in place of them."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from config.dataclass import dataclass
from config.loading.loader import Config
from config.message import Message
from config.models import LargeNumbers
from config.plain_text import one_line
from config.scalars import parse_date
from connectors.okr_sheet import EMPTY, CellValue
from syncer.compute.definitions import Definition
from syncer.compute.projection import NO_PROJECTION, Projection
from syncer.method.goal import Goal
from syncer.method.progress import Progress
from syncer.method.status import RollUp, Status
from syncer.model.cells import as_text
from syncer.model.history import NOTHING as NO_DELTA
from syncer.model.history import Cause, Delta
from syncer.model.number_style import NumberStyle
from syncer.sheet.columns import status_of_text
from syncer.sheet.layout import SheetRow
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
            "the status override '{stated}' is not a status; write one of {choices}",
            stated=stated,
            choices=list(Status),
        )
    until, wrong = _until(row)
    if wrong:
        return None, Message(
            "the status override does not count: its end '{wrong}' is not a date; write 2026-10-01", wrong=wrong
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


@dataclass(frozen=True, slots=True)
class WorkState:
    """Actions of a key result: number done and total. None is unknown."""

    done: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class KeyResultState:
    """State of a key result today.

    Attributes:
        current: content of its current-value cell; None if unknown.
        status: computed status; `effective` takes an override into account.
        reason: why it is unknown; empty if it is known. `cause` is the code of the reason.
        failed: whether a read failed (as opposed to data without a number).
        rows: number of rows read; None if unknown.
        why: how the value was obtained; source: where it came from.
        values: the underlying numbers: one, or one per part.
        projection: forecast for the cycle; delta: changes since the last run. Both need a ledger.
        earlier: readings of earlier periods for each number, if a threshold spans several periods.
        override: status set by a person; remark: why an override is not valid.
        moved: change of a single number since the start of the cycle, or else since its baseline; None if unknown.
        due_since: day since which a check-in is due; None if none is due.
    """

    definition: Definition
    current: CellValue
    progress: Progress
    expected: Decimal
    status: Status
    reason: str = ""
    cause: Cause | None = None
    failed: bool = False
    rows: int | None = None
    why: str = ""
    source: str = ""
    values: tuple[Decimal | None, ...] = ()
    projection: Projection = NO_PROJECTION
    delta: Delta = NO_DELTA
    earlier: tuple[tuple[Decimal, ...], ...] = ()
    override: Override | None = None
    remark: str = ""
    work: WorkState | None = None
    moved: Decimal | None = None
    due_since: date | None = None

    @property
    def known(self) -> bool:
        """Whether the key result has a progress today."""
        return self.progress.progress is not None

    @property
    def shares(self) -> tuple[Decimal | None, ...]:
        """Progress of each part; empty for a goal without parts."""
        parts = self.definition.goal.parts if self.definition.goal else ()
        if not parts or len(self.values) != len(parts):
            return ()
        return tuple(
            part.progress([value], [before]).progress
            for (part, _), value, before in zip(parts, self.values, self.earlier, strict=True)
        )

    @property
    def effective(self) -> Status:
        """The override's status if there is one, else the computed status."""
        return self.override.status if self.override else self.status

    @property
    def dropped(self) -> bool:
        """Whether the key result is excluded from the roll-up."""
        return self.effective is Status.DROPPED


@dataclass(frozen=True, slots=True)
class ObjectiveState:
    """State of an objective today.

    `override` is a person's status in the objective's row, displayed next to the computed one in `rollup`; `remark`
    says why an override is not valid.
    """

    id: str
    title: str
    team: str
    rollup: RollUp
    expected: Decimal
    override: Override | None = None
    remark: str = ""

    @property
    def effective(self) -> Status:
        """The override's status if there is one, else the rolled-up status."""
        return self.override.status if self.override else self.rollup.status


def known_sentence(known: int, total: int) -> Message:
    """Describe how many members of a roll-up have a value."""
    return Message("{known} of {total} has data", "{known} of {total} have data", count=known, known=known, total=total)


def trailing_sentences(rollup: RollUp) -> Iterator[Message]:
    """Describe how many members of a roll-up are off track, and how many at risk; nothing when none is."""
    if rollup.off_track:
        yield Message("{count} of {total} off track", count=rollup.off_track, total=rollup.total)
    if rollup.at_risk:
        yield Message("{count} of {total} at risk", count=rollup.at_risk, total=rollup.total)


@dataclass(frozen=True, slots=True)
class KpiState:
    """State of a KPI today. With a `hold` condition it is a health metric, which is met or not."""

    name: str
    title: str
    value: Decimal | None
    status: Status | None
    hold: Goal | None
    percent: bool = False
    unit: str = ""
    reason: str = ""
    cause: Cause | None = None
    large: LargeNumbers = "digits"

    @property
    def style(self) -> NumberStyle:
        """How its numbers are shown."""
        return NumberStyle(self.percent, self.unit, self.large, self.hold.numbers if self.hold else ())
