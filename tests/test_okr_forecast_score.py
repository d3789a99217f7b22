from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.goal_specs import GoalStep
from syncer.compute.projection import Forecast, Point, forecast
from syncer.method.goal import Goal
from syncer.method.kinds import AtLeast, AtMost, Between, Decrease, Increase, Milestone
from syncer.method.progress import SWEET_SPOT, Band, band_of, expected_score, rounded, score_of

D = Decimal
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
UP = Increase(baseline=D(0), target=D(100))


def points(*values: tuple[int, str]) -> list[Point]:
    return [(FIRST + timedelta(days=day), D(value)) for day, value in values]


@pytest.mark.parametrize(
    "readings",
    [(), ((0, "1"), (1, "2")), ((0, "1"), (1, "2"), (1, "3")), ((0, "1"), (0, "2"), (0, "3"))],
)
def test_three_readings_on_three_days_are_needed(readings: tuple[tuple[int, str], ...]) -> None:
    assert forecast(points(*readings), LAST, UP) is None


def test_a_straight_line_is_continued() -> None:
    readings = points((0, "0"), (5, "20"), (10, "40"))
    assert forecast(readings, LAST, UP) == Forecast(D(120), date(2026, 10, 26), 3)
    assert forecast(readings[::-1], LAST, UP) == forecast(readings, LAST, UP)


def test_the_day_may_lie_after_the_end() -> None:
    found = forecast(points((0, "0"), (5, "5"), (10, "10")), LAST, UP)
    assert found == Forecast(D(30), FIRST + timedelta(days=100), 3)


def test_least_squares_by_hand() -> None:
    found = forecast(points((0, "1"), (1, "2"), (2, "4"), (3, "4")), FIRST + timedelta(days=10), UP)
    assert found is not None
    assert found.end_value == D("12.1")


@pytest.mark.parametrize(
    ("goal", "values", "met_on"),
    [
        (Decrease(baseline=D(30), target=D(8)), ("30", "25", "20"), 22),
        (AtMost(target=D(8)), ("30", "25", "20"), 22),
        (AtLeast(target=D(60)), ("30", "35", "40"), 30),
        (Milestone(steps=(GoalStep("A"),)), ("0", "0.25", "0.5"), 20),
        (UP, ("40", "40", "40"), None),
        (UP, ("40", "30", "20"), None),
        (UP, ("0", "0.001", "0.002"), None),
        (Between(low=D(1), high=D(2)), ("5", "4", "3"), None),
        (UP, ("90", "120", "130"), 5),
        (UP, ("90", "100", "130"), 5),
        (AtMost(target=D(8)), ("9", "8", "5"), 5),
        (UP, ("120", "90", "130"), 10),
        (UP, ("0", "140", "99"), 11),
    ],
)
def test_the_day_the_target_is_met(goal: Goal, values: tuple[str, str, str], met_on: int | None) -> None:
    found = forecast(points(*zip((0, 5, 10), values, strict=True)), LAST, goal)
    assert found is not None
    assert found.met_on == (None if met_on is None else FIRST + timedelta(days=met_on))


@given(st.lists(st.tuples(st.integers(0, 30), st.decimals(-1000, 1000, places=2)), max_size=12))
def test_a_forecast_never_fails(readings: list[tuple[int, Decimal]]) -> None:
    found = forecast([(FIRST + timedelta(days=day), value) for day, value in readings], LAST, UP)
    assert (found is None) == (len({day for day, _ in readings}) < 3)


def by_fractions(readings: list[Point], last: date) -> Fraction:
    """The value on the last day, by the textbook's formula."""
    days = [Fraction((day - FIRST).days) for day, _ in readings]
    values = [Fraction(value) for _, value in readings]
    mean_day, mean = sum(days, Fraction()) / len(days), sum(values, Fraction()) / len(values)
    slope = sum(((x - mean_day) * (y - mean) for x, y in zip(days, values, strict=True)), Fraction())
    slope /= sum(((x - mean_day) ** 2 for x in days), Fraction())
    return mean + slope * ((last - FIRST).days - mean_day)


@given(
    st.lists(st.tuples(st.integers(0, 366), st.integers(-(10**28), 10**28), st.integers(-40, 10)), min_size=3),
    st.integers(0, 3000),
)
def test_the_line_is_exact_whatever_the_size_of_the_numbers(readings: list[tuple[int, int, int]], end: int) -> None:
    given_ = [(FIRST + timedelta(days=day), D(digits).scaleb(exponent)) for day, digits, exponent in readings]
    last = FIRST + timedelta(days=end)
    found = forecast(given_, last, UP)
    if found is not None:
        assert found.end_value == rounded(by_fractions(given_, last))
        assert found.points == len(given_)


@pytest.mark.parametrize(
    ("progress", "score", "band"),
    [
        ("1", "1.0", Band.COMPLETE),
        ("0.999999", "0.9", Band.SATISFYING),
        ("0.97", "0.9", Band.SATISFYING),
        ("0.65", "0.7", Band.SATISFYING),
        ("0.649999", "0.6", Band.SOME_PROGRESS),
        ("0.25", "0.3", Band.SOME_PROGRESS),
        ("0.249999", "0.2", Band.LITTLE_PROGRESS),
        ("0", "0.0", Band.LITTLE_PROGRESS),
    ],
)
def test_scores_and_bands(progress: str, score: str, band: Band) -> None:
    found = score_of(D(progress))
    assert str(found) == score
    assert band_of(D(score)) is band


def test_unknown_has_no_score() -> None:
    assert score_of(None) is None


def test_a_promise_expects_more_than_a_stretch_goal() -> None:
    assert expected_score("committed") == 1
    assert SWEET_SPOT[0] <= expected_score() <= SWEET_SPOT[1]


@given(st.decimals(0, 1, places=6))
def test_a_score_is_a_tenth(progress: Decimal) -> None:
    score = score_of(progress)
    assert score in {D(tenth) / 10 for tenth in range(11)}
    assert (score == 1) == (progress == 1)
