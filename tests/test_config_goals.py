from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from config.goal_specs import GoalSpec, GoalStep, spec_of
from config.goals import GoalError, IncompleteGoalError, make_goal
from config.models import KeyResult, Part
from config.scalars import parse_amount, parse_change
from syncer.method.kinds import goal_of


def spec(**stated: Any) -> GoalSpec:
    """A spec as a config would state it: numbers as text."""
    numbers: dict[str, Any] = {
        name: parse_amount(stated.pop(name)) for name in ("baseline", "target", "low", "high") if name in stated
    }
    if "change" in stated:
        numbers["change"] = parse_change(stated.pop("change"))
    return GoalSpec(**numbers, **stated)


@pytest.mark.parametrize(
    ("stated", "kind", "baseline", "target"),
    [
        ({"baseline": "40%", "target": "90%"}, "increase", "0.4", "0.9"),
        ({"baseline": "30", "target": "8"}, "decrease", "30", "8"),
        ({"target": "10", "additive": True}, "increase", "0", "10"),
        ({"target": "-5", "additive": True}, "decrease", "0", "-5"),
        ({"target": "10", "kind": "increase"}, "increase", "0", "10"),
        ({"target": "8", "baseline": "30", "kind": "decrease"}, "decrease", "30", "8"),
        ({"target": "90%", "kind": "at_least"}, "at_least", None, "0.9"),
        ({"target": "2", "kind": "at_most", "partial": True}, "at_most", None, "2"),
        ({"baseline": "38461.54", "change": "+30%"}, "increase", "38461.54", "50000.002"),
        ({"baseline": "5%", "change": "-10%"}, "decrease", "0.05", "0.045"),
        ({"baseline": "5%", "change": "-2pp"}, "decrease", "0.05", "0.03"),
        ({"baseline": "0.4", "change": "+10pp", "unit": "percent"}, "increase", "0.4", "0.5"),
        ({"baseline": "12000", "change": "+2000"}, "increase", "12000", "14000"),
        ({"baseline": "70%", "change": "+10pp", "kind": "at_least"}, "at_least", "0.7", "0.8"),
        ({"baseline": "-10", "target": "10"}, "increase", "-10", "10"),
    ],
)
def test_kind_and_numbers_are_inferred(stated: Mapping[str, Any], kind: str, baseline: str | None, target: str) -> None:
    goal = make_goal(spec(**stated))
    assert goal.kind == kind
    assert goal.baseline == (None if baseline is None else Decimal(baseline))
    assert goal.target == Decimal(target)


@pytest.mark.parametrize(
    ("stated", "percent"),
    [
        ({"baseline": "0", "target": "80%"}, True),
        ({"baseline": "0.4", "target": "0.9", "unit": "percent"}, True),
        ({"baseline": "4", "target": "1", "unit": "hours"}, False),
        ({"low": "40%", "high": "60%"}, True),
    ],
)
def test_a_goal_says_whether_it_is_a_percent(stated: Mapping[str, Any], percent: bool) -> None:
    assert make_goal(spec(**stated)).percent is percent


STEP = GoalStep("Pilot")
PART = GoalSpec(target=parse_amount("10"), additive=True)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"baseline": "5", "target": "5"}, "both 5, so nothing can move"),
        ({"baseline": "40%", "change": "+0%"}, "both 40%"),
        ({"baseline": "5", "target": "9", "change": "+4"}, "has both `target` and `change`"),
        ({"low": "3", "high": "2"}, "`min` 3 is above `max` 2: exchange them"),
        ({"low": "3"}, "`between` needs `min` and `max`"),
        ({"high": "3"}, "`between` needs `min` and `max`"),
        ({"kind": "between"}, "`between` needs `min` and `max`"),
        ({"kind": "parts"}, "`kind: parts` needs `parts`"),
        ({"kind": "milestone"}, "`kind: milestone` needs `steps`"),
        ({"steps": (GoalStep("Pilot", weight=Decimal(0)),)}, "step 'Pilot' has weight 0: write a number above 0"),
        ({"parts": (replace(PART, weight=Decimal(-1)),)}, "part 1 has weight -1"),
        ({"parts": (PART, GoalSpec(additive=True))}, "part 2: has no target"),
        ({"parts": (GoalSpec(parts=(PART,)),)}, "part 1 is made of parts or steps itself"),
        ({"parts": (PART,), "steps": (STEP,)}, "has `parts` and `steps`: keep one of them"),
        ({"parts": (PART,), "target": "5"}, "has `parts`, so `target` has no meaning here"),
        ({"steps": (STEP,), "baseline": "5"}, "has `steps`, so `baseline` has no meaning here"),
        ({"parts": (PART,), "kind": "increase"}, "`kind: increase` does not go with `parts`"),
        ({"kind": "increase", "baseline": "10", "target": "5"}, "contradicts the numbers: the baseline is 10"),
        ({"kind": "decrease", "baseline": "10", "target": "15"}, "correct them, or remove `kind`"),
        ({"kind": "increase", "target": "-5"}, "the baseline, left out, is 0"),
        ({"baseline": "40", "target": "90%"}, "40 is part of a goal in percent: write 40%"),
        ({"baseline": "40%", "target": "90"}, "write 90%"),
        ({"target": "90", "kind": "at_least", "unit": "percent"}, "write 90%"),
        ({"target": "-1", "kind": "at_least", "partial": True}, "needs a target above 0"),
        ({"target": "0", "kind": "at_most", "partial": True}, "needs a target above 0"),
        ({"baseline": "1", "target": "2", "partial": True}, "write that `kind`, or remove `partial`"),
        ({"baseline": "0", "change": "+30%"}, "needs a baseline above 0, not 0: write `target`"),
        ({"baseline": "-10", "change": "+30%"}, "needs a baseline above 0, not -10"),
        ({"baseline": "40", "change": "-2pp"}, "`pp` moves a percent, and the baseline is 40"),
        ({"baseline": "40%", "change": "+10"}, "write +10pp (points) or +10% (of it)"),
        ({"baseline": "0", "target": "1e40"}, "too large or too small"),
    ],
)
def test_a_refusal_is_a_sentence_with_the_remedy(stated: Mapping[str, Any], words: str) -> None:
    with pytest.raises(GoalError) as refusal:
        make_goal(spec(**stated))
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({}, "has no target"),
        ({"kind": "at_least"}, "has no target"),
        ({"change": "+30%"}, "`change` needs a `baseline`"),
        ({"change": "+2000", "additive": True}, "`change` needs a `baseline`"),
        ({"target": "1"}, "has no baseline: write where it starts"),
        ({"target": "1", "kind": "decrease", "additive": True}, "has no baseline"),
        ({"target": "0", "additive": True}, "has no baseline"),
        ({"parts": (GoalSpec(target=parse_amount("1")),)}, "part 1: has no baseline"),
    ],
)
def test_what_the_sheet_may_still_give_is_named(stated: Mapping[str, Any], words: str) -> None:
    with pytest.raises(IncompleteGoalError, match=words):
        make_goal(spec(**stated))


def test_shortening_to_one_hour_never_becomes_an_increase_from_zero() -> None:
    with pytest.raises(IncompleteGoalError, match="has no baseline"):
        make_goal(spec(target="1", unit="hours"))


def test_spec_of_takes_every_field_of_a_key_result() -> None:
    definition = KeyResult(
        kind="at_least",
        baseline="70%",
        target="90%",
        unit="percent",
        partial=True,
    )
    assert spec_of(definition, additive=True) == spec(
        kind="at_least", baseline="70%", target="90%", unit="percent", partial=True, additive=True
    )
    ranged = KeyResult(min="1", max="2", change="+1")
    assert spec_of(ranged, additive=False) == spec(low="1", high="2", change="+1")


def test_spec_of_takes_steps_and_parts_with_their_weights() -> None:
    definition = KeyResult.model_validate(
        {
            "combine": "all",
            "steps": [{"title": "A", "done": "true", "weight": "2"}, {"title": "B"}],
            "parts": [{"target": "10", "weight": "3"}, {"target": "50萬"}],
        }
    )
    found = spec_of(definition, additive=False, parts_additive=(True, False))
    assert found.combine == "all"
    assert found.steps == (GoalStep("A", done=True, weight=Decimal(2)), GoalStep("B"))
    assert found.parts == (
        spec(target="10", additive=True, weight=Decimal(3)),
        spec(target="500000"),
    )
    assert spec_of(Part(target="10"), additive=True) == spec(target="10", additive=True)


def test_flags_for_another_number_of_parts_are_a_bug() -> None:
    definition = KeyResult.model_validate({"parts": [{"target": "10"}, {"target": "20"}]})
    with pytest.raises(ValueError, match="zip"):
        spec_of(definition, additive=False, parts_additive=(True,))


@pytest.mark.parametrize(
    ("stated", "value", "words"),
    [
        ({"kind": "at_least", "target": "90%"}, "92", "write `unit: percent` on the measure"),
        ({"baseline": "0", "target": "80%"}, "60", "if that means 60%"),
        ({"low": "40%", "high": "60%"}, "50", "divided by 100"),
        ({"baseline": "0", "target": "10"}, "NaN", "not a number"),
        ({"baseline": "0", "target": "10"}, "Infinity", "not a number"),
        ({"baseline": "0", "target": "10"}, "1e999999", "not a number"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(stated: Mapping[str, Any], value: str, words: str) -> None:
    assert words in (goal_of(make_goal(spec(**stated))).value_problem(Decimal(value)) or "")


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ({"kind": "at_least", "target": "90%"}, "5"),
        ({"baseline": "100%", "target": "800%"}, "9.5"),
        ({"baseline": "0", "target": "10"}, "4000"),
        ({"baseline": "0", "target": "10"}, "1e-300"),
    ],
)
def test_a_plausible_value_is_let_through(stated: Mapping[str, Any], value: str) -> None:
    assert goal_of(make_goal(spec(**stated))).value_problem(Decimal(value)) is None


def test_five_is_still_a_plausible_number_for_a_percent() -> None:
    assert make_goal(spec(baseline="5", target="90%")).baseline == 5


def test_a_range_may_be_one_point_and_may_have_a_baseline() -> None:
    goal = make_goal(spec(low="3", high="3", baseline="9"))
    assert (goal.low, goal.high, goal.baseline) == (Decimal(3), Decimal(3), None)
