from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import StatusRule
from syncer.method.status import Member, RollUp, Status, roll_up

D = Decimal


def member(name: str, progress: str | None, status: Status, weight: str = "1", expected: str | None = None) -> Member:
    return Member(
        name, None if progress is None else D(progress), D(weight), status, None if expected is None else D(expected)
    )


def test_unknown_members_are_left_out_and_counted() -> None:
    members = [
        member("KR1", "0.5", Status.ON_TRACK),
        member("KR2", "0.76", Status.ON_TRACK),
        member("KR3", "0.6", Status.AT_RISK),
        member("KR4", None, Status.UNKNOWN),
    ]
    assert roll_up(members, "worst") == RollUp(D("0.62"), 3, 4, Status.AT_RISK)


def test_weights_count() -> None:
    members = [member("KR1", "1", Status.DONE, "3"), member("KR2", "0", Status.OFF_TRACK)]
    assert roll_up(members, "worst") == RollUp(D("0.75"), 2, 2, Status.OFF_TRACK)


@pytest.mark.parametrize("how", ["worst", "mean"])
def test_all_unknown_is_unknown(how: str) -> None:
    members = [member("KR1", None, Status.UNKNOWN), member("KR2", None, Status.UNKNOWN)]
    assert roll_up(members, "mean" if how == "mean" else "worst") == RollUp(None, 0, 2, Status.UNKNOWN)
    assert roll_up([]) == RollUp(None, 0, 0, Status.UNKNOWN)


def test_dropped_members_leave_the_roll_up() -> None:
    members = [member("KR1", "0.4", Status.ON_TRACK), member("KR2", "0", Status.DROPPED, "0")]
    assert roll_up(members) == RollUp(D("0.4"), 1, 1, Status.ON_TRACK)


def test_a_status_set_by_a_person_counts_without_a_value() -> None:
    members = [member("KR1", "0.4", Status.ON_TRACK), member("KR2", None, Status.OFF_TRACK)]
    assert roll_up(members) == RollUp(D("0.4"), 1, 2, Status.OFF_TRACK)


def test_mean_holds_the_mean_against_what_is_expected() -> None:
    members = [
        member("KR1", "0.9", Status.ON_TRACK, expected="0.5"),
        member("KR2", "0.1", Status.OFF_TRACK, expected="0.5"),
    ]
    assert roll_up(members, "worst").status is Status.OFF_TRACK
    assert roll_up(members, "mean").status is Status.ON_TRACK
    assert roll_up(members, "mean", StatusRule(on_track=D("1.1"))).status is Status.AT_RISK


def test_mean_without_what_is_expected_is_the_worst() -> None:
    members = [member("KR1", "0.9", Status.ON_TRACK, expected="0.5"), member("KR2", "0.1", Status.OFF_TRACK)]
    assert roll_up(members, "mean").status is Status.OFF_TRACK


def test_mean_of_members_that_have_not_started_has_not_started() -> None:
    members = [member("KR1", "0", Status.NOT_STARTED, expected="0")]
    assert roll_up(members, "mean").status is Status.NOT_STARTED


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
    expected=st.none() | st.decimals(0, 1, places=6),
)


@given(st.lists(members, max_size=8).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_does_not_matter(pair: tuple[list[Member], list[Member]]) -> None:
    for how in ("worst", "mean"):
        assert roll_up(pair[0], "mean" if how == "mean" else "worst") == roll_up(
            pair[1], "mean" if how == "mean" else "worst"
        )


@given(st.lists(members, max_size=8))
def test_the_mean_lies_between_its_known_members(found: list[Member]) -> None:
    result = roll_up(found)
    known = [m.progress for m in found if m.progress is not None and m.status is not Status.DROPPED]
    assert result.known == len(known)
    assert (result.progress is None) == (not known)
    if result.progress is not None:
        assert min(known) <= result.progress <= max(known)
