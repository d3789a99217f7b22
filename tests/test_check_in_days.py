"""Due days of check-ins, since when one is due, and those made on time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import CheckIn
from syncer.method.check_in_days import Expected, due_days, due_since, made_on_time

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
DAYS = st.integers(-20, 112).map(lambda days: FIRST + timedelta(days=days))


def expected(every: str = "week", counted_from: date = FIRST) -> Expected:
    return Expected(CheckIn.model_validate({"every": every, "due": "friday"}), FIRST, LAST, counted_from)


def test_due_days() -> None:
    weekly = due_days(CheckIn(every="week", due="friday"), FIRST, LAST)
    assert (weekly[0], weekly[-1], len(weekly)) == (date(2026, 10, 2), date(2026, 12, 25), 13)
    assert due_days(CheckIn(every="2 weeks", due="friday"), FIRST, LAST)[:2] == [date(2026, 10, 9), date(2026, 10, 23)]
    assert due_days(CheckIn(every="month", due="friday"), FIRST, LAST) == [
        date(2026, 10, 30),
        date(2026, 11, 27),
        date(2026, 12, 25),
    ]
    assert due_days(CheckIn(every="week", due="friday"), LAST, FIRST) == []


@pytest.mark.parametrize(
    ("every", "counted_from", "newest", "today", "since"),
    [
        ("week", "10-01", None, "10-01", None),  # Thursday: nothing is due yet
        ("week", "10-01", None, "10-02", "10-02"),  # on the due day itself
        ("week", "10-01", None, "11-18", "10-02"),
        ("week", "11-18", None, "11-18", None),  # the first run was today, a Wednesday
        ("week", "11-18", None, "11-20", "11-20"),
        ("week", "11-18", "10-05", "11-21", "11-20"),  # weeks before the first run do not count
        ("week", "10-01", "11-12", "11-18", None),  # Thursday before the last due day
        ("week", "10-01", "11-13", "11-19", None),
        ("week", "10-01", "11-13", "11-20", "11-20"),  # on that due day, of the week before
        ("week", "10-01", "11-06", "11-28", "11-13"),
        ("2 weeks", "10-01", "10-10", "10-22", None),
        ("2 weeks", "10-01", "10-09", "10-23", "10-23"),
        ("month", "10-01", "10-30", "11-26", None),
        ("month", "10-01", "10-30", "11-30", "11-27"),
    ],
)
def test_since_when_a_check_in_is_due(
    every: str, counted_from: str, newest: str | None, today: str, since: str | None
) -> None:
    def day(text: str) -> date:
        return date.fromisoformat(f"2026-{text}")

    found = due_since(expected(every, day(counted_from)), day(newest) if newest else None, day(today))
    assert found == (day(since) if since else None)


@given(st.lists(DAYS, max_size=5), DAYS, DAYS, st.sampled_from(["week", "2 weeks", "month"]))
def test_what_is_due_is_a_due_day_that_was_missed(
    made: list[date], counted_from: date, today: date, every: str
) -> None:
    asked = expected(every, counted_from)
    on_time, due = made_on_time(asked, made, today)
    assert 0 <= on_time <= due <= len(due_days(asked.cadence, FIRST, LAST))
    since = due_since(asked, max(made, default=None), today)
    if since is not None:
        assert since in due_days(asked.cadence, FIRST, LAST)
        assert counted_from <= since <= today
        assert all(one < since for one in made)
        assert since == today or on_time < due
    assert due_since(asked, today, today) is None


def test_weeks_before_the_first_run_count_against_nobody() -> None:
    made = {date(2026, 11, 18), date(2026, 11, 25)}
    assert made_on_time(expected(counted_from=date(2026, 11, 16)), made, date(2026, 11, 30)) == (2, 2)
    assert made_on_time(expected(), made, date(2026, 11, 30)) == (2, 9)
