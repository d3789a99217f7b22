"""What was computed: key results, objectives and KPIs as they stand today."""

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
    """The actions beside a key result: how many are done, and how many there are. None is unknown."""

    done: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class KeyResultState:
    """A key result today.

    Attributes:
        current: what its current-value cell should hold; None when unknown.
        status: the computed one; `effective` is a person's where one was put over it.
        reason: why it is unknown, in words; empty when it is known. `cause` is its code.
        failed: a read failed (unlike data that holds no number).
        rows: how many rows its reads brought; None when unknown.
        why: its value in words; source: where it came from.
        values: the numbers it is made of: one, or one per part.
        projection: where its values of this cycle lead; delta: what changed since the last run. Both need a ledger.
        earlier: for each of them the readings of earlier periods, where a threshold is held over several.
        override: a person's status; remark: what is to be said about one that does not count.
        moved: how far its one number has come since the cycle, or else its baseline, began; None when unknown.
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
        """Whether it has a progress today."""
        return self.progress.progress is not None

    @property
    def shares(self) -> tuple[Decimal | None, ...]:
        """The progress of each of its parts; empty where it has none."""
        parts = self.definition.goal.parts if self.definition.goal else ()
        if not parts or len(self.values) != len(parts):
            return ()
        return tuple(
            part.progress([value], [before]).progress
            for (part, _), value, before in zip(parts, self.values, self.earlier, strict=True)
        )

    @property
    def effective(self) -> Status:
        """The status that counts."""
        return self.override.status if self.override else self.status

    @property
    def dropped(self) -> bool:
        """Whether it left the roll-up."""
        return self.effective is Status.DROPPED


@dataclass(frozen=True, slots=True)
class ObjectiveState:
    """An objective today.

    `override` is a person's status in its own row, shown beside the computed one of `rollup`; `remark` is what has to
    be said about one that does not count.
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
        """The status that counts."""
        return self.override.status if self.override else self.rollup.status


@dataclass(frozen=True, slots=True)
class KpiState:
    """A KPI today. With a `hold` it is a health metric, which is met or not; without one it is only watched."""

    name: str
    title: str
    value: Decimal | None
    status: Status | None
    hold: Goal | None
    percent: bool = False
    unit: str = ""
    reason: str = ""
    cause: Cause | None = None
