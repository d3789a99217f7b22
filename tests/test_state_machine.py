"""Syncs, hand edits, sorts, row inserts, lost answers and kills in any order: no number is left in a wrong row.

OKRSYNC_STEPS=200 OKRSYNC_EXAMPLES=50 makes the walks longer.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from config.errors import SheetError, UncertainWriteError
from connectors.okr_sheet import SheetBatch, SheetImage
from memory_sheet import MemorySheet
from syncer import engine
from syncer.ledger.ledger import open_ledger
from syncer.show.plan_json import fingerprint
from workspace_kit import HEAD, NOW, context_of, load

D = Decimal
NUMBERS = (1, 2, 3, 4, 5)
CURRENT, TAG = 2, 4
HEADERS = ("KR id", "Key result", "Current value", "Progress", "Tag")
HAND = D(9_000_000)
CONFIG = (
    HEAD
    + "measures:\n"
    + "".join(
        f"  m{n}:\n    from: files.rows\n    path: n.csv\n    value: max(amount) filter (id = 'KR{n}')\n"
        for n in NUMBERS
    )
    + "objectives:\n  O1:\n    title: One\n    key_results:\n"
    + "".join(
        f"      KR{n}:\n        title: Reach {n}\n        baseline: 0\n        target: 9000\n        measure: m{n}\n"
        for n in NUMBERS
    )
    + "safety:\n  max_drop: 100%\n  max_rise: 100%\n"
)


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class LooseSheet(MemorySheet):
    """A sheet without a version, as Google's: people act in its window, answers get lost, the writer is killed."""

    def __init__(self) -> None:
        rows: list[Any] = [HEADERS, *((f"KR{n}", None, None, None, f"tag {n}") for n in NUMBERS)]
        super().__init__({"OKRs": rows})
        self.window: list[Callable[[], None]] = []
        self.fault = ""

    def write(self, batch: SheetBatch) -> SheetImage:
        fault, self.fault = self.fault, ""
        if fault == "killed before":
            raise Killed
        if fault == "lost before":
            raise UncertainWriteError("writing", "no answer")
        if self.window:
            self.window.pop(0)()
        after = super().write(replace(batch, version=str(self.version)))
        if fault == "killed after":
            raise Killed
        if fault == "lost after":
            raise UncertainWriteError("writing", "no answer")
        return after

    def _image(self) -> SheetImage:
        return replace(super()._image(), version="")

    def order(self, order: list[int]) -> None:
        rows = self.tabs["OKRs"]
        rows[1:] = [rows[1 + at] for at in order if 1 + at < len(rows)] + rows[1 + len(order) :]

    def insert(self, at: int) -> None:
        self.tabs["OKRs"].insert(max(1, min(at, len(self.tabs["OKRs"]))), [])

    def by_id(self) -> dict[str, list[Any]]:
        return {
            str(row[0]): (row + [None] * 5)[:5]
            for row in self.values("OKRs")[1:]
            if row and str(row[0]).startswith("KR")
        }


class Walk(RuleBasedStateMachine):
    folder: Path

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=os.environ.get("OKRSYNC_WALKS")))
        self.sheet = LooseSheet()
        self.step = 0
        self.hand: dict[str, Decimal] = {}
        self.torn = False
        self.config = load(self.folder, CONFIG, {"n.csv": ""})
        self.numbers_move()

    @rule()
    def numbers_move(self) -> None:
        self.step += 1
        rows = "".join(f"KR{n},{n * 1000 + self.step}\n" for n in NUMBERS)
        (self.folder / "n.csv").write_text("id,amount\n" + rows, "utf-8")

    @rule(order=st.permutations(range(5)))
    def sort(self, order: list[int]) -> None:
        self.sheet.order(order)

    @rule(at=st.integers(1, 7))
    def insert(self, at: int) -> None:
        if len(self.sheet.tabs["OKRs"]) < 20:
            self.sheet.insert(at)

    @rule(order=st.permutations(range(5)), twice=st.booleans())
    def will_sort_in_the_window(self, order: list[int], twice: bool) -> None:
        self.sheet.window = [lambda: self.sheet.order(order)] * (1 + twice)

    @rule(at=st.integers(1, 7))
    def will_insert_in_the_window(self, at: int) -> None:
        self.sheet.window = [lambda: self.sheet.insert(at)]

    @rule(fault=st.sampled_from(["lost before", "lost after", "killed before", "killed after"]))
    def will_fail(self, fault: str) -> None:
        self.sheet.fault = fault

    @rule(n=st.sampled_from(NUMBERS))
    def edit_by_hand(self, n: int) -> None:
        rows = self.sheet.values("OKRs")
        row = next(at for at, cells in enumerate(rows) if cells and cells[0] == f"KR{n}")
        if self.torn or len(rows[row]) <= CURRENT or rows[row][CURRENT] is None:
            return
        self.hand[f"KR{n}"] = HAND + n
        self.sheet.set("OKRs", row, CURRENT, HAND + n)

    @rule()
    def sync(self) -> None:
        ledger = open_ledger(".okrsync/ledger.db", self.folder)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(engine, "open_writer", lambda *_: self.sheet)
                engine.sync(self.config, context_of(self.config), NOW, engine.Options(), ledger, fingerprint)
            self.torn = False
            for key, row in self.sheet.by_id().items():
                if key not in self.hand:
                    assert row[CURRENT] == int(key[2:]) * 1000 + self.step, (key, row)
        except Killed:
            self.torn = True
        except SheetError:
            self.torn = bool(list(self.folder.glob(".okrsync/*.pending.json")))
        finally:
            ledger.close()

    @invariant()
    def every_number_is_in_its_own_row(self) -> None:
        if not hasattr(self, "torn"):
            return
        found = self.sheet.by_id()
        assert set(found) == {f"KR{n}" for n in NUMBERS}
        for key, row in found.items():
            assert row[TAG] == f"tag {key[2:]}"
            if self.torn:
                continue
            if key in self.hand:
                assert row[CURRENT] == self.hand[key], (key, row)
            elif row[CURRENT] is not None:
                assert int(row[CURRENT] // 1000) == int(key[2:]), (key, row)


def test_any_walk_leaves_every_number_in_its_row_and_every_edit_where_it_is(tmp_path: Path) -> None:
    os.environ["OKRSYNC_WALKS"] = str(tmp_path)
    try:
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=int(os.environ.get("OKRSYNC_EXAMPLES", "12")),
                stateful_step_count=int(os.environ.get("OKRSYNC_STEPS", "20")),
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        del os.environ["OKRSYNC_WALKS"]
