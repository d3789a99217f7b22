"""Random walks over an OKR sheet in Google: syncs, people's hands, faults and kills, and what holds after each.

`Walk` is the machine, `Place` the spreadsheet it walks on: one in memory, one in the sandbox over HTTP.
"""

import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from config.errors import SheetError
from config.loading.loader import Config
from connectors.okr_sheet import SheetWriter
from connectors.sandbox.google_sheets.book import Book, enter
from lean_kit import look_up
from syncer.ledger.ledger import Ledger, open_ledger
from syncer.make_sheet.adopt import write_proposal
from syncer.make_sheet.proposal import propose
from syncer.model.plan import Guard, NoteKind
from syncer.present.plan_json import fingerprint
from syncer.run import pipeline, start
from walk_people import CURRENT, HEADERS, ID, PROGRESS, TAB, Act, People
from workspace_kit import NOW, context_of

KILLS: Mapping[str, tuple[Any, str]] = {
    "killed before the run is recorded": (Ledger, "begin"),
    "killed before the intent": (Ledger, "record_cells"),
    "killed before the receipt": (Ledger, "record_values"),
}
WRITE_FAULTS = ("lost before", "lost after", "refused", "killed before", "killed after")


class Killed(BaseException):
    """Stands in for `kill -9`: nothing of okrsync runs any more."""


def die(*_: object, **__: object) -> None:
    raise Killed


def number(n: int, step: int) -> float:
    """KRn's number: nobody else's reads like it."""
    return n * 10 + step / 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong in a sync: a step of KILLS, one of WRITE_FAULTS, or one of the place's own."""

    kind: str = ""


def lay_out(book: Book, numbers: Sequence[int]) -> None:
    """Fill people's tab, all key results but the last with a row of lookups."""
    made = numbers[:-1]
    tab = next(tab for tab in book.tabs if tab.title == TAB)
    rows: list[tuple[Any, ...]] = [HEADERS, *((f"KR{n}", None, None, None, f"tag {n}") for n in made)]
    rows += [(None, "a total", 777.5, 0.5, "total"), (None, "pi", "=PI()", None, "pi")]
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            enter(tab, row, column, value)
    shown = {HEADERS.index(CURRENT): "current", HEADERS.index(PROGRESS): "progress"}
    look_up(book, tab, rows=range(1, len(made) + 1), shown=shown)


class Place(Protocol):
    """A spreadsheet with what okrsync does to it."""

    numbers: tuple[int, ...]
    faults: tuple[str, ...]
    """What can go wrong here besides WRITE_FAULTS and KILLS."""

    def begin(self, folder: Path) -> Config:
        """An empty tab of people's and a config."""

    def end(self) -> None:
        """Free what it holds."""

    def book(self) -> Book:
        """The spreadsheet as it stands."""

    def put(self, book: Book) -> None:
        """Put another version in its place."""

    def tell(self, numbers: Mapping[int, float]) -> None:
        """Let the trackers hold these numbers."""

    def writer(self) -> SheetWriter:
        """What `init --sheet` writes with."""

    def sync(
        self, run: Callable[[], pipeline.RunReport], acts: Sequence[Callable[[], None]], fault: Fault
    ) -> pipeline.RunReport:
        """Run it; right before the nth write the nth act is done, and at its fault the first one fails."""


seeds = st.randoms(use_true_random=False)
places = st.integers(0, 30)
HARMS = ("delete", "rename", "empty", "sort", "move_rows", "move_columns", "rows", "columns", "edit")
acts: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.sampled_from(["sort", "move_rows", "move_columns"]), seeds),
    st.tuples(st.sampled_from(["insert_row", "delete_row", "copy_row", "insert_column", "delete_column"]), places),
    st.tuples(st.sampled_from(["cut_an_id", "drag_an_id", "copy_a_neighbour"]), places, places),
    st.tuples(st.just("type_current"), places, st.sampled_from(["number", "formula", "nothing"])),
    st.tuples(st.just("type_a_word"), places),
    st.tuples(st.just("rename_header"), st.sampled_from([ID, CURRENT])),
    st.tuples(st.sampled_from(["rename_tab", "keep_a_version"])),
    st.tuples(st.just("restore_a_version"), seeds),
    st.tuples(st.just("harm_own_tab"), st.sampled_from(HARMS), seeds),
)


class Walk(RuleBasedStateMachine):
    """One walk. `torn`: a run was killed or lost its answer; the next one shows whether all goes on by itself."""

    place_type: ClassVar[type[Any]]
    output: ClassVar[Counter[str]] = Counter()

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=os.environ["OKRSYNC_WALKS"]))
        self.place: Place = self.place_type()
        self.config = self.place.begin(self.folder)
        lay_out(self.place.book(), self.place.numbers)
        self.people = People(self.place.book, self.place.put)
        self.people.look()
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
            self.output["acts of people"] += 1
            self.people.act(act)

    @rule()
    def sync(self) -> None:
        self.run()

    @rule(waiting=st.lists(st.one_of(st.none(), acts), min_size=1, max_size=3), move=st.booleans())
    def sync_while_people_act(self, waiting: list[Act | None], move: bool) -> None:
        if move:
            self.numbers_move()
        self.run(waiting)

    @rule(data=st.data(), waiting=st.lists(st.one_of(st.none(), acts), max_size=2))
    def sync_and_fail(self, data: st.DataObject, waiting: list[Act | None]) -> None:
        self.numbers_move()
        kinds = (*WRITE_FAULTS, *KILLS, *self.place.faults)
        self.run(waiting, Fault(data.draw(st.sampled_from(kinds))))

    @rule()
    def tidy_up_and_have_lookups_put_back(self) -> None:
        """People undo what keeps okrsync from finding its way, and repeat `init --sheet`."""
        tab, people = self.people.tab, self.people
        if tab.title != TAB:
            people.act(("rename_tab",))
        for name in (ID, CURRENT):
            if people.texts(tab)[people.head(), people.columns()[name]] != name:
                people.act(("rename_header", name))
        writer = self.place.writer()
        proposal = propose(self.config, writer.read()).keeping()
        if not proposal.empty:
            self.output["lookups put back"] += 1
            write_proposal(self.config, writer, proposal)
        writer.close()
        people.look()
        self.run()
        self.run()

    def run(self, waiting: Sequence[Act | None] = (), fault: Fault | None = None) -> None:
        fault = fault or Fault()
        self.output["syncs"] += 1
        self.output[f"  of them {fault.kind or ('while people act' if any(waiting) else 'in quiet')}"] += 1
        quiet = not fault.kind and not any(waiting)
        people, self.people.blind = self.people, False
        context = context_of(self.config)
        way, unexpected = self.way(), ""

        def ledger() -> Ledger:
            return open_ledger(".okrsync/ledger.db", self.folder)

        def once() -> pipeline.RunReport:
            return start.sync(self.config, context, NOW, start.Options(), ledger, fingerprint)

        def in_window(act: Act | None) -> Callable[[], None]:
            return lambda: people.act(act) if act is not None else None

        try:
            with pytest.MonkeyPatch.context() as patch:
                if fault.kind in KILLS:
                    patch.setattr(*KILLS[fault.kind], die)
                report = self.place.sync(once, [in_window(act) for act in waiting], fault)
        except Killed:
            self.torn = True
        except SheetError as error:
            self.output["  ended with an error"] += 1
            self.torn = self.torn or bool(fault.kind)
            unexpected = str(error) if quiet and way else ""
        else:
            self.settle(report, way=way)
        assert unexpected == ""
        lost = people.lost()
        assert lost == [], (lost, people.picture())
        people.look()

    def way(self) -> bool:
        """Whether okrsync can find its way in people's tab."""
        headers = self.people.texts(self.people.tab).values()
        return self.people.tab.title == TAB and {ID, CURRENT} <= set(headers)

    def settle(self, report: pipeline.RunReport, *, way: bool) -> None:
        """What must hold where a run came to its end."""
        if report.refusal is not None:
            assert {one.guard for one in report.plan.guards} == {Guard.RENAMED_HEADER}, report.refusal
            self.output["  waiting for a renamed header"] += 1
            return
        if report.plan.unknown:
            self.output["  without numbers"] += 1
            return
        if self.people.blind or not way:
            return
        self.torn = False
        wrong = report.receipt.wrong if report.receipt else ()
        left_out = {note.id for note in report.plan.notes if note.kind is NoteKind.DUPLICATE_ID}
        wanted = {kr: number(n, self.step) for n in self.place.numbers if (kr := f"KR{n}") not in left_out}
        lacking = [text for text in self.people.lacking(wanted) if not any(text.split()[0] in line for line in wrong)]
        broken = any("broken lookups" in str(note) for note in report.plan.notes)
        assert lacking == [] or broken, (lacking, wrong, report.plan.notes, self.people.picture())

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "people"):
            self.output["steps"] += 1
            assert len(self.place.book().tabs) >= 1
            assert self.torn or self.people.wrong() == []


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
        machine.output = Counter()
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
            print(f"\n{machine.__name__}:", *(f"{count:6} {name}" for name, count in machine.output.items()), sep="\n")  # noqa: T201 - figures for whoever walks by hand
