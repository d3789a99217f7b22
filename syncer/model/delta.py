"""What changed between two runs, and in which rows."""

from dataclasses import dataclass
from decimal import Decimal

Keys = tuple[str, ...]


Step = tuple[Decimal, Decimal]
"""Before and after."""


@dataclass(frozen=True, slots=True)
class MeasureDelta:
    """What changed under one measure. Keys are in natural order: CORE-7 before CORE-12.

    Attributes:
        noun: what its rows are, such as `issues`; `became`: the one value its condition asks for, or empty.
        began: rows that were there and count now; stopped: rows that are there and count no more.
        added: rows that were not there, `added_counting` of them count (None: there is no condition); left: rows gone.
        rows, counted: how many more or fewer, where keys are not known on both sides; None where that is not known.
        redefined: the config states another query or value than then.
        moved: the number is another one though no row came, went, or began to count.
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
        """Whether there is nothing to tell."""
        keys = (*self.began, *self.stopped, *self.added, *self.left)
        return not (keys or self.rows or self.counted or self.redefined or self.moved)


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed for one key result: its goal, and under its measures. `measures` leaves out the silent ones."""

    baseline: Step | None = None
    target: Step | None = None
    measures: tuple[MeasureDelta, ...] = ()
    several: bool = False
    """Whether the key result stands on more than one measure, so that each has to be named."""

    @property
    def says_nothing(self) -> bool:
        """Whether there is nothing to tell."""
        return self.baseline is None and self.target is None and not self.measures


NOTHING = Delta()
