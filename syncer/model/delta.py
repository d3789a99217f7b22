"""Changes between two runs, and the rows behind them."""

from dataclasses import dataclass
from decimal import Decimal

Keys = tuple[str, ...]


Step = tuple[Decimal, Decimal]
"""(before, after)."""


@dataclass(frozen=True, slots=True)
class MeasureDelta:
    """Changes of one measure between two runs. Keys are in natural order: CORE-7 before CORE-12.

    Attributes:
        noun: kind of its rows, such as `issues`; `became`: the one value its condition asks for, or empty.
        began: existing rows that now count; stopped: existing rows that no longer count.
        added: new rows, `added_counting` of which count (None: the measure has no condition); left: removed rows.
        rows, counted: change in the number of rows where keys are not known on both sides; None if unknown.
        redefined: the query or the value in the config differs from that of the earlier run.
        moved: the number changed although no row was added or removed, or changed whether it counts.
    """

    measure: str
    noun: str
    became: str
    began: Keys = ()
    stopped: Keys = ()
    added: Keys = ()
    added_counting: int | None = None
    left: Keys = ()
    rows: int | None = None
    counted: int | None = None
    redefined: bool = False
    moved: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether there is no change to report."""
        keys = (*self.began, *self.stopped, *self.added, *self.left)
        return not (keys or self.rows or self.counted or self.redefined or self.moved)


@dataclass(frozen=True, slots=True)
class Delta:
    """Changes of one key result: its goal, and each measure with changes in `measures`."""

    baseline: Step | None = None
    target: Step | None = None
    measures: tuple[MeasureDelta, ...] = ()
    several: bool = False
    """Whether the key result has more than one measure, so that each change names its measure."""

    @property
    def says_nothing(self) -> bool:
        """Whether there is no change to report."""
        return self.baseline is None and self.target is None and not self.measures


NOTHING = Delta()
