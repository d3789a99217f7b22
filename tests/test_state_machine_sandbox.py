"""The same walks over HTTP: the sandbox's Google sheet, with its faults, in both layouts.

`OKRSYNC_STEPS=50 OKRSYNC_EXAMPLES=100 pytest -n 0 -s tests/test_state_machine_sandbox.py` walks up to 5,000 steps
in each layout, prints the totals, and ends with 1 where something is wrong or is not named that could not be
put right.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sheet_people as people
from config.loading.loader import Config, load_config
from connectors import registry
from connectors.google_sheets.client import SheetsClient
from connectors.sandbox import server
from connectors.sandbox.google_sheets.book import GridTab, enter
from connectors.sandbox.google_sheets.rows import delete_rows, insert_rows
from demo_kit import sheets_of
from lean_kit import NUMBERS, lean_workspace
from syncer.run import pipeline
from walk_kit import Fault, Killed, Walk, walk_on
from walk_people import TAB, Value

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

    def begin(self, folder: Path, layout: str) -> Config:
        self.stack = ExitStack()
        self.sandbox = self.stack.enter_context(lean_workspace(folder, layout))
        tab = self.tab(TAB)
        tab.cells, tab.merges = {}, []
        return load_config(folder / "okrsync.yaml", registry.tables)

    def end(self) -> None:
        self.stack.close()

    def tell(self, numbers: Mapping[int, Decimal]) -> None:
        tab = next(tab for tab in sheets_of(self.sandbox).books[SALES].tabs if tab.title == "Numbers")
        for row, value in enumerate(numbers.values(), 1):
            enter(tab, row, 1, float(value))

    def sync(
        self, run: Callable[[], pipeline.RunReport], acts: Sequence[Callable[[], None]], fault: Fault
    ) -> pipeline.RunReport:
        self.sandbox.log.clear()
        self.sandbox.faults.clear()
        people.between(self.sandbox, *[lambda _book, _tab, act=act: act() for act in acts])
        if fault.kind in ON_WRITE:
            made = server.Fault("sheets", f"{OKRS}{WRITE}", skip=fault.nth - 1, **ON_WRITE[fault.kind])
            self.sandbox.faults.append(made)
        elif fault.kind in ELSEWHERE:
            self.sandbox.faults.append(server.Fault("sheets", **ELSEWHERE[fault.kind]))
        try:
            with pytest.MonkeyPatch.context() as patch:
                if fault.kind in ("killed before", "killed after"):
                    patch.setattr(SheetsClient, "batch_update", deadly(fault))
                return run()
        finally:
            self.sandbox.hooks.clear()
            self.sandbox.faults.clear()

    def tab(self, title: str) -> GridTab:
        return people.tab_of(self.sandbox, title)

    def titles(self) -> list[str]:
        return [tab.title for tab in people.book_of(self.sandbox).tabs]

    def cells(self, title: str) -> dict[tuple[int, int], Value]:
        return {place: _value(cell.entered) for place, cell in sorted(self.tab(title).cells.items()) if cell.entered}

    def enter(self, title: str, row: int, column: int, value: Value) -> None:
        enter(self.tab(title), row, column, float(value) if isinstance(value, Decimal) else value)

    def move_rows(self, title: str, order: Sequence[int | None]) -> None:
        book, tab = people.book_of(self.sandbox), self.tab(title)
        old = 1 + max((row for row, _ in tab.cells), default=-1)
        kept = [row for row in order if row is not None]
        if kept == sorted(kept) and len(kept) + 1 == len(order) == old + 1:
            insert_rows(book, tab, order.index(None), 1, inherit=False)
        elif kept == sorted(kept) and len(kept) == len(order) == old - 1:
            delete_rows(book, tab, next(row for row in range(old) if row not in kept), 1)
        else:
            places = {then: now for now, then in enumerate(order)}
            tab.cells = {(places[r], c): cell for (r, c), cell in tab.cells.items() if r in places}

    def move_columns(self, title: str, order: Sequence[int | None]) -> None:
        tab, places = self.tab(title), {then: now for now, then in enumerate(order)}
        tab.cells = {(row, places[c]): cell for (row, c), cell in tab.cells.items() if c in places}

    def rename(self, title: str, other: str) -> None:
        self.tab(title).title = other

    def remove(self, title: str) -> None:
        people.book_of(self.sandbox).tabs.remove(self.tab(title))


def _value(entered: Mapping[str, Any]) -> Value:
    value = next(iter(entered.values()))
    return Decimal(repr(value)) if isinstance(value, int | float) else str(value)


def deadly(fault: Fault) -> Callable[..., Any]:
    """A client's `batch_update` that dies before or after its nth request."""
    real, sent = SheetsClient.batch_update, 0

    def batch_update(client: SheetsClient, *arguments: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == fault.nth and fault.kind == "killed before":
            raise Killed
        found = real(client, *arguments)
        if sent == fault.nth:
            raise Killed
        return found

    return batch_update


class InPlaceOverHttp(Walk):
    """In people's own tab."""

    place_type = SandboxPlace
    layout = "in_place"


class DataTabOverHttp(Walk):
    """With a tab of okrsync's own."""

    place_type = SandboxPlace
    layout = "data_tab"


@pytest.mark.parametrize("machine", [InPlaceOverHttp, DataTabOverHttp])
def test_any_walk_over_http_leaves_every_number_in_its_row(machine: type[Walk], tmp_path: Path) -> None:
    walk_on(machine, tmp_path, examples=2, steps=7)
