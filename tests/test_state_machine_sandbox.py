"""The same walks over HTTP: the sandbox's Google sheet, with its faults, in any order.

`OKRSYNC_STEPS=50 OKRSYNC_EXAMPLES=100 pytest -n 0 -s tests/test_state_machine_sandbox.py` walks up to 5,000 steps
in each layout, prints the totals, and ends with 1 where something is wrong or is not named that could not be
put right.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import sandbox_kit
import sheet_people as people
from config.loading.loader import Config, load_config
from connectors import registry
from connectors.google_sheets.client import SheetsClient
from connectors.okr_sheet import SheetWriter
from connectors.sandbox.google_sheets.book import Book, enter
from demo_kit import sheets_of
from lean_kit import NUMBERS, lean_workspace
from syncer.run import pipeline
from syncer.sheet.open_sheet import open_writer
from walk_kit import Fault, Killed, Walk, walk_on
from walk_people import TAB
from workspace_kit import context_of

OKRS, SALES, WRITE = "demo-okrs", "demo-sales", ":batchUpdate"
ON_WRITE: Mapping[str, Mapping[str, Any]] = {
    "lost before": {"status": 503, "body": b""},
    "lost after": {"status": 200, "body": b"{", "after": True},
    "refused": {"status": 429},
    "reset before the write": {"status": 200, "body": b"{}", "cut": 0},
    "reset after the write": {"status": 200, "body": b"{}", "cut": 0, "after": True},
    "500 after the write": {"status": 500, "after": True},
    "a page instead of an answer": {"status": 200, "body": b"<html>", "headers": {"Content-Type": "text/html"}},
}
ELSEWHERE: Mapping[str, Mapping[str, Any]] = {
    "429 on the read": {"match": OKRS, "status": 429, "headers": {"Retry-After": "1"}, "times": 2},
    "503 on every read": {"match": OKRS, "status": 503, "times": 9},
    "a truncated read": {"match": OKRS, "status": 200, "body": b'{"sheets": [', "times": 1},
    "no source": {"match": SALES, "status": 503, "times": 9},
}


class SandboxPlace:
    """A `Place` in the sandbox; its trackers are another sheet there."""

    numbers = NUMBERS
    faults = tuple({**ON_WRITE, **ELSEWHERE}.keys() - {"lost before", "lost after", "refused"})

    def begin(self, folder: Path) -> Config:
        self.stack, self.folder = ExitStack(), folder
        self.sandbox = self.stack.enter_context(lean_workspace(folder))
        tab, book = people.tab_of(self.sandbox, TAB), people.book_of(self.sandbox)
        tab.cells, tab.merges = {}, []
        book.tabs = [tab]
        return load_config(folder / "okrsync.yaml", registry.tables)

    def end(self) -> None:
        self.stack.close()

    def tell(self, numbers: Mapping[int, float]) -> None:
        tab = next(tab for tab in sheets_of(self.sandbox).books[SALES].tabs if tab.title == "Numbers")
        for row, value in enumerate(numbers.values(), 1):
            enter(tab, row, 1, value)

    def sync(
        self, run: Callable[[], pipeline.RunReport], acts: Sequence[Callable[[], None]], fault: Fault
    ) -> pipeline.RunReport:
        self.sandbox.log.clear()
        self.sandbox.faults.clear()
        people.between(self.sandbox, *[lambda _book, _tab, act=act: act() for act in acts])
        if fault.kind in ON_WRITE:
            made = sandbox_kit.Fault("sheets", f"{OKRS}{WRITE}", **ON_WRITE[fault.kind])
            self.sandbox.faults.append(made)
        elif fault.kind in ELSEWHERE:
            self.sandbox.faults.append(sandbox_kit.Fault("sheets", **ELSEWHERE[fault.kind]))
        try:
            with pytest.MonkeyPatch.context() as patch:
                if fault.kind in ("killed before", "killed after"):
                    patch.setattr(SheetsClient, "batch_update", deadly(fault))
                return run()
        finally:
            self.sandbox.hooks.clear()
            self.sandbox.faults.clear()

    def book(self) -> Book:
        return people.book_of(self.sandbox)

    def put(self, book: Book) -> None:
        sheets_of(self.sandbox).books[OKRS] = book

    def writer(self) -> SheetWriter:
        config = load_config(self.folder / "okrsync.yaml", registry.tables)
        return open_writer(config, context_of(config))


def deadly(fault: Fault) -> Callable[..., Any]:
    """A client's `batch_update` that dies before or after its nth request."""
    real, sent = SheetsClient.batch_update, 0

    def batch_update(client: SheetsClient, *arguments: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == 1 and fault.kind == "killed before":
            raise Killed
        found = real(client, *arguments)
        if sent == 1:
            raise Killed
        return found

    return batch_update


class OverHttp(Walk):
    """On the sandbox's spreadsheet."""

    place_type = SandboxPlace


def test_any_walk_over_http_leaves_every_number_with_its_id(tmp_path: Path) -> None:
    walk_on(OverHttp, tmp_path, examples=2, steps=7)
