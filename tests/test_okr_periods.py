from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from config.models import Over
from syncer.method.kinds import AtLeast, AtMost, Parts
from syncer.method.pace import earlier_periods
from syncer.method.progress import UNKNOWN

D = Decimal
TODAY = date(2026, 11, 16)
WEEKLY, MONTHLY = Over(each="week"), Over(each="month")

overs = st.builds(Over, each=st.sampled_from(["week", "month"]), take=st.sampled_from(["mean", "worst"]))
values = st.decimals(0, 200, places=2)
readings = st.lists(
    st.tuples(st.integers(-3, 120).map(lambda days: TODAY - timedelta(days=days)), st.none() | values),
    max_size=20,
    unique_by=lambda reading: reading[0],
)


def test_one_reading_a_period_and_none_of_todays() -> None:
    days = [(TODAY - timedelta(days=ago), D(ago)) for ago in (0, 1, 2, 8, 9, 15, 47)]
    assert earlier_periods(days, TODAY, WEEKLY) == (D(47), D(15), D(8), D(1))
    assert earlier_periods(days, TODAY, MONTHLY) == (D(47),)
    assert earlier_periods(days, TODAY, None) == ()


def test_a_period_whose_last_reading_is_unknown_has_its_last_known_one() -> None:
    days = [(TODAY - timedelta(days=ago), value) for ago, value in ((5, D(3)), (3, None), (9, None))]
    assert earlier_periods(days, TODAY, WEEKLY) == (D(3),)


@given(readings, overs)
def test_neither_order_nor_earlier_readings_of_a_period_matter(
    found: list[tuple[date, Decimal | None]], over: Over
) -> None:
    kept = earlier_periods(found, TODAY, over)
    assert earlier_periods(list(reversed(found)), TODAY, over) == kept
    first_days = {
        day.replace(day=1) if over.each == "month" else day - timedelta(days=day.weekday()) for day, _ in found
    }
    known_first = {day for day, value in found if value is not None}
    more = [(day, D(1)) for day in first_days if day not in known_first and any(day < other for other in known_first)]
    periods = {day.isocalendar()[:2] if over.each == "week" else (day.year, day.month) for day in known_first}
    added = [
        (day, value)
        for day, value in more
        if (day.isocalendar()[:2] if over.each == "week" else (day.year, day.month)) in periods
    ]
    assert earlier_periods([*found, *added], TODAY, over) == kept


@given(st.lists(values, max_size=12), values, st.decimals(1, 100, places=1), overs, st.booleans())
def test_periods_together_lie_between_the_periods(
    earlier: list[Decimal], value: Decimal, target: Decimal, over: Over, partial: bool
) -> None:
    goal = AtLeast(target=target, partial=partial, over=over)
    each = [goal.progress([one]).progress or D(0) for one in (*earlier, value)]
    whole = goal.progress([value], [earlier]).progress
    assert whole is not None
    assert 0 <= min(each) <= whole <= max(each) <= 1
    if over.take == "worst":
        assert whole == min(each)


@given(st.lists(values, max_size=5), overs)
def test_unknown_today_is_unknown_whatever_was(earlier: list[Decimal], over: Over) -> None:
    goal = AtMost(target=D(3), over=over)
    assert goal.progress([None], [earlier]) == UNKNOWN
    parts = Parts(parts=((goal, D(1)),))
    assert parts.progress([None], [earlier]) == UNKNOWN
