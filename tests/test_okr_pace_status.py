from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import Kind, Pace, StatusRule
from syncer.method.kinds import KINDS
from syncer.method.pace import elapsed, expected
from syncer.method.status import SEVERITY, Standing, Status, is_stale, status_of, worst

D = Decimal
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 9, 1), "0"),
        (FIRST, "0"),
        (date(2026, 10, 2), "0.01087"),
        (date(2026, 11, 16), "0.5"),
        (LAST, "0.98913"),
        (date(2027, 1, 1), "1"),
        (date(2027, 6, 1), "1"),
    ],
)
def test_expected_counts_whole_days_and_not_today(today: date, share: str) -> None:
    assert expected(FIRST, LAST, today) == D(share)


def test_one_day_is_done_the_day_after() -> None:
    assert [expected(FIRST, FIRST, FIRST + timedelta(days=n)) for n in (-1, 0, 1)] == [0, 0, 1]


def test_no_days_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="lies before the first"):
        expected(LAST, FIRST, FIRST)


days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(days, st.integers(0, 800), days, st.integers(0, 400))
def test_expected_never_falls_as_time_goes_on(first: date, length: int, today: date, later: int) -> None:
    last = first + timedelta(days=length)
    now, then = expected(first, last, today), expected(first, last, today + timedelta(days=later))
    assert 0 <= now <= then <= 1


TAIWAN = Pace(kind="workdays", country="TW")


@pytest.mark.parametrize(
    ("pace", "first", "last", "today", "counted"),
    [
        (Pace(kind="workdays"), date(2026, 10, 1), date(2026, 10, 12), date(2026, 10, 5), (2, 8)),
        (TAIWAN, date(2026, 10, 1), date(2026, 10, 12), date(2026, 10, 12), (6, 7)),  # 10-09 stands in for 10-10
        (TAIWAN, date(2026, 10, 1), date(2026, 10, 12), date(2026, 10, 10), (6, 7)),
        (
            Pace(
                kind="workdays", country="TW", extra_holidays=(date(2026, 10, 2),), extra_workdays=(date(2026, 10, 3),)
            ),
            date(2026, 10, 1),
            date(2026, 10, 4),
            date(2026, 10, 4),
            (2, 2),
        ),
        (Pace(kind="workdays"), date(2026, 10, 3), date(2026, 10, 4), date(2026, 10, 4), (1, 2)),
        (Pace(), date(2026, 10, 3), date(2026, 10, 4), date(2026, 10, 4), (1, 2)),
    ],
)
def test_workdays_are_those_of_the_country(
    pace: Pace, first: date, last: date, today: date, counted: tuple[int, int]
) -> None:
    assert elapsed(first, last, today, pace) == counted


PHASED = Pace(kind="points", points={date(2026, 10, 31): D("0.2"), date(2026, 11, 30): D("0.2")})


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 10, 1), "0"),
        (date(2026, 10, 16), "0.096774"),  # 15 of 31 days, half of 20 %
        (date(2026, 11, 1), "0.2"),
        (date(2026, 11, 20), "0.2"),
        (date(2026, 12, 1), "0.2"),
        (date(2026, 12, 17), "0.612903"),  # 0.2 + 0.8 * 16/31
        (date(2027, 1, 1), "1"),
        (date(2027, 1, 20), "1"),
    ],
)
def test_phases_are_joined_by_straight_lines(today: date, share: str) -> None:
    assert expected(FIRST, LAST, today, PHASED) == D(share)


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    kind = draw(st.sampled_from(["linear", "workdays", "points"]))
    if kind == "points":
        found = draw(st.dictionaries(days, st.decimals(0, 1, places=2), min_size=1, max_size=4))
        return Pace(kind="points", points=dict(zip(sorted(found), sorted(found.values()), strict=True)))
    extra = draw(st.lists(days, max_size=3))
    return Pace(kind="workdays", country="TW", extra_holidays=tuple(extra)) if kind == "workdays" else Pace()


@given(st.integers(0, 120), st.integers(-10, 150), st.integers(0, 60), paces())
def test_no_pace_ever_falls(length: int, day: int, later: int, pace: Pace) -> None:
    last = FIRST + timedelta(days=length)
    pace = pace.model_copy(update={"points": {d: s for d, s in pace.points.items() if FIRST <= d <= last}})
    today = FIRST + timedelta(days=day)
    now, then = expected(FIRST, last, today, pace), expected(FIRST, last, today + timedelta(days=later), pace)
    assert 0 <= now <= then <= 1


GAP = StatusRule(rule="gap")


@pytest.mark.parametrize(
    ("progress", "share", "rule", "status"),
    [
        ("0.45", "0.5", None, Status.ON_TRACK),
        ("0.449999", "0.5", None, Status.AT_RISK),
        ("0.35", "0.5", None, Status.AT_RISK),
        ("0.349999", "0.5", None, Status.OFF_TRACK),
        ("0", "0", None, Status.ON_TRACK),
        ("0", "0.149999", None, Status.JUST_STARTED),
        ("0.14", "0.149999", None, Status.ON_TRACK),
        ("0", "0.15", None, Status.OFF_TRACK),
        ("0.4", "0.5", GAP, Status.ON_TRACK),
        ("0.399999", "0.5", GAP, Status.AT_RISK),
        ("0.25", "0.5", GAP, Status.AT_RISK),
        ("0.249999", "0.5", GAP, Status.OFF_TRACK),
        ("0", "0.12", GAP, Status.JUST_STARTED),
        ("0.4", "0.5", StatusRule(on_track=D("0.8")), Status.ON_TRACK),
        ("0.3", "0.5", StatusRule(at_risk=D("0.5")), Status.AT_RISK),
        ("0.45", "0.5", StatusRule(rule="gap", on_track=D("0.04")), Status.AT_RISK),
        ("0.300001", "0.333334", None, Status.ON_TRACK),
    ],
)
def test_status_by_pace(progress: str, share: str, rule: StatusRule | None, status: Status) -> None:
    assert status_of(Standing(D(progress), D(share)), rule) is status


@pytest.mark.parametrize(
    ("kind", "progress", "status"),
    [
        ("increase", "1", Status.DONE),
        ("decrease", "1", Status.DONE),
        ("parts", "1", Status.DONE),
        ("milestone", "1", Status.DONE),
        ("at_least", "1", Status.MET),
        ("at_most", "0", Status.NOT_MET),
        ("at_most", "0.99", Status.NOT_MET),
        ("between", "1", Status.MET),
        ("between", "0", Status.NOT_MET),
    ],
)
def test_a_reached_goal_is_done_and_a_threshold_holds_or_not(kind: Kind, progress: str, status: Status) -> None:
    assert status_of(Standing(D(progress), D("0.1"), KINDS[kind].is_threshold)) is status


@pytest.mark.parametrize(
    ("standing", "status"),
    [
        (Standing(D(1), D(1), dropped=True, started=False), Status.DROPPED),
        (Standing(D(1), D(0), started=False), Status.NOT_STARTED),
        (Standing(None, D(0), started=False), Status.NOT_STARTED),
        (Standing(None, D(1), stale=True), Status.UNKNOWN),
        (Standing(D("0.1"), D(1), stale=True), Status.STALE),
        (Standing(D(1), D(1), is_threshold=True, stale=True), Status.STALE),
        (Standing(D(1), D(1), stale=True), Status.DONE),
    ],
)
def test_what_comes_first_wins(standing: Standing, status: Status) -> None:
    assert status_of(standing) is status


def test_stale_is_older_than_the_cadence_and_three_days() -> None:
    today = date(2026, 10, 20)
    assert not is_stale(today - timedelta(days=10), today, 7)
    assert is_stale(today - timedelta(days=11), today, 7)
    assert not is_stale(None, today, 7)


def test_severity_is_the_pinned_order() -> None:
    assert set(SEVERITY) == set(Status)
    assert SEVERITY[Status.OFF_TRACK] == SEVERITY[Status.NOT_MET]
    assert SEVERITY[Status.ON_TRACK] == SEVERITY[Status.MET]
    order = ["off_track", "at_risk", "stale", "unknown", "just_started", "on_track", "not_started", "done"]
    ranks = [SEVERITY[Status(name)] for name in order]
    assert ranks == sorted(set(ranks))


@given(st.permutations(list(Status)))
def test_worst_does_not_depend_on_the_order(statuses: list[Status]) -> None:
    assert worst(statuses) is Status.OFF_TRACK
    assert worst([status for status in statuses if status is not Status.OFF_TRACK]) is Status.NOT_MET


shares = st.decimals(0, 1, places=6)


@given(shares, shares, shares, st.sampled_from([None, GAP]))
def test_more_progress_is_never_a_worse_status(one: Decimal, other: Decimal, share: Decimal, rule: StatusRule) -> None:
    less, more = sorted((one, other))
    before, after = (SEVERITY[status_of(Standing(p, share), rule)] for p in (less, more))
    assert before <= after
