"""Syncs over real HTTP, hand edits, row inserts and sorts in any order, also while okrsync writes.

OKRSYNC_STEPS=50 OKRSYNC_EXAMPLES=20 makes the walks longer.
"""

import os
import tempfile
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import sheet_people as people
from connectors.sandbox.google_sheets.book import Book, GridTab, enter
from connectors.sandbox.google_sheets.rows import insert_rows
from lean_kit import NUMBERS, lean_workspace, numbers
from syncer.cli import run_guarded

HAND = 9_000_000
PEOPLES = ("Owner", "Note")
TOP, ROWS = 2, 7
orders = st.permutations(range(ROWS))
places = st.integers(TOP, TOP + ROWS)


def sort(order: list[int]) -> people.Act:
    return lambda _book, tab: people.shuffle(tab, order, TOP)


def insert(at: int) -> people.Act:
    return lambda book, tab: insert_rows(book, tab, at, 1, inherit=False)


class SandboxWalk(RuleBasedStateMachine):
    """KRn's number is n times 11 to 19, so that one in another's row is seen."""

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(dir=os.environ["OKRSYNC_WALKS"]))
        self.sandbox = self.stack.enter_context(lean_workspace(self.folder))
        self.step = 1
        self.hand: set[str] = set()
        self.sync()
        self.words = {key: {name: row.get(name) for name in PEOPLES} for key, row in self.rows().items()}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def rows(self) -> dict[str, dict[str, object]]:
        return {key: row for key, row in people.entered_by_id(self.sandbox).items() if key.startswith("KR")}

    def act(self, act: people.Act) -> None:
        book: Book = people.book_of(self.sandbox)
        tab: GridTab = people.tab_of(self.sandbox)
        act(book, tab)

    @rule(step=st.integers(1, 9))
    def numbers_move(self, step: int) -> None:
        self.step = step
        numbers(self.sandbox, step)

    @rule(act=st.one_of(orders.map(sort), places.map(insert)))
    def rows_move(self, act: people.Act) -> None:
        self.act(act)

    @rule(
        acts=st.lists(st.one_of(orders.map(sort), places.map(insert)), min_size=1, max_size=4), step=st.integers(1, 9)
    )
    def sync_while_rows_move(self, acts: list[people.Act], step: int) -> None:
        self.numbers_move(step)
        people.between(self.sandbox, *acts)
        self.sync()

    @rule(n=st.sampled_from(NUMBERS))
    def edit_by_hand(self, n: int) -> None:
        tab = people.tab_of(self.sandbox)
        texts = {cell.entered.get("stringValue"): place for place, cell in tab.cells.items()}
        enter(tab, texts[f"KR{n}"][0], texts["Current value"][1], HAND + n)
        self.hand.add(f"KR{n}")

    @rule()
    def sync(self) -> None:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as told:
            code = run_guarded(["sync", "-c", str(self.folder / "okrsync.yaml"), "--fail-on", "error"])
        self.sandbox.hooks.clear()
        assert code in (0, 1), told.getvalue()
        if code == 1:
            assert "somebody kept moving rows or columns" in told.getvalue()
            return
        for key, row in self.rows().items():
            if key not in self.hand:
                assert row.get("Current value") == int(key[2:]) * (10 + self.step), (key, row)

    @invariant()
    def every_number_and_every_word_is_in_its_own_row(self) -> None:
        if not hasattr(self, "words"):
            return
        found = self.rows()
        assert set(found) == {f"KR{n}" for n in NUMBERS}
        for key, row in found.items():
            assert {name: row.get(name) for name in PEOPLES} == self.words[key]
            value, n = row["Current value"], int(key[2:])
            assert isinstance(value, (int, float))
            assert value == HAND + n if key in self.hand else (value % n == 0 and 10 < value / n < 20), (key, row)


def test_any_walk_over_http_leaves_every_number_in_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRSYNC_WALKS", str(tmp_path))
    monkeypatch.setenv("OKRSYNC_NOW", "2026-11-16T09:30:00+08:00")
    run_state_machine_as_test(
        SandboxWalk,
        settings=settings(
            max_examples=int(os.environ.get("OKRSYNC_EXAMPLES", "3")),
            stateful_step_count=int(os.environ.get("OKRSYNC_STEPS", "8")),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
