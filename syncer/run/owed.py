"""What a write under way owes people: cells that it hit by mistake, and what stood there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.grids.a1 import cell_name
from connectors.okr_sheet import Cell, CellValue, CellWrite, RowInsert, SheetBatch, SheetImage
from syncer.model.cells import same
from syncer.model.plan import Key
from syncer.run.account import Traces
from syncer.run.alignment import Shape
from syncer.run.columns import INSIDE_A_MERGE


@dataclass(frozen=True, slots=True)
class Owed:
    """One cell that okrsync hit by mistake: what it holds of ours, and what stood there.

    `id` is the key result whose row it is, empty for a row without one. `known` is False where nobody can tell what
    stood there, as in a row made during the run; it is cleared then. `reformat`: its number format was changed too.
    `formula`: what it holds is a formula of another cell's, put back there by mistake; `holds` is its result then.
    """

    tab: str
    row: int
    column: int
    holds: CellValue
    before: Cell
    id: str = ""
    known: bool = True
    reformat: bool = False
    formula: bool = False

    @property
    def cell(self) -> str:
        """Its tab and its address."""
        return f"{self.tab}!{cell_name(self.row, self.column)}"

    def is_held_by(self, cell: Cell) -> bool:
        """Whether a cell still reads as what okrsync put there."""
        return same(self.holds, cell.value) and self.formula == (cell.formula is not None)


@dataclass(frozen=True, slots=True)
class Pending:
    """A write under way: the sheet it was planned on, with what was owed already put back, and the batch.

    `shapes` by tab: known since an earlier round, for a tab whose headers people renamed since. `traces`: what earlier
    rounds did.
    """

    run: str
    image: SheetImage
    batch: SheetBatch
    owed: tuple[Owed, ...] = ()
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    traces: Traces = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a write came to. `image` is the sheet as if all that is owed were put back already.

    `doubtful` says which cells read like okrsync's and were left alone, or were cleared and may have held words.
    """

    image: SheetImage
    owed: tuple[Owed, ...] = ()
    missed: frozenset[Key] = frozenset()
    doubtful: tuple[str, ...] = ()
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    traces: Traces = field(default_factory=dict)


def restores(owed: Sequence[Owed]) -> tuple[CellWrite, ...]:
    """The writes that put back what is owed."""
    return tuple(
        CellWrite(one.tab, one.row, one.column, one.before.value, restored=one.before, reformat=one.reformat)
        for one in owed
    )


def can_be_put_back(one: Owed, now: SheetImage) -> bool:
    """Whether a cell is there to be written: not in a tab that is gone, not protected against us."""
    return one.tab in now.tabs and now.tabs[one.tab].cell(one.row, one.column).locked in (None, INSIDE_A_MERGE)


def after_inserts(owed: Sequence[Owed], inserts: Sequence[RowInsert]) -> tuple[Owed, ...]:
    """What is owed, at its place after a batch's inserts."""
    for insert in inserts:
        owed = [
            replace(one, row=one.row + insert.count) if one.tab == insert.tab and one.row >= insert.row else one
            for one in owed
        ]
    return tuple(owed)
