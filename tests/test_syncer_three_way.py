from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.okr_sheet import Cell, CellValue
from syncer.model.cells import as_text, rounded, same
from syncer.model.plan import Decision
from syncer.plan.rows import decide

D = Decimal


@pytest.mark.parametrize(
    ("known", "base", "now", "wanted", "decision"),
    [
        (False, None, Cell(), D(5), Decision.WRITE),
        (False, None, Cell(D(5)), D(5), Decision.REMEMBER),
        (False, None, Cell(D(4)), D(5), Decision.UNADOPTED),
        (True, D(4), Cell(D(4)), D(5), Decision.WRITE),
        (True, D(4), Cell(D(3)), D(5), Decision.CONFLICT),
        (True, D(4), Cell(D(5)), D(5), Decision.REMEMBER),
        (True, D(5), Cell(D(5)), D(5), Decision.SAME),
        (True, D(4), Cell(), D(5), Decision.WRITE),
        (True, D(5), Cell(), D(5), Decision.WRITE),
        (True, None, Cell("note"), D(5), Decision.CONFLICT),
        (True, D(5), Cell(D(5), formula="=2+3"), D(5), Decision.LOCKED),
        (True, D(5), Cell(error="#REF!"), D(5), Decision.CONFLICT),
        (True, D(4), Cell(D(4), locked="protected"), D(5), Decision.LOCKED),
        (True, "done", Cell(" done "), "done", Decision.SAME),
        (True, D("0.9"), Cell("90%"), D("0.9"), Decision.SAME),
        (True, date(2026, 10, 1), Cell("2026-10-01"), date(2026, 10, 1), Decision.SAME),
        (True, D(4), Cell("N/A"), D(5), Decision.CONFLICT),
    ],
)
def test_decide(known: bool, base: CellValue, now: Cell, wanted: CellValue, decision: Decision) -> None:
    assert decide(base, now, wanted, known=known).decision is decision


@pytest.mark.parametrize(
    ("allowed", "known", "decision"),
    [
        ({"adopt"}, False, Decision.WRITE),
        ({"adopt"}, True, Decision.CONFLICT),
        ({"overwrite"}, True, Decision.WRITE),
        ({"overwrite"}, False, Decision.WRITE),
    ],
)
def test_permissions_lift_what_they_name(allowed: set[str], known: bool, decision: Decision) -> None:
    adopt, overwrite = "adopt" in allowed, "overwrite" in allowed
    found = decide(D(1), Cell(D(2)), D(3), known=known, adopt=adopt, overwrite=overwrite)
    assert found.decision is decision


def test_no_permission_replaces_a_formula() -> None:
    cause = decide(D(1), Cell(D(2), formula="=A1"), D(3), known=True, adopt=True, overwrite=True)
    assert (cause.decision, cause.why) == (Decision.LOCKED, "holds a formula")


values = st.one_of(
    st.none(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    st.dates(),
    st.text(max_size=20),
)


@given(values)
def test_a_value_reads_the_same_as_itself_rounded(value: CellValue) -> None:
    assert same(value, rounded(rounded(value)))
    assert as_text(rounded(value)) == as_text(value)


@given(values, values)
def test_same_is_symmetric(left: CellValue, right: CellValue) -> None:
    assert same(left, right) == same(right, left)


@given(values, values, values, st.booleans())
def test_a_person_s_words_are_never_written_over(
    base: CellValue, now: CellValue, wanted: CellValue, known: bool
) -> None:
    cause = decide(base, Cell(now), wanted, known=known)
    if cause.decision is Decision.WRITE and now is not None:
        assert known
        assert same(base, now)


def test_a_double_survives_the_round_trip() -> None:
    third = D(1) / D(3)
    assert same(rounded(third), D(repr(float(rounded(third)))))  # type: ignore[arg-type]
