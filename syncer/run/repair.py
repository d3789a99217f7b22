"""Write, check, put right: until what was planned stands in the right rows, or the sheet is as it was.

Sheets has no lock (there is no precondition on a write), so people may move rows between the read and the write. The
write's own answer shows where everything stands; what was hit by mistake gets back what stood there, and the right
cells are written, in one further request. A write whose outcome nobody knows is never sent again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from secrets import token_hex

from config.errors import SheetError, StaleSheetError, UncertainWriteError
from config.models import OkrSheet
from connectors.okr_sheet import MEMORY_TAB, SheetBatch, SheetImage, SheetWriter
from syncer.model.cells import as_text
from syncer.model.plan import Plan
from syncer.run.account import unaccounted
from syncer.run.journal import Keep
from syncer.run.owed import Owed, Pending, Settled, after_inserts, can_be_put_back, restores
from syncer.run.repair_errors import in_doubt, not_put_back, too_many_rounds, unclear, unreadable
from syncer.run.strays import arrived, settle
from syncer.run.write import Receipt, make_batch, verify
from syncer.sheet.last_written import WRITE_KEY, last_written_cells, read_last_written
from syncer.sheet.view import view_sheet

ROUNDS = 3
"""How often what was planned is written in one run, each time to where the rows stand by then."""

RESTORES = 3
"""How often what is owed is put back after that."""

Replan = Callable[[SheetImage], Plan]
"""Plans what is still missing on a newer image, never more than was checked. Raises SheetError."""


def write_plan(writer: SheetWriter, seen: Pending, plan: Plan, replan: Replan, stated: OkrSheet, keep: Keep) -> Receipt:
    """Write a plan that was made on `seen.image`, and verify it.

    Raises:
        UncertainWriteError: no answer came, three times.
        SheetError: it was refused, or people kept moving rows; the message says what was and was not written.
    """
    return _Writing(writer, seen.run, stated, keep, Settled(seen.image)).write(plan, replan)


def finish(writer: SheetWriter, pending: Pending, stated: OkrSheet, keep: Keep) -> int:
    """Put back what an earlier run that was killed had hit by mistake; how many cells.

    Raises SheetError: something could not be put back, or (once) nobody can tell whether a cell is okrsync's.
    """
    image = writer.read()
    hit = {write.tab for write in (*pending.batch.cells, *restores(pending.owed))}
    if any(title in hit and title not in image.tabs for title in stated.tabs):
        view_sheet(image, stated)  # raises: until its tab is back, nothing can be put back
    state = settle(pending, image, stated, done=arrived(pending, image), moved_since=True)
    writing = _Writing(writer, pending.run, stated, keep, state, doubtful=[*state.doubtful])
    writing.restore()
    keep(None)
    if told := writing.unproven():
        raise in_doubt(told)
    return sum(one.tab != MEMORY_TAB for one in state.owed)


@dataclass(slots=True)
class _Writing:
    """What stands between the rounds of one write."""

    writer: SheetWriter
    run: str
    stated: OkrSheet
    keep: Keep
    state: Settled
    put_back: list[Owed] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    refusal: SheetError | None = None

    def write(self, first: Plan, replan: Replan) -> Receipt:
        plan = first
        for _ in range(ROUNDS):
            self._round(plan)
            if not self.state.owed and self._all_right(first):
                return self._receipt(first)
            again = self._replanned(replan)
            if not again.has_work and not self.state.owed:
                return self._receipt(first)
            self._give_up_when_refused(plan, again)
            plan = again
        self.restore()
        if self.refusal is not None and not self.put_back and not self.unproven():
            raise self.refusal
        raise too_many_rounds(ROUNDS, len(self.put_back), self.unproven())

    def restore(self) -> None:
        """Put back what is owed, and nothing else. Raises SheetError naming what could not be put back."""
        for _ in range(RESTORES):
            if not self.state.owed:
                return
            self._round(None)
        if self.state.owed:
            raise not_put_back(self.state.owed, self.unproven())

    def _round(self, plan: Plan | None) -> None:
        """One write, and what it came to."""
        pending = Pending(
            self.run, self.state.image, self._batch(plan), self.state.owed, self.state.shapes, self.state.traces
        )
        if not self.state.image.version:
            self.keep(pending)
        after, done = self._send(pending)
        if done and plan is not None and not pending.owed and _is_right(plan, after, self.stated):
            self.state = replace(Settled(after), traces=self.state.traces, shapes=self.state.shapes)
        else:
            self.state = settle(pending, after, self.stated, done=done)
            self.put_back += [one for one in self.state.owed if done and one.tab != MEMORY_TAB]
            self.doubtful += self.state.doubtful
        if not self.state.image.version:
            state = self.state
            left = Pending(self.run, state.image, SheetBatch(()), state.owed, state.shapes, state.traces)
            self.keep(left if state.owed else None)

    def _send(self, pending: Pending) -> tuple[SheetImage, bool]:
        """Send the batch once. The sheet after it, and whether the write is in it."""
        self.refusal = None
        try:
            return self.writer.write(pending.batch), True
        except SheetError as error:
            self.refusal = error
            try:
                now = self.writer.read()
            except SheetError as unreadable:
                raise error from unreadable
            return now, isinstance(error, UncertainWriteError) and arrived(pending, now)

    def _batch(self, plan: Plan | None) -> SheetBatch:
        """What is owed and what is planned, in one; where both are about a cell, the plan is.

        What lies in a tab that is gone, or is protected by now, waits: it would have all of the batch refused.
        """
        image = self.state.image
        base = read_last_written(image.tabs.get(MEMORY_TAB))
        mark = {} if image.version else {WRITE_KEY: token_hex(4)}
        possible = [one for one in self.state.owed if can_be_put_back(one, image)]
        if plan is not None:
            batch = make_batch(plan, base, self.run, mark)
        else:
            batch = SheetBatch(
                last_written_cells(base, mark, frozenset(), self.run)[1] if base.exists and possible else ()
            )
        planned = {(write.tab, write.row, write.column) for write in batch.cells}
        owed = restores(after_inserts(possible, batch.inserts))
        back = [write for write in owed if (write.tab, write.row, write.column) not in planned]
        return replace(batch, cells=(*back, *batch.cells), version=image.version)

    def _replanned(self, replan: Replan) -> Plan:
        try:
            return replan(self.state.image)
        except SheetError as error:
            self.restore()
            if isinstance(self.refusal, UncertainWriteError) or not self.refusal or self.unproven():
                raise unreadable(error, len(self.put_back), self.unproven()) from error
            raise

    def _all_right(self, plan: Plan) -> bool:
        if self.refusal is not None and not isinstance(self.refusal, UncertainWriteError):
            return False
        try:
            return not verify(plan, self.state.image, self.stated).wrong
        except SheetError:
            return False

    def _give_up_when_refused(self, plan: Plan, again: Plan) -> None:
        """A write that was refused for what is still so will be refused again."""
        if self.refusal is None or self.state.owed or isinstance(self.refusal, UncertainWriteError | StaleSheetError):
            return
        if (plan.changes, plan.sheet_version) == (again.changes, again.sheet_version):
            raise self.refusal

    def unproven(self) -> list[str]:
        """The cells of which nobody can tell whether they hold what they should, in words."""
        owed = {one.cell for one in self.state.owed}
        state = self.state
        told = [*self.doubtful, *unaccounted(state.traces, state.image, self.stated, state.shapes)]
        return [text for text in dict.fromkeys(told) if text.partition(" ")[0] not in owed]

    def _receipt(self, plan: Plan) -> Receipt:
        if told := self.unproven():
            raise unclear(told)
        found = verify(plan, self.state.image, self.stated)
        return replace(found, put_back=tuple(self.put_back), moved=bool(self.put_back))


def _is_right(plan: Plan, after: SheetImage, stated: OkrSheet) -> bool:
    """Whether every cell was where it was expected: then nothing else can have been hit."""
    try:
        receipt = verify(plan, after, stated)
    except SheetError:
        return False
    return not receipt.wrong and not receipt.moved


def still_planned(plan: Plan, first: Plan) -> Plan:
    """The plan without what was not in the first one, which the guards and perhaps a person have seen."""
    checked = {(change.id, change.column): as_text(change.after) for change in first.changes}
    lines = tuple(
        replace(
            line,
            changes=tuple(
                change for change in line.changes if checked.get((change.id, change.column)) == as_text(change.after)
            ),
        )
        for line in plan.lines
    )
    return replace(plan, lines=lines)
