from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.placeholders import NAMES, epoch_milliseconds, fill, instant_of, iso_with_offset, problems, used
from config.sql.instants import place_before_quoting, quoted_placeholders

INSTANTS = {name: datetime(2026, 10, day, 16, tzinfo=UTC) for day, name in enumerate(NAMES, 1)}
BERLIN = ZoneInfo("Europe/Berlin")
SHIFTS = st.lists(
    st.builds("{}{}{}".format, st.sampled_from("+-"), st.integers(0, 400), st.sampled_from("dw")), max_size=3
).map("".join)


def test_only_the_known_names_are_replaced() -> None:
    text = "a {cycle.start} b {cycle.end} {today}/{as_of} {other} {{x}} {cycle.begin} { today } {today+1d}"
    written = fill(text, INSTANTS, lambda instant: str(instant.day))
    assert written == "a 1 b 2 3/4 {other} {{x}} {cycle.begin} { today } 4"


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ("", "2026-01-31"),
        ("-14d", "2026-01-17"),
        ("+2w", "2026-02-14"),
        ("+1m", "2026-02-28"),
        ("+25m", "2028-02-29"),
        ("-1m", "2025-12-31"),
        ("+1m+1m", "2026-03-28"),
        ("+1m-1d", "2026-02-27"),
        ("+1y", "2027-01-31"),
        ("-0d", "2026-01-31"),
    ],
)
def test_a_shift_goes_by_the_calendar(shift: str, expected: str) -> None:
    found = instant_of(f"{{today{shift}}}", {"today": datetime(2026, 1, 31, tzinfo=BERLIN)})
    assert found == datetime.fromisoformat(expected).replace(tzinfo=BERLIN)


def test_a_year_after_a_leap_day() -> None:
    assert instant_of("{today+1y}", {"today": datetime(2028, 2, 29, tzinfo=UTC)}) == datetime(2029, 2, 28, tzinfo=UTC)


def test_a_day_across_a_change_of_clocks_keeps_the_time_of_day() -> None:
    before = datetime(2026, 10, 24, tzinfo=BERLIN)
    after = instant_of("{today+2d}", {"today": before})
    assert (after.hour, after.utcoffset()) == (0, timedelta(hours=1))
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=49)


def test_a_time_that_the_clocks_pass_over_becomes_one_that_exists() -> None:
    found = instant_of("{as_of+1d}", {"as_of": datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN)})
    assert found == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert found.isoformat() == "2026-03-29T03:30:00+02:00"


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), SHIFTS)
def test_days_and_weeks_are_what_dates_add(day: date, shift: str) -> None:
    found = instant_of(f"{{today{shift}}}", {"today": datetime(day.year, day.month, day.day, tzinfo=BERLIN)})
    parts = shift.replace("+", " ").replace("-", " -").split()
    assert found.date() == day + timedelta(days=sum(int(part[:-1]) * (7 if part[-1] == "w" else 1) for part in parts))
    assert found.time() == datetime.min.time()


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("x {today}", NAMES, True),
        ("{as_of}", NAMES, True),
        ("{as_of-1m}", ("as_of",), True),
        ("{today-1m}", ("as_of",), False),
        ("{tody} {}", NAMES, False),
        ("", NAMES, False),
    ],
)
def test_used(text: str, names: tuple[str, ...], expected: bool) -> None:
    assert used(text, names) is expected


UNREADABLE = "cannot be read; write a number and d, w, m or y for days, weeks, months or years, as in"
THERE_ARE = "there are {cycle.start}, {cycle.end}, {today}, {as_of}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{cycle.start} {today-14d} {as_of-1m+1d} {cycle.end+2w} {today-100y}", []),
        ("{cycle.begin} {cycle.start}", [f"unknown placeholder {{cycle.begin}}; {THERE_ARE}"]),
        ("{cycle.strat}", ["unknown placeholder {cycle.strat}; did you mean 'cycle.start'?"]),
        ("{ cycle.stop }", [f"unknown placeholder {{cycle.stop}}; {THERE_ARE}"]),
        ("created:>{tody}", ["unknown placeholder {tody}; did you mean 'today'?"]),
        ("created:>{tody-14d}", ["unknown placeholder {tody}; did you mean 'today'?"]),
        ("export-{date}.csv", [f"unknown placeholder {{date}}; {THERE_ARE}"]),
        ('text ~ "{date}" and created > "{tody}"', ["unknown placeholder {tody}; did you mean 'today'?"]),
        ("{today-14}", [f"{{today-14}} {UNREADABLE} {{today-14d}}"]),
        ("{today - 14d}", [f"{{today - 14d}} {UNREADABLE} {{today-14d}}"]),
        ("{ as_of }", [f"{{ as_of }} {UNREADABLE} {{as_of-14d}}"]),
        ("{cycle.start+1q}", [f"{{cycle.start+1q}} {UNREADABLE} {{cycle.start-14d}}"]),
        ("{today-101y}", ["{today-101y} is more than 100 years away"]),
        ('sum(http_requests{job="api", code=~"5.."}) / x{} + up{a="{b}"}', []),
        (r"summary ~ '\d{3}' and x = {1}", []),
    ],
)
def test_problems(text: str, expected: list[str]) -> None:
    assert list(problems(text)) == expected


@given(st.text("ab'\"{}[today]-14d .", max_size=60))
def test_a_place_is_found_again_before_quoting(text: str) -> None:
    sent = quoted_placeholders(text)
    places = [place_before_quoting(text, place) for place in range(len(sent))]
    assert places == sorted(places)
    assert all(text[found] == char for found, char in zip(places, sent, strict=True) if char != "'")


def test_instants_as_each_source_writes_them() -> None:
    assert epoch_milliseconds(INSTANTS["cycle.start"]) == "1790870400000"
    assert iso_with_offset(INSTANTS["cycle.start"]) == "2026-10-01T16:00:00+00:00"
