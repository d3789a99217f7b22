"""What the database selects of a history is what a plain look at every value selects."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from postgres_kit import server
from syncer.ledger.ledger import Ledger, open_ledger
from syncer.ledger.recall import recall
from syncer.ledger.records import BACKFILLED_DAY, MeasureRecord, Outcome, Run, Scope, ValueRecord
from syncer.model.history import DayValue
from syncer.run.same_sheet import scope_of
from workspace_kit import HEAD, NOW, TAIPEI, load

AT = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
KEYS = ("KR1", "KR2", "KR3")
WORKSPACES = count()
"""A ledger holds many workspaces: each example takes another one of the same ledger."""


@dataclass(frozen=True)
class Recorded:
    """A run with its values."""

    run: Run
    values: Sequence[ValueRecord]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("ledger")
    with ExitStack() as stack:
        location = stack.enter_context(server()).new_database() if request.param == "postgres" else "ledger.db"
        yield stack.enter_context(open_ledger(location, folder))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Scope, timezone, list[Recorded]]:
    """Runs in one zone: syncs, some of them failed, and days that were filled in afterwards."""
    scope, zone = (
        Scope(f"w{next(WORKSPACES)}", "2026-Q4"),
        timezone(timedelta(hours=draw(st.sampled_from((-12, 0, 14))))),
    )
    hours = draw(st.lists(st.integers(0, 24 * 9), min_size=1, max_size=9, unique=True))
    found = []
    for number, hour in enumerate(sorted(hours)):
        started = now = AT + timedelta(hours=hour)
        filled = draw(st.sampled_from((False, False, True)))
        if filled:
            day = now.astimezone(zone).date() - timedelta(days=draw(st.integers(0, 9)))
            now = datetime.combine(day, time(23, 59), zone)
        run = Run(
            f"{scope.workspace}-{number}", *scope, BACKFILLED_DAY if filled else "sync", started, now, "c0ffee", "1"
        )
        keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=1 if filled else 3))
        progress = st.sampled_from((None, Decimal("0.25"), Decimal("0.5")))
        numbers = st.sampled_from(((), (Decimal(1),), (Decimal(1), None)))
        day = now.astimezone(zone).date()
        values = [
            ValueRecord(run.id, day, now, key, Decimal(hour), draw(progress), numbers=draw(numbers), backfilled=filled)
            for key in keys
        ]
        found.append(Recorded(run, values))
    return scope, zone, found


def keep(ledger: Ledger, recorded: Sequence[Recorded], outcomes: Sequence[Outcome]) -> list[Recorded]:
    """Record the runs; return those whose values count."""
    counted = []
    for number, each in enumerate(recorded):
        outcome = outcomes[number % len(outcomes)]
        ledger.begin(each.run)
        ledger.record_values(each.values)
        ledger.finish(each.run.id, outcome, {}, each.run.started_at)
        counted += [each] if outcome in ("done", "partial") else []
    return counted


def is_known(value: ValueRecord) -> bool:
    return value.progress is not None or (bool(value.numbers) and None not in value.numbers)


def in_order(recorded: Sequence[Recorded]) -> list[ValueRecord]:
    """All values: by day, time and run."""
    found = [(value.day, value.at, each.run.started_at, value.run, value) for each in recorded for value in each.values]
    return [value for *_, value in sorted(found, key=lambda each: each[:4])]


def values_at(recorded: Sequence[Recorded], day: date) -> dict[str, ValueRecord]:
    """Those of the last sync that has any; over them those that were filled in for a later day."""
    syncs = [values for each in recorded if (values := [v for v in each.values if not v.backfilled and v.day <= day])]
    found = {value.key_result: value for value in (syncs[-1] if syncs else ())}
    for value in sorted(in_order(recorded), key=lambda value: (value.day, value.run)):
        before = found.get(value.key_result)
        if value.backfilled and value.day <= day and (before is None or before.day < value.day or before.backfilled):
            found[value.key_result] = value
    return found


def daily(recorded: Sequence[Recorded], since: date, zone: timezone, numbers_of: str) -> dict[str, list[DayValue]]:
    """Those of each day's last sync, and all that were filled in."""
    last = {each.run.now.astimezone(zone).date(): each.run.id for each in recorded if each.run.command == "sync"}
    found: dict[str, list[DayValue]] = {}
    for value in in_order(recorded):
        if value.day >= since and (value.backfilled or value.run in last.values()):
            numbers = value.numbers if value.key_result == numbers_of else ()
            day = DayValue(value.day, value.value, value.progress, numbers)
            found.setdefault(value.key_result, []).append(day)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    history=histories(),
    outcomes=st.lists(st.sampled_from(("done", "partial", "refused", "failed")), min_size=1, max_size=5),
    after=st.integers(-2, 11),
)
def test_the_database_selects_what_a_look_at_every_value_does(
    ledger: Ledger, history: tuple[Scope, timezone, list[Recorded]], outcomes: list[Outcome], after: int
) -> None:
    scope, zone, recorded = history
    counted, day = keep(ledger, recorded, outcomes), AT.date() + timedelta(days=after)
    ordered = in_order(counted)
    first = {v.key_result: v for v in reversed(ordered) if v.day >= day and is_known(v)}
    assert {v.key_result: v for v in ledger.first_values(scope, day)} == first
    assert {v.key_result: v for v in ledger.first_values(scope, day, KEYS)} == first
    scored = {v.key_result: v for v in ordered if v.day <= day and v.progress is not None}
    assert {v.key_result: v for v in ledger.last_scored(scope, day, KEYS)} == scored
    assert ledger.values_at(scope, day) == values_at(counted, day)
    assert ledger.last_values(scope) == values_at(counted, date.max)
    since = datetime.combine(day, time(), zone)
    runs = [each for each in counted if each.run.now >= since or each.run.command == BACKFILLED_DAY]
    assert ledger.daily(scope, since, zone, ["KR2"]) == daily(runs, day, zone, "KR2")


@pytest.mark.parametrize(
    ("hours", "clock"), [(14, time(0, 1)), (14, time(23, 59)), (-12, time(0, 1)), (-12, time(23, 59))]
)
def test_a_day_is_that_of_the_workspaces_zone(ledger: Ledger, hours: int, clock: time) -> None:
    """The only value of a day is found where that day is another one in UTC."""
    scope, day = Scope(f"w{next(WORKSPACES)}", "2026-Q4"), AT.date()
    now = datetime.combine(day, clock, timezone(timedelta(hours=hours)))
    run = Run(scope.workspace, *scope, "sync", now, now, "c0ffee", "1")
    value = ValueRecord(run.id, day, now, "KR1", Decimal(1), Decimal("0.5"))
    keep(ledger, [Recorded(run, [value])], ["done"])
    assert ledger.first_values(scope, day) == ledger.first_values(scope, day, ["KR1"]) == [value]
    assert ledger.last_scored(scope, day, ["KR1"]) == [value]
    assert ledger.values_at(scope, day) == {"KR1": value}


def test_a_baseline_is_the_first_value_of_the_key_results_own_cycle(tmp_path: Path) -> None:
    text = HEAD + (
        "cycles: {late: {start: 2026-11-01, end: 2026-12-31}}\n"
        "objectives:\n"
        "  O1: {key_results: {KR1: {baseline: {at: cycle.start}, target: 90}}}\n"
        "  O2: {cycle: late, key_results: {KR2: {baseline: {at: cycle.start}, target: 90}}}\n"
    )
    config = load(tmp_path, text)
    scope = scope_of(config)
    with open_ledger("ledger.db", tmp_path) as ledger:
        for month, value in ((10, Decimal(10)), (11, Decimal(20))):
            now = datetime(2026, month, 5, 9, tzinfo=TAIPEI)
            run = Run(f"r{month}", *scope, "sync", now, now, "c0ffee", "1")
            values = [ValueRecord(run.id, now.date(), now, key, value, numbers=(value,)) for key in ("KR1", "KR2")]
            keep(ledger, [Recorded(run, values)], ["done"])
        past = recall(config, ledger, scope, NOW).past
    assert past.first_values == {"KR1": (Decimal(10),), "KR2": (Decimal(20),)}


def test_measures_are_returned_by_run_and_name(ledger: Ledger) -> None:
    runs = [Run(f"m{number}", "measured", "2026-Q4", "sync", AT, AT, "c0ffee", "1") for number in (1, 2, 3)]
    records = {
        (run.id, name): MeasureRecord(run.id, name, "c0ffee", "issues", "", Decimal(number), 2)
        for number, run in enumerate(runs)
        for name in ("bugs", "deals", "tests")
    }
    for run in runs:
        ledger.begin(run)
        ledger.record_measures([record for (of, _), record in records.items() if of == run.id])
    assert ledger.measures(["m1", "m3", "none"], ["bugs", "tests", "gone"]) == {
        "m1": {"bugs": records["m1", "bugs"], "tests": records["m1", "tests"]},
        "m3": {"bugs": records["m3", "bugs"], "tests": records["m3", "tests"]},
        "none": {},
    }


def test_at_once_is_one_transaction(ledger: Ledger) -> None:
    scope = Scope("at once", "2026-Q4")
    ledger.begin(Run("once-1", *scope, "sync", AT, AT, "c0ffee", "1"))
    begun: list[object] = []
    noted = begun.append
    event.listen(ledger._engine, "begin", noted)
    with ledger.at_once() as seen:
        assert [run.id for run in seen.runs(scope)] == ["once-1"]
        assert seen.values_at(scope, AT.date()) == {}
    event.remove(ledger._engine, "begin", noted)
    assert len(begun) == 1
