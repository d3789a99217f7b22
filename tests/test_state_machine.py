"""Syncs, hands, moves, faults and kills in any order on a sheet in memory, in both layouts.

`OKRSYNC_STEPS=50 OKRSYNC_EXAMPLES=100 pytest -n 0 -s tests/test_state_machine.py` walks up to 5,000 steps in each
layout, prints the totals, and ends with 1 where something is wrong or a cell is not named that could not be put right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from config.errors import SheetError, UncertainWriteError
from config.loading.loader import Config
from connectors.okr_sheet import EMPTY, Cell, SheetBatch, SheetImage
from memory_sheet import MemorySheet
from syncer.run import pipeline
from walk_kit import Fault, Killed, Walk, walk_on
from walk_people import TAB, Value
from workspace_kit import HEAD, load

NUMBERS = (1, 2, 3, 4, 5)
CONFIG = (
    HEAD.replace("  file: okrs.xlsx\n", "  file: okrs.xlsx\n  tabs: [OKRs]\n  layout: LAYOUT\n")
    + "measures:\n"
    + "".join(
        f"  m{n}:\n    from: files.rows\n    path: n.csv\n    value: max(amount) filter (id = 'KR{n}')\n"
        for n in NUMBERS
    )
    + "objectives:\n  O1:\n    title: One\n    key_results:\n"
    + "".join(
        f"      KR{n}:\n        title: Reach {n}00\n        baseline: 0\n        target: {n}00\n        measure: m{n}\n"
        for n in NUMBERS
    )
    + "safety:\n  max_drop: 100%\n  max_rise: 100%\n"
)


class LooseSheet(MemorySheet):
    """A sheet without a version, as Google's: people act in its window, answers get lost, the writer is killed."""

    def __init__(self) -> None:
        super().__init__({TAB: []})
        self.acts: list[Callable[[], None]] = []
        self.fault = Fault()
        self.writes = 0

    def write(self, batch: SheetBatch) -> SheetImage:
        self.writes += 1
        kind = self.fault.kind if self.fault.nth == self.writes else ""
        if kind == "killed before":
            raise Killed
        if len(self.acts) >= self.writes:
            self.acts[self.writes - 1]()
        if kind == "lost before":
            raise UncertainWriteError("writing", "no answer")
        made = {tab.title for tab in batch.new_tabs}
        if kind == "refused" or not {write.tab for write in batch.cells} <= self.tabs.keys() | made:
            raise SheetError("writing", "refused", effect="Nothing was written.")
        after = super().write(replace(batch, version=str(self.version)))
        if kind == "killed after":
            raise Killed
        if kind == "lost after":
            raise UncertainWriteError("writing", "no answer")
        return after

    def _image(self) -> SheetImage:
        return replace(super()._image(), version="")


class MemoryPlace:
    """A `Place` in memory; its trackers are a CSV."""

    numbers = NUMBERS
    faults: tuple[str, ...] = ()

    def begin(self, folder: Path, layout: str) -> Config:
        self.folder, self.sheet = folder, LooseSheet()
        return load(folder, CONFIG.replace("LAYOUT", layout), {"n.csv": ""})

    def end(self) -> None:
        """Nothing to free."""

    def tell(self, numbers: Mapping[int, Decimal]) -> None:
        rows = "".join(f"KR{n},{value}\n" for n, value in numbers.items())
        (self.folder / "n.csv").write_text("id,amount\n" + rows, "utf-8")

    def sync(
        self, run: Callable[[], pipeline.RunReport], acts: Sequence[Callable[[], None]], fault: Fault
    ) -> pipeline.RunReport:
        self.sheet.acts, self.sheet.fault, self.sheet.writes = list(acts), fault, 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "open_writer", lambda *_, **__: self.sheet)
            return run()

    def titles(self) -> list[str]:
        return list(self.sheet.tabs)

    def cells(self, title: str) -> dict[tuple[int, int], Value]:
        return {
            (row, column): value
            for row, cells in enumerate(self.sheet.tabs[title])
            for column, cell in enumerate(cells)
            if (value := _entered(cell)) is not None
        }

    def enter(self, title: str, row: int, column: int, value: Value) -> None:
        formula = isinstance(value, str) and value.startswith("=")
        self.sheet.set(title, row, column, Cell(Decimal(3), formula=str(value)) if formula else value)

    def move_rows(self, title: str, order: Sequence[int | None]) -> None:
        rows = self.sheet.tabs[title]
        self.sheet.tabs[title] = [[] if at is None or at >= len(rows) else rows[at] for at in order]

    def move_columns(self, title: str, order: Sequence[int | None]) -> None:
        self.sheet.tabs[title] = [
            [EMPTY if at is None or at >= len(row) else row[at] for at in order] for row in self.sheet.tabs[title]
        ]

    def rename(self, title: str, other: str) -> None:
        self.sheet.tabs[other] = self.sheet.tabs.pop(title)

    def remove(self, title: str) -> None:
        del self.sheet.tabs[title]


def _entered(cell: Cell) -> Value:
    value = cell.formula or cell.value
    return value if isinstance(value, str | Decimal) else None


class InPlace(Walk):
    """In people's own tab."""

    place_type = MemoryPlace
    layout = "in_place"


class DataTab(Walk):
    """With a tab of okrsync's own."""

    place_type = MemoryPlace
    layout = "data_tab"


@pytest.mark.parametrize("machine", [InPlace, DataTab])
def test_any_walk_leaves_every_number_in_its_row_and_every_word_where_it_was(
    machine: type[Walk], tmp_path: Path
) -> None:
    walk_on(machine, tmp_path, examples=4, steps=15)
