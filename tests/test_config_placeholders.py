from datetime import UTC, datetime

import pytest

from config.placeholders import NAMES, epoch_milliseconds, fill, iso_with_offset, unknown, used

INSTANTS = {name: datetime(2026, 10, day, 16, tzinfo=UTC) for day, name in enumerate(NAMES, 1)}


def test_only_the_known_names_are_replaced() -> None:
    text = "a {cycle.start} b {cycle.end} {today}/{as_of} {other} {{x}} {cycle.begin} { today }"
    written = fill(text, INSTANTS, lambda instant: str(instant.day))
    assert written == "a 1 b 2 3/4 {other} {{x}} {cycle.begin} { today }"


@pytest.mark.parametrize(
    ("text", "expected"), [("x {today}", True), ("{as_of}", True), ("{tody} {}", False), ("", False)]
)
def test_used(text: str, expected: bool) -> None:
    assert used(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{cycle.begin} {cycle.start}", ("cycle.begin",)), ("{ cycle.stop }", ("cycle.stop",)), ("{x} {cycles.a}", ())],
)
def test_what_looks_like_a_placeholder_of_a_cycle_and_is_none(text: str, expected: tuple[str, ...]) -> None:
    assert unknown(text) == expected


def test_instants_as_each_source_writes_them() -> None:
    assert epoch_milliseconds(INSTANTS["cycle.start"]) == "1790870400000"
    assert iso_with_offset(INSTANTS["cycle.start"]) == "2026-10-01T16:00:00+00:00"
