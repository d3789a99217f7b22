"""The goal of a key result as its cells and its title say it, with questions where they say it unclearly. Pure."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from config.dataclass import dataclass
from config.goal_specs import GoalError, GoalSpec, IncompleteGoalError, shown
from config.goals import make_goal
from config.message import Message
from config.models import Kind
from config.quantities import Quantity, converted, quantities_in
from config.scalars import Amount
from connectors.okr_sheet import Cell
from syncer.compute.zero_start import falls
from syncer.draft.draft import DraftedGoal, Question
from syncer.model.cells import as_text
from syncer.sheet.columns import kind_of_text
from syncer.sheet.figures import cell_quantity

_NONE_OF = re.compile(r"\s*(?:zero|no)\b|\s*(?:零|無重大|不發生)", re.IGNORECASE)
_HUNDRED = Decimal(100)

READABLE = Message("80, 80 pts, 90%, 8 h, <8h, NT$500,000 or 50萬")


@dataclass(frozen=True, slots=True)
class GoalCells:
    """The cells of a row that define its goal; None for a column that the tab does not have."""

    title: str
    target: Cell | None = None
    baseline: Cell | None = None
    unit: str = ""
    kind: str = ""


Ask = Callable[[str, str, str], Question]
"""Makes a question about a column: its name, what was assumed, and the key to change."""


class _Reading:
    """Reads one goal, and collects questions."""

    def __init__(self, cells: GoalCells, ask: Ask) -> None:
        self.cells = cells
        self.questions: list[Question] = []
        self._ask = ask
        self._in_title = quantities_in(cells.title)

    def ask(self, column: str, assumed: str, key: str) -> None:
        self.questions.append(self._ask(column, assumed, key))

    def figure(self, column: str, cell: Cell | None) -> Quantity | None:
        if cell is None or (cell.value is None and cell.error is None):
            return None
        found = cell_quantity(cell)
        if found is None or as_text(cell.value).startswith("+"):
            self.ask(column, Message("ignored; supported are {readable}", readable=READABLE), column)
            return None
        return found

    def target(self) -> Quantity | None:
        """Return the target: of its cell, with the unit and bound that the title gives the same number; else asked."""
        cell = self.cells.target
        found = self.figure("target", cell)
        if found is not None:
            return self._as_in_title(found)
        if self.questions:
            return None
        if _NONE_OF.match(self.cells.title):
            return Quantity(Amount(Decimal(0)))
        if len(self._in_title) == 1:
            (only,) = self._in_title
            self.ask("title", Message("target {target}, taken from the title", target=shown(only.amount)), "target")
            return only
        self.ask("title", Message("no target; its progress is unknown until one is set"), "target")
        return None

    def _as_in_title(self, found: Quantity) -> Quantity:
        for one in self._in_title:
            same = one.amount.value == found.amount.value
            if same:
                percent = found.amount.percent or one.amount.percent
                return replace(self._bounded(found, one), amount=Amount(found.amount.value, percent))
            if one.amount.percent and not found.amount.percent and one.amount.value * _HUNDRED == found.amount.value:
                return self._bounded(found, replace(one, unit="%"))
        return found

    def _bounded(self, found: Quantity, in_title: Quantity) -> Quantity:
        """Return a figure with the unit and the bound of the same figure in the title, where it has none of its own."""
        bound = found if found.bound else in_title
        return Quantity(found.amount, found.unit or in_title.unit, bound.bound, bound.strict)

    def baseline(self, target: Quantity, unit: str) -> Amount | None:
        found = self.figure("baseline", self.cells.baseline)
        if found is None:
            return None
        amount = converted(found, unit)
        if amount is None:
            self.ask("baseline", Message("left out; the target is in {unit}", unit=unit), "baseline")
        elif amount.value == target.amount.value:
            self.ask("baseline", Message("left out, as the target is the same"), "baseline")
            return None
        return amount

    def kind(self, target: Quantity, baseline: Amount | None) -> Kind | None:
        stated = kind_of_text(self.cells.kind) if self.cells.kind else None
        if self.cells.kind and stated is None:
            message = Message("ignored; supported are increase, decrease, at_least or at_most")
            self.ask("kind", message, "kind")
        if stated is not None:
            return stated
        cell = self.cells.target
        in_cell = cell_quantity(cell) if cell else None
        if in_cell is not None and in_cell.bound:
            return self._bound(in_cell, "target")
        if baseline is not None:
            return None  # from there to the target
        if target.bound:
            if falls(self.cells.title):
                unclear = Message("`kind: {kind}`, met or not; with a baseline it has progress", kind=target.bound)
                self.ask("title", unclear, "baseline")
            return self._bound(target, "title")
        if _NONE_OF.match(self.cells.title) or target.amount.value <= 0:
            limit = shown(target.amount)
            self.ask("title", Message("`kind: at_most`: met while the value is at most {limit}", limit=limit), "kind")
            return "at_most"
        if falls(self.cells.title):
            unclear = Message("no baseline: its progress is unknown until one is set; or write `kind: at_most`")
            self.ask("title", unclear, "baseline")
        return None

    def _bound(self, found: Quantity, column: str) -> Kind | None:
        """Return the kind of a bound, and ask where its words leave out the number itself: `<12`."""
        if found.strict and found.bound:
            limit = shown(found.amount)
            counts = Message("`kind: {kind}`: exactly {limit} counts as met, too", kind=found.bound, limit=limit)
            self.ask(column, counts, "target")
        return found.bound


def read_goal(cells: GoalCells, ask: Ask) -> tuple[DraftedGoal, tuple[Question, ...]]:
    """Read the goal of a row. What is returned is a valid goal, or one that lacks its target or baseline."""
    reading = _Reading(cells, ask)
    target = reading.target()
    if target is None:
        return DraftedGoal(unit=cells.unit), tuple(reading.questions)
    unit = cells.unit or target.unit
    baseline = reading.baseline(target, "percent" if target.amount.percent else unit)
    goal = DraftedGoal(reading.kind(target, baseline), baseline, target.amount, unit)
    return _valid(goal, reading), tuple(reading.questions)


def _valid(goal: DraftedGoal, reading: _Reading) -> DraftedGoal:
    """Leave out what contradicts the target, and ask; the config would be refused."""
    attempts = (
        (goal, "", ""),
        (replace(goal, kind=None), "kind", "kind"),
        (replace(goal, baseline=None), "baseline", "baseline"),
        (replace(goal, kind=None, baseline=None), "baseline", "baseline"),
    )
    for attempt, column, key in attempts:
        problem = problem_of(attempt)
        if problem is None:
            if column:
                reading.ask(column, Message("left out, since it {problem}", problem=problem_of(goal) or ""), key)
            return attempt
    reading.ask("target", Message("left out, since it {problem}", problem=problem_of(goal) or ""), "target")
    return DraftedGoal(unit=goal.unit)


def problem_of(goal: DraftedGoal) -> str | None:
    """Return why a config with this goal would be refused; None if it would not be."""
    try:
        make_goal(GoalSpec(goal.kind, goal.baseline, goal.target, unit=goal.unit or None, additive=True))
    except IncompleteGoalError:
        return None
    except GoalError as error:
        return str(error)
    return None
