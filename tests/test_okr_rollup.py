from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import StatusRule
from syncer.method.status import Member, RollUp, Status, roll_up

D = Decimal
HOW: tuple[Literal["progress", "worst"], ...] = ("progress", "worst")


def member(name: str, progress: str | None, status: Status, weight: str = "1", expected: str = "0.5") -> Member:
    return Member(name, None if progress is None else D(progress), D(weight), D(expected), status)


def test_unknown_members_are_left_out_and_counted() -> None:
    members = [
        member("KR1", "0.5", Status.ON_TRACK),
        member("KR2", "0.76", Status.ON_TRACK),
        member("KR3", "0.6", Status.AT_RISK),
        member("KR4", None, Status.UNKNOWN, expected="0.9"),
    ]
    assert roll_up(members) == RollUp(D("0.62"), D("0.5"), 3, 4, Status.ON_TRACK, at_risk=1)


def test_weights_count_in_progress_and_in_what_is_expected() -> None:
    members = [member("KR1", "1", Status.DONE, "3", "0.6"), member("KR2", "0", Status.OFF_TRACK, expected="0.2")]
    assert roll_up(members, "worst") == RollUp(D("0.75"), D("0.5"), 2, 2, Status.OFF_TRACK, off_track=1)


@pytest.mark.parametrize("how", HOW)
def test_all_unknown_is_unknown(how: Literal["progress", "worst"]) -> None:
    members = [member("KR1", None, Status.UNKNOWN), member("KR2", None, Status.UNKNOWN)]
    assert roll_up(members, how) == RollUp(None, None, 0, 2, Status.UNKNOWN)
    assert roll_up([], how) == RollUp(None, None, 0, 0, Status.UNKNOWN)


def test_dropped_members_leave_the_roll_up() -> None:
    members = [member("KR1", "0.45", Status.ON_TRACK), member("KR2", "0", Status.DROPPED, "0", "0.9")]
    assert roll_up(members) == RollUp(D("0.45"), D("0.5"), 1, 1, Status.ON_TRACK)


def test_a_status_set_by_a_person_counts_as_trailing_without_a_value() -> None:
    members = [member("KR1", "0.5", Status.ON_TRACK), member("KR2", None, Status.OFF_TRACK)]
    assert roll_up(members) == RollUp(D("0.5"), D("0.5"), 1, 2, Status.ON_TRACK, off_track=1)
    assert roll_up(members, "worst").status is Status.OFF_TRACK


@pytest.mark.parametrize(
    ("progress", "expected", "status"),
    [
        (("0.9", "0.1"), ("0.5", "0.5"), Status.ON_TRACK),
        (("0.7", "0.1"), ("0.5", "0.5"), Status.AT_RISK),
        (("0.6", "0"), ("0.5", "0.5"), Status.OFF_TRACK),
        (("0.1", "0.1"), ("0", "0.2"), Status.ON_TRACK),
        (("0", "0"), ("0.1", "0.18"), Status.JUST_STARTED),
        (("1", "1"), ("0.5", "0.5"), Status.DONE),
    ],
)
def test_the_status_compares_mean_progress_with_what_is_expected(
    progress: tuple[str, str], expected: tuple[str, str], status: Status
) -> None:
    members = [
        member(f"KR{index}", one, Status.OFF_TRACK, expected=due)
        for index, (one, due) in enumerate(zip(progress, expected, strict=True))
    ]
    assert roll_up(members).status is status
    assert roll_up(members, "worst").status is Status.OFF_TRACK


def test_the_limits_of_the_workspace_count() -> None:
    members = [member("KR1", "0.5", Status.ON_TRACK)]
    assert roll_up(members, rule=StatusRule(on_track=D("1.1"))).status is Status.AT_RISK


def test_thresholds_that_are_not_met_trail() -> None:
    members = [member("KR1", "1", Status.MET), member("KR2", "0", Status.NOT_MET), member("KR3", "0.4", Status.AT_RISK)]
    assert (roll_up(members).off_track, roll_up(members).at_risk) == (1, 1)


def test_members_that_have_not_started_have_not_started() -> None:
    assert roll_up([member("KR1", "0", Status.NOT_STARTED, expected="0")]).status is Status.NOT_STARTED


@pytest.mark.parametrize("weight", ["0", "-1"])
def test_a_weight_that_is_not_above_zero_is_refused(weight: str) -> None:
    with pytest.raises(ValueError, match="the weight of KR1 is not above 0"):
        roll_up([member("KR1", "1", Status.DONE, weight)])


members = st.builds(
    Member,
    id=st.text(min_size=1, max_size=3),
    progress=st.none() | st.decimals(0, 1, places=6),
    weight=st.decimals("0.1", 10, places=1),
    status=st.sampled_from(list(Status)),
    expected=st.decimals(0, 1, places=6),
)


@given(st.lists(members, max_size=8).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_does_not_matter(pair: tuple[list[Member], list[Member]]) -> None:
    for how in HOW:
        assert roll_up(pair[0], how) == roll_up(pair[1], how)


@given(st.lists(members, max_size=8))
def test_the_mean_lies_between_its_known_members(found: list[Member]) -> None:
    result = roll_up(found)
    known = [m.progress for m in found if m.progress is not None and m.status is not Status.DROPPED]
    assert result.known == len(known)
    assert (result.progress is None) == (not known)
    if result.progress is not None:
        assert min(known) <= result.progress <= max(known)
