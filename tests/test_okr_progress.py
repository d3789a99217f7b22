from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.goal_specs import GoalStep, spec_of
from config.goals import CheckedGoal, make_goal
from config.models import KeyResult, Kind
from syncer.method.goal import Goal
from syncer.method.kinds import AtLeast, AtMost, Between, Decrease, Increase, Milestone, Parts, goal_of
from syncer.method.progress import UNKNOWN, Progress, rounded, weighted_mean

D = Decimal


def stated_goal(*, additive: bool = False, **stated: Any) -> Goal:
    definition = KeyResult.model_validate(stated)
    spec = spec_of(definition, additive=additive, parts_additive=(additive,) * len(definition.parts))
    return goal_of(make_goal(spec))


WORKED_EXAMPLES = [
    (
        "新簽約 10 家企業客戶，達成 50 萬營收",
        {"parts": [{"target": "10"}, {"target": "500000"}]},
        ["7", "400000"],
        "0.75",
    ),
    (
        "完成 3 場產品展示會，並吸引 200 名潛在客戶",
        {"parts": [{"target": "3"}, {"target": "200"}]},
        ["3", "150"],
        "0.875",
    ),
    ("完成 80% 的 CRM 資料更新", {"baseline": "0", "target": "80%"}, ["0.60"], "0.75"),
    ("網站月流量成長 30%，達 5 萬次瀏覽", {"baseline": "38461.54", "change": "+30%"}, ["44230.771"], "0.5"),
    ("社群互動數增加 2,000 次", {"baseline": "12000", "change": "+2000"}, ["13500"], "0.75"),
    ("完成 2 場線上直播，參與人數達 500 人", {"parts": [{"target": "2"}, {"target": "500"}]}, ["1", "300"], "0.55"),
    ("平均客服回應時間縮短至 1 小時以內", {"baseline": "4", "target": "1", "unit": "hours"}, ["1.75"], "0.75"),
    ("客戶滿意度達 90% 以上", {"kind": "at_least", "target": "90%"}, ["0.90"], "1"),
    (
        "每月解決 90% 的客戶問題，客訴率降低 10%",
        {"parts": [{"kind": "at_least", "target": "90%"}, {"baseline": "5%", "change": "-10%"}]},
        ["0.92", "0.0475"],
        "0.75",
    ),
    ("九成民眾 45 分鐘內可達診所", {"baseline": "70%", "target": "90%"}, ["0.85"], "0.75"),
    ("做到 13 件，目標 10 件", {"baseline": "0", "target": "10"}, ["13"], "1"),
    ("比起點還差", {"baseline": "40", "target": "80"}, ["36"], "0"),
]


@pytest.mark.parametrize(
    ("stated", "values", "progress"), [case[1:] for case in WORKED_EXAMPLES], ids=[case[0] for case in WORKED_EXAMPLES]
)
def test_worked_example(stated: dict[str, Any], values: list[str], progress: str) -> None:
    numbers = [D(value) for value in values]
    goal = stated_goal(additive="parts" in stated, **stated)
    found = goal.progress(numbers)
    assert found.progress == D(progress)


@pytest.mark.parametrize(
    ("stated", "value", "raw"),
    [
        ({"baseline": "0", "target": "10"}, "13", "1.3"),
        ({"baseline": "40", "target": "80"}, "36", "-0.1"),
        ({"baseline": "30", "target": "8"}, "41", "-0.5"),
        ({"kind": "at_least", "target": "90%"}, "0.8999", "0"),
        ({"kind": "at_most", "target": "2"}, "2", "1"),
        ({"kind": "at_most", "target": "2"}, "2.01", "0"),
        ({"kind": "at_least", "target": "90%", "partial": "true"}, "0.45", "0.5"),
        ({"kind": "at_least", "target": "90%", "partial": "true"}, "0.99", "1"),
        ({"kind": "at_most", "target": "2", "partial": "true"}, "8", "0.25"),
        ({"kind": "at_most", "target": "2", "partial": "true"}, "0", "1"),
        ({"min": "3", "max": "5"}, "3", "1"),
        ({"min": "3", "max": "5"}, "5", "1"),
        ({"min": "3", "max": "5"}, "5.000001", "0"),
        ({"min": "3", "max": "5"}, "2.9", "0"),
        ({"baseline": "0", "target": "3"}, "1", "0.333333"),
        ({"baseline": "0", "target": "3"}, "2", "0.666667"),
    ],
)
def test_raw_by_kind(stated: dict[str, Any], value: str, raw: str) -> None:
    found = stated_goal(**stated).progress([D(value)])
    assert found == Progress(D(raw), min(max(D(raw), D(0)), D(1)))


def test_all_takes_the_least_of_the_parts() -> None:
    goal = stated_goal(additive=True, combine="all", parts=[{"target": "10"}, {"target": "500000"}])
    assert goal.progress([D(7), D(400000)]) == Progress(D("0.7"), D("0.7"))


def test_a_part_beyond_its_target_does_not_make_up_for_another() -> None:
    goal = stated_goal(additive=True, parts=[{"target": "10"}, {"target": "10"}])
    assert goal.progress([D(30), D(5)]).raw == D("0.75")


def test_parts_have_weights() -> None:
    goal = stated_goal(additive=True, parts=[{"target": "10", "weight": "3"}, {"target": "10"}])
    assert goal.progress([D(10), D(0)]).progress == D("0.75")


def test_a_milestone_is_the_share_of_done_weights_and_needs_no_value() -> None:
    steps = (GoalStep("A", done=True, weight=D(2)), GoalStep("B", weight=D(1)), GoalStep("C"))
    assert Milestone(steps=steps).progress([]).progress == D("0.5")


def test_unknown_in_unknown_out() -> None:
    parts = stated_goal(additive=True, parts=[{"target": "10"}, {"target": "20"}])
    assert parts.progress([D(10), None]) == UNKNOWN
    for goal in (
        stated_goal(baseline="4", target="1"),
        stated_goal(kind="at_most", target="2"),
        stated_goal(min="1", max="2"),
    ):
        assert goal.progress([None]) == UNKNOWN
        assert goal.progress([D("NaN")]) == UNKNOWN
        assert goal.progress([D("-Infinity")]) == UNKNOWN


def test_ninety_against_ninety_percent_is_unknown_and_never_met() -> None:
    assert stated_goal(kind="at_least", target="90%").progress([D(90)]) == UNKNOWN


def test_a_missing_part_value_is_a_bug_and_no_zero() -> None:
    goal = stated_goal(additive=True, parts=[{"target": "10"}, {"target": "20"}])
    with pytest.raises(ValueError, match="zip"):
        goal.progress([D(10)])


def test_a_goal_without_its_numbers_is_a_bug() -> None:
    with pytest.raises(ValueError, match="make_goal"):
        goal_of(CheckedGoal("at_least"))


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        ("0.0000005", 6, "0.000001"),
        ("-0.0000005", 6, "-0.000001"),
        ("0.00000049", 6, "0"),
        ("-0.0000001", 6, "0"),
        ("0.25", 1, "0.3"),
        ("120", 6, "120"),
        ("0.750000", 6, "0.75"),
        ("12345678901234567890123456789012345.5", 0, "12345678901234567890123456789012346"),
    ],
)
def test_rounding_is_half_up_and_plain(number: str, places: int, text: str) -> None:
    assert str(rounded(D(number), places)) == text


numbers = st.decimals(-1_000_000, 1_000_000, places=3)
kinds: st.SearchStrategy[Kind] = st.sampled_from(["increase", "decrease", "at_least", "at_most", "between"])


@st.composite
def goals(draw: st.DrawFn) -> Goal:
    kind: Kind = draw(kinds)
    low, high = sorted(draw(st.tuples(numbers, numbers)))
    if kind == "between":
        return Between(low=low, high=high)
    if kind in ("at_least", "at_most"):
        target = draw(numbers)
        limit = AtLeast if kind == "at_least" else AtMost
        return limit(target=target, partial=draw(st.booleans()) if target > 0 else False)
    assume(low != high)
    return Increase(baseline=low, target=high) if kind == "increase" else Decrease(baseline=high, target=low)


@given(goals(), numbers)
def test_progress_stays_between_zero_and_one(goal: Goal, value: Decimal) -> None:
    found = goal.progress([value])
    assert found.progress is not None
    assert 0 <= found.progress <= 1


@given(goals(), numbers, numbers)
def test_raw_is_monotone_in_the_value(goal: Goal, one: Decimal, other: Decimal) -> None:
    assume(goal.kind != "between")
    low, high = sorted((one, other))
    below, above = goal.progress([low]).raw, goal.progress([high]).raw
    assert below is not None
    assert above is not None
    assert below <= above if goal.kind in ("increase", "at_least") else below >= above


@given(numbers, numbers, numbers)
def test_a_decrease_mirrors_an_increase(baseline: Decimal, target: Decimal, value: Decimal) -> None:
    assume(baseline < target)
    increase = Increase(baseline=baseline, target=target)
    decrease = Decrease(baseline=-baseline, target=-target)
    assert increase.progress([value]) == decrease.progress([-value])


@given(numbers, numbers, numbers, st.decimals("0.01", 1000, places=2))
def test_the_unit_does_not_matter(baseline: Decimal, target: Decimal, value: Decimal, factor: Decimal) -> None:
    assume(baseline != target)
    small = Increase(baseline=baseline, target=target)
    large = Increase(baseline=baseline * factor, target=target * factor)
    assert small.progress([value]) == large.progress([value * factor])


weights = st.decimals("0.1", 100, places=1)


@given(st.lists(st.tuples(goals(), weights, numbers), min_size=1, max_size=5))
def test_parts_together_lie_between_the_parts(members: list[tuple[Goal, Decimal, Decimal]]) -> None:
    values = [value for _, _, value in members]
    each = [goal.progress([value]).progress or D(0) for goal, _, value in members]
    parts = tuple((goal, weight) for goal, weight, _ in members)
    mean = Parts(parts=parts).progress(values).progress
    assert mean is not None
    assert min(each) <= mean <= max(each)
    assert Parts(parts=parts, combine="all").progress(values).progress == min(each)


@given(goals())
def test_no_value_never_becomes_zero(goal: Goal) -> None:
    assert goal.progress([None]) == UNKNOWN
    assert Parts(parts=((goal, D(1)),)).progress([None]) == UNKNOWN


@given(st.lists(st.tuples(numbers, weights), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_a_mean_does_not_depend_on_the_order(pairs: list[tuple[Decimal, Decimal]], random: Any) -> None:
    mixed = list(pairs)
    random.shuffle(mixed)
    assert weighted_mean(mixed) == weighted_mean(pairs)
    by_fractions = sum((Fraction(value) * Fraction(weight) for value, weight in pairs), Fraction())
    assert weighted_mean(pairs) == rounded(by_fractions / sum((Fraction(weight) for _, weight in pairs), Fraction()))


def test_the_page_for_people_has_every_worked_example() -> None:
    page = (Path(__file__).parent.parent / "docs" / "okr-method.md").read_text("utf-8")
    rows = {cells[1].strip(): cells[5].split()[0] for line in page.splitlines() if len(cells := line.split("|")) == 7}
    for title, _, _, progress in WORKED_EXAMPLES:
        assert D(rows[title]) == D(progress)
