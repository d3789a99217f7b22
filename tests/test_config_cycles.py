from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.cycles import Cycle, parse_cycle
from refusal_kit import refusal

TAIPEI = ZoneInfo("Asia/Taipei")


@pytest.mark.parametrize(
    ("text", "name", "first", "last"),
    [
        ("2026-Q1", "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026 q2", "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("2026H2", "2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("２０２６－Ｈ１", "2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2028", "2028", date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_named_cycles(text: str, name: str, first: date, last: date) -> None:
    assert parse_cycle(text) == Cycle(name, first, last)


def test_a_stated_cycle_includes_its_last_day() -> None:
    cycle = parse_cycle({"name": "115 下半年", "start": "115/07/01", "end": "2026-12-31"})
    assert cycle == Cycle("115 下半年", date(2026, 7, 1), date(2026, 12, 31))
    assert cycle.days == 184
    assert parse_cycle(cycle) is cycle


def test_its_instants_are_half_open_in_the_workspaces_zone() -> None:
    cycle = parse_cycle("2026-Q4")
    assert cycle.start(TAIPEI).astimezone(UTC) == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert cycle.end(TAIPEI).astimezone(UTC) == datetime(2026, 12, 31, 16, tzinfo=UTC)


_HOW = "write 2026-Q4, 2026-H2, 2026, or name, start and end"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-Q5", f"'2026-Q5' is not a cycle; {_HOW}"),
        ("Q4", f"'Q4' is not a cycle; {_HOW}"),
        ("115-Q4", f"'115-Q4' is not a cycle; {_HOW}"),
        (["2026-Q4"], _HOW),
        (None, _HOW),
        ("9999", "the year 9999 is not between 1990 and 2199"),
        ("0000-Q1", "the year 0 is not between 1990 and 2199"),
        ({}, f"a cycle needs name and start and end; {_HOW}"),
        ({"name": "x", "start": "2026-01-01"}, f"a cycle needs end; {_HOW}"),
        ({"name": ["x"], "start": "2026-01-01", "end": "2026-02-01"}, f"a cycle needs name; {_HOW}"),
        ({"nam": "x"}, "unknown option 'nam'; a cycle has name, start, end and phase"),
        (
            {"name": "x", "start": "2026-02-01", "end": "2026-01-31"},
            "the cycle ends (2026-01-31) before it starts (2026-02-01)",
        ),
        ({"name": "x", "start": "2026-02-01", "end": "soon"}, "'soon' is not a date; write 2026-10-01 or 115/10/01"),
        ({"name": "x", "start": "2026-02-01", "end": "9999-12-31"}, "the year 9999 is not between 1990 and 2199"),
    ],
)
def test_what_is_no_cycle_is_refused(value: object, message: str) -> None:
    assert refusal(parse_cycle, value) == message


@given(st.integers(1990, 2198), st.sampled_from([("Q1", "Q2"), ("Q2", "Q3"), ("Q3", "Q4"), ("H1", "H2")]))
def test_cycles_follow_each_other_without_a_gap(year: int, parts: tuple[str, str]) -> None:
    first, second = (parse_cycle(f"{year}-{part}") for part in parts)
    assert first.end(TAIPEI) == second.start(TAIPEI)
    assert parse_cycle(str(year)).end(TAIPEI) == parse_cycle(str(year + 1)).start(TAIPEI)
