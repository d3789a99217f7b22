"""Random walks over an OKR sheet: syncs, people's hands, faults and kills in any order, and what holds after each.

`Walk` is the machine, `Place` the sheet it walks on: one in memory, one in the sandbox. Each place has both layouts.
"""

import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from config.errors import SheetError
from config.loading.loader import Config
from syncer.ledger.ledger import Ledger, open_ledger
from syncer.plan.make_plan import Allowed
from syncer.present.plan_json import fingerprint
from syncer.run import journal, pipeline
from walk_people import HEADERS, NOTES, TAB, People, Where
from workspace_kit import NOW, context_of

Act = tuple[Any, ...]
"""The name of something that `People` do, and its arguments."""

KILLS: Mapping[str, tuple[Any, str]] = {
    "killed before the run is recorded": (Ledger, "begin"),
    "killed before the intent": (Ledger, "record_cells"),
    "killed before the journal": (journal, "_replace"),
    "killed before the receipt": (Ledger, "record_values"),
}
WRITE_FAULTS = ("lost before", "lost after", "refused", "killed before", "killed after")


class Killed(BaseException):
    """Stands in for `kill -9`: nothing of okrsync runs any more."""


def die(*_: object, **__: object) -> None:
    raise Killed


def number(n: int, step: int) -> Decimal:
    """KRn's number: nobody else's reads like it."""
    return Decimal(n * 10) + Decimal(step) / 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong in a sync: a step of KILLS, one of WRITE_FAULTS at the nth write, or one of the place's own."""

    kind: str = ""
    nth: int = 1


class Place(Where, Protocol):
    """A sheet with what okrsync does to it."""

    numbers: tuple[int, ...]
    faults: tuple[str, ...]
    """What can go wrong here besides WRITE_FAULTS and KILLS."""

    def begin(self, folder: Path, layout: str) -> Config:
        """An empty tab of people's and a config."""

    def end(self) -> None:
        """Free what it holds."""

    def tell(self, numbers: Mapping[int, Decimal]) -> None:
        """Let the trackers hold these numbers."""

    def sync(
        self, run: Callable[[], pipeline.RunReport], acts: Sequence[Callable[[], None]], fault: Fault
    ) -> pipeline.RunReport:
        """Run it; right before the nth write the nth act is done, and at its fault it fails."""


seeds = st.randoms(use_true_random=False)
krs, places = st.integers(0, 7), st.integers(0, 30)
acts: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("sort"), seeds),
    st.tuples(st.just("insert_row"), places),
    st.tuples(st.just("delete_row"), krs),
    st.tuples(st.just("insert_column"), places),
    st.tuples(st.just("delete_column"), places),
    st.tuples(st.just("move_columns"), seeds),
    st.tuples(st.just("rename_header"), st.booleans()),
    st.tuples(st.just("rename_tab")),
    st.tuples(st.just("type_a_number"), krs),
    st.tuples(st.just("type_a_formula"), krs),
    st.tuples(st.just("type_a_word"), krs),
    st.tuples(st.just("clear"), krs),
    st.tuples(st.just("put_a_row_back")),
    st.tuples(st.just("harm_own_tab"), st.sampled_from(["delete", "empty", "sort", "columns", "headers"]), seeds),
)


class Walk(RuleBasedStateMachine):
    """One walk. `torn`: a run was killed, or could not put back what it hit; the next one has that to do first."""

    place_type: ClassVar[type[Any]]
    layout: ClassVar[str]
    told: ClassVar[Counter[str]] = Counter()

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=os.environ["OKRSYNC_WALKS"]))
        self.place: Place = self.place_type()
        self.config = self.place.begin(self.folder, self.layout)
        *made, last = self.place.numbers
        rows = [HEADERS, *((f"KR{n}", None, None, None, f"tag {n}") for n in made), *NOTES]
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                self.place.enter(TAB, row, column, value)
        self.people = People(self.place, {f"KR{n}": f"tag {n}" for n in made}, {f"KR{last}"}, self.layout)
        self.step, self.torn = 0, False
        self.numbers_move()

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.place.end()

    @rule()
    def numbers_move(self) -> None:
        self.step = self.step % 900 + 1
        self.place.tell({n: number(n, self.step) for n in self.place.numbers})

    @rule(several=st.lists(acts, min_size=1, max_size=3))
    def people_act(self, several: list[Act]) -> None:
        for act in several:
            self.told["acts of people"] += 1
            self.people.act(act)

    @rule()
    def sync(self) -> None:
        self.run(pipeline.Options())

    @rule(waiting=st.lists(st.one_of(st.none(), acts), min_size=1, max_size=4), move=st.booleans())
    def sync_while_people_act(self, waiting: list[Act | None], move: bool) -> None:
        if move:
            self.numbers_move()
        self.run(pipeline.Options(), waiting)

    @rule(data=st.data(), waiting=st.lists(st.one_of(st.none(), acts), max_size=3), nth=st.sampled_from([1, 1, 2, 3]))
    def sync_and_fail(self, data: st.DataObject, waiting: list[Act | None], nth: int) -> None:
        self.numbers_move()
        kinds = (*WRITE_FAULTS, *KILLS, *self.place.faults)
        self.run(pipeline.Options(), waiting, Fault(data.draw(st.sampled_from(kinds)), nth))

    @precondition(lambda self: self.people.gone)
    @rule()
    def have_deleted_rows_made_anew(self) -> None:
        self.run(pipeline.Options(allowed=Allowed(adopt=True)))

    @precondition(lambda self: self.people.hand)
    @rule(n=krs)
    def give_an_edit_up(self, n: int) -> None:
        key = sorted(self.people.hand)[n % len(self.people.hand)]
        self.run(pipeline.Options(allowed=Allowed(overwrite=frozenset({key}))))

    def run(self, options: pipeline.Options, waiting: Sequence[Act | None] = (), fault: Fault | None = None) -> None:
        fault = fault or Fault()
        self.told["syncs"] += 1
        self.told[f"  of them {fault.kind or ('while people act' if any(waiting) else 'in quiet')}"] += 1
        self.people.allow(options.allowed)
        context = context_of(self.config)

        def ledger() -> Ledger:
            return open_ledger(".okrsync/ledger.db", self.folder)

        def once() -> pipeline.RunReport:
            return pipeline.sync(self.config, context, NOW, options, ledger, fingerprint)

        try:
            with pytest.MonkeyPatch.context() as patch:
                if fault.kind in KILLS:
                    patch.setattr(*KILLS[fault.kind], die)
                self.settle(self.place.sync(once, [self.people.in_window(act) for act in waiting], fault))
        except Killed:
            self.torn = True
        except SheetError as error:
            self.told["  ended with an error"] += 1
            if "nobody can tell of some cells" in str(error):
                self.told["  named cells that it could not put right; begun anew"] += 1
                self.place.end()
                self.start()
                return
            self.torn = bool(list(self.folder.glob(".okrsync/*.pending.json")))
        if not self.torn:
            self.people.look_again()

    def settle(self, report: pipeline.RunReport) -> None:
        """What must hold where a run came to its end."""
        self.torn = False
        if report.refusal is not None:
            self.told["  refused"] += 1
            assert self.people.gone | self.people.unmade, report.refusal
        elif report.plan.unknown:
            self.told["  without numbers"] += 1
        elif self.people.harmed_in_window:
            self.people.harmed_in_window = False
        else:
            wanted = {f"KR{n}": number(n, self.step) for n in self.place.numbers}
            wrong = report.receipt.wrong if report.receipt else ()
            assert [key for key in self.people.lacks(wanted) if not any(key in line for line in wrong)] == []

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "people"):
            self.told["steps"] += 1
            assert self.people.untouched()
            if not self.torn:
                self.people.must_find_no_wrong_number()


def walk_on(machine: type[Walk], folder: Path, *, examples: int, steps: int) -> None:
    """The same walks each time; OKRSYNC_STEPS=100 OKRSYNC_EXAMPLES=100 makes them longer and random, by a printed seed.

    OKRSYNC_SEED repeats them; `-s` shows what was walked.
    """
    ours = "OKRSYNC_EXAMPLES" not in os.environ
    chosen = int(os.environ.get("OKRSYNC_SEED") or secrets.randbits(32))
    if not ours:
        print(f"\n{machine.__name__}: OKRSYNC_SEED={chosen}")  # noqa: T201 - to walk the same again
        machine = seed(chosen)(machine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKRSYNC_WALKS", str(folder))
        machine.told = Counter()
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=int(os.environ.get("OKRSYNC_EXAMPLES", examples)),
                    stateful_step_count=int(os.environ.get("OKRSYNC_STEPS", steps)),
                    deadline=None,
                    derandomize=ours,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                    phases=[Phase.generate] if "OKRSYNC_STEPS" in os.environ else list(Phase),
                ),
            )
        finally:
            print(f"\n{machine.__name__}:", *(f"{count:6} {name}" for name, count in machine.told.items()), sep="\n")  # noqa: T201 - figures for whoever walks by hand
