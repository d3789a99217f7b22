"""Syncs, hands, moves, faults and kills in any order on a spreadsheet in memory, through okrsync's Google Sheets code.

`OKRSYNC_STEPS=50 OKRSYNC_EXAMPLES=200 pytest -n 0 -s tests/test_state_machine.py` walks up to 10,000 steps, prints
the totals, and ends with 1 where a number stands beside another's id or anything of people's is lost.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from config.errors import SheetError, UncertainWriteError
from config.loading.loader import Config
from connectors.google_sheets import okr_sheet
from connectors.google_sheets.errors import Account, BadRequestError
from connectors.okr_sheet import SheetWriter
from connectors.sandbox.google_sheets.book import Book, GridTab, Refusal
from connectors.sandbox.google_sheets.mask import resource
from connectors.sandbox.google_sheets.tokens import EMAIL
from connectors.sandbox.google_sheets.updates import apply_all
from syncer.run import pipeline
from syncer.run import sync as sync_module
from walk_kit import Fault, Killed, Walk, walk_on
from walk_people import OWN, TAB
from workspace_kit import load

NUMBERS = (1, 2, 3, 4, 5)
CONFIG = (
    "cycle: 2026-Q4\ntimezone: Asia/Taipei\nconnections:\n  google:\n    type: google_sheets\n"
    "okr_sheet:\n  connection: google\n  spreadsheet: walk\n  tabs: [OKRs]\nmeasures:\n"
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


class MemoryClient:
    """Stands in for `SheetsClient`: the same requests, answered without a socket; the first write may fail."""

    account = Account("", "", writes=True)

    def __init__(self, place: "MemoryPlace") -> None:
        self._place = place

    def get_spreadsheet(self, _spreadsheet: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return resource(self._place.now, params.get("ranges", ()), url="", user=EMAIL, cells={})
        except Refusal as refusal:
            raise BadRequestError("reading", str(refusal)) from None

    def batch_update(self, _spreadsheet: str, body: Mapping[str, Any], _fields: str) -> dict[str, Any]:
        place = self._place
        place.writes += 1
        kind = place.fault.kind if place.writes == 1 else ""
        if len(place.acts) >= place.writes:
            place.acts[place.writes - 1]()
        if kind == "killed before":
            raise Killed
        if kind == "lost before":
            raise UncertainWriteError("writing", "no answer")
        try:
            changed, _ = apply_all(place.now, body["requests"], EMAIL)
            answer = resource(changed, body["responseRanges"], url="", user=EMAIL, cells={})
        except Refusal as refusal:
            error = BadRequestError("writing", str(refusal))
            raise SheetError("writing", str(refusal), effect="Nothing was written.") from error
        if kind == "refused":
            raise SheetError("writing", "refused", effect="Nothing was written.")
        place.now = changed
        if kind == "killed after":
            raise Killed
        if kind == "lost after":
            raise UncertainWriteError("writing", "no answer")
        return answer

    def close(self) -> None:
        """Nothing to free."""


class MemoryPlace:
    """A `Place` in memory; its trackers are a CSV."""

    numbers = NUMBERS
    faults: tuple[str, ...] = ()

    def begin(self, folder: Path) -> Config:
        self.folder, self.now = folder, Book("walk", "Walk", [GridTab(0, TAB)])
        self.acts: list[Callable[[], None]] = []
        self.fault, self.writes = Fault(), 0
        return load(folder, CONFIG, {"n.csv": ""})

    def end(self) -> None:
        """Nothing to free."""

    def book(self) -> Book:
        return self.now

    def put(self, book: Book) -> None:
        self.now = book

    def tell(self, numbers: Mapping[int, float]) -> None:
        rows = "".join(f"KR{n},{value}\n" for n, value in numbers.items())
        (self.folder / "n.csv").write_text("id,amount\n" + rows, "utf-8")

    def writer(self) -> SheetWriter:
        self.acts, self.fault, self.writes = [], Fault(), 0
        return okr_sheet._Writer(MemoryClient(self), okr_sheet.SheetTabs("walk", (TAB,), OWN))  # type: ignore[arg-type]

    def sync(
        self, run: Callable[[], pipeline.RunReport], acts: Sequence[Callable[[], None]], fault: Fault
    ) -> pipeline.RunReport:
        writer = self.writer()
        self.acts, self.fault = list(acts), fault
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sync_module, "open_writer", lambda *_, **__: writer)
            return run()


class InMemory(Walk):
    """On a spreadsheet in memory."""

    place_type = MemoryPlace


def test_any_walk_leaves_every_number_with_its_id_and_every_word_where_it_was(tmp_path: Path) -> None:
    walk_on(InMemory, tmp_path, examples=6, steps=20)
