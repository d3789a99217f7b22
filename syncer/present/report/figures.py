"""A key result's numbers as a reader sees them: current value, target, baseline and change, in its unit."""

from dataclasses import replace
from decimal import Decimal

from syncer.compute.change import Change
from syncer.compute.definitions import Definition
from syncer.compute.states import KeyResultState
from syncer.i18n import translate
from syncer.method.goal import Goal
from syncer.method.progress import rounded
from syncer.model.number_style import NumberStyle
from syncer.sheet.number_text import NOTHING, exact_value, show_quantity


def show_plain(definition: Definition, value: Decimal) -> str:
    """Format a number of a key result without its unit."""
    return show_quantity(value, replace(definition.style, unit="", marks=()), "en")


def current_text(state: KeyResultState, language: str) -> str:
    """Format the current value with its unit; `–` when it is unknown."""
    return show_quantity(state.current, state.definition.style, language) if state.known else NOTHING


def exact_text(state: KeyResultState) -> str:
    """Return the current value with all its digits, to be shown on demand; empty when there is no single number."""
    if not state.known or not isinstance(state.current, Decimal):
        return ""
    return exact_value(state.current, percent=state.definition.percent)


def target_text(definition: Definition, language: str) -> str:
    """Format the target with its unit, or a threshold's condition; empty when there is none."""
    goal = definition.goal
    if goal is None:
        return ""
    if goal.parts:
        pairs = zip(goal.parts, definition.style.parts, strict=True)
        return translate(language, "; ").join(
            filter(None, (_target(part, style, language) for (part, _), style in pairs))
        )
    return _target(goal, definition.style, language)


def baseline_text(definition: Definition, language: str) -> str:
    """Format the baseline with its unit; empty when there is none."""
    goal = definition.goal
    return "" if goal is None or goal.baseline is None else show_quantity(goal.baseline, definition.style, language)


def _target(goal: Goal, style: NumberStyle, language: str) -> str:
    def shown(value: Decimal | None) -> str:
        return show_quantity(value, style, language)

    return goal.condition(shown) or ("" if goal.target is None else shown(goal.target))


def change_text(state: KeyResultState, change: Change | None, language: str) -> str:
    """Format the change of a key result's value, or else of its progress; empty when nothing moved."""
    definition, far = state.definition, None if change is None else change.value
    if change is None or not (change.progress if far is None else far):
        return ""
    if far is None:
        return f"{_sign(change.progress)}{_points(abs(change.progress), language)}"
    shown = _points(abs(far), language) if definition.percent else show_plain(definition, abs(far))
    return f"{_sign(far)}{shown}"


def _sign(number: Decimal) -> str:
    return "+" if number > 0 else "−"


def _points(share: Decimal, language: str) -> str:
    """Format a difference of shares in percentage points, with two significant digits."""
    points = share * 100
    places = max(0, 1 - points.adjusted()) if points < 1 else 1 if points < 10 else 0  # noqa: PLR2004 - two digits
    return translate(language, "{points} pp", points=f"{rounded(points, places):,f}")
