"""Computed states of key results, objectives and KPIs."""

from dataclasses import dataclass
from decimal import Decimal

from connectors.okr_sheet import CellValue
from syncer.compute.definitions import Definition
from syncer.compute.overrides import Override
from syncer.compute.projection import NO_PROJECTION, Projection
from syncer.method.kinds.goal import Goal
from syncer.method.progress import Progress
from syncer.method.rollup import RollUp
from syncer.method.status import Status
from syncer.model.cause import Cause
from syncer.model.delta import NOTHING as NO_DELTA
from syncer.model.delta import Delta


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
