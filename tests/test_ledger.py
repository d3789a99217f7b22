import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import LedgerError
from connectors.okr_sheet import CellValue
from syncer.ledger import store as ledger_store
from syncer.ledger.history import LOOK_BACK_RUNS
from syncer.ledger.ledger import Ledger, open_ledger
from syncer.ledger.records import (
    CellRecord,
    CheckIn,
    MeasureRecord,
    Outcome,
    ReadingRecord,
    Run,
    Scope,
    SheetRecord,
    ShownRow,
    ValueRecord,
    new_run_id,
)
from syncer.ledger.store import Place, faults
from syncer.ledger.tables import REVISIONS, metadata
from syncer.model.cells import decode_cell, encode_cell

AT = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
SCOPE = Scope("acme-okrs-7f3k", "2026-Q4")


def a_run(number: int = 1, **changes: Any) -> Run:
    at = AT + timedelta(days=number)
    return replace(
        Run(f"run-{number:03}", *SCOPE, "sync", started_at=at, now=at, config_hash="c0ffee", version="0.1.0"),
        **changes,
    )


def a_value(run: Run, key_result: str = "KR1", value: str | None = "0.5", **changes: Any) -> ValueRecord:
    number = None if value is None else Decimal(value)
    return replace(ValueRecord(run.id, run.started_at.date(), run.started_at, key_result, number), **changes)


def a_reading(run: Run, *measures: str, count: int | None = 3, **changes: Any) -> ReadingRecord:
    return replace(
        ReadingRecord(run.id, measures or ("bugs",), "jira", "issues", "project = CORE", count, run.started_at),
        **changes,
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(".okrsync/ledger.db", tmp_path) as opened:
        yield opened


def keep(ledger: Ledger, run: Run, *records: ValueRecord | ReadingRecord, outcome: Outcome = "done") -> None:
    ledger.begin(run)
    ledger.record_values([record for record in records if isinstance(record, ValueRecord)])
    ledger.record_readings([record for record in records if isinstance(record, ReadingRecord)])
    ledger.finish(run.id, outcome, {}, run.started_at + timedelta(seconds=3))


def test_a_run_comes_back_as_it_was_recorded(ledger: Ledger) -> None:
    taipei = timezone(timedelta(hours=8))
    run = a_run(started_at=datetime(2026, 10, 5, 9, 0, 0, 123456, taipei), forced=True)
    ledger.begin(run)
    assert ledger.run(run.id) == run
    assert ledger.run(run.id).started_at.utcoffset() == timedelta(0)
    ledger.finish(run.id, "partial", {"change": 2, "unknown": 1}, AT)
    assert ledger.run(run.id) == replace(run, outcome="partial", counts={"change": 2, "unknown": 1}, finished_at=AT)


def test_cells_are_recorded_before_the_write_and_mark_the_run(ledger: Ledger) -> None:
    run = a_run()
    ledger.begin(run)
    records = [
        CellRecord(run.id, "OKRs", "KR2", "current", None, Decimal("1.50")),
        CellRecord(run.id, "OKRs", "KR1", "updated", date(2026, 9, 1), date(2026, 10, 5)),
        CellRecord(run.id, "OKRs", "KR1", "current", "1", Decimal(1)),
        CellRecord(run.id, "OKRs", "KR3", "done", Decimal(1), True),
    ]
    ledger.record_cells(run.id, records)
    found = ledger.cells(run.id)
    assert found == [records[2], records[1], records[0], records[3]]
    assert [type(cell.after) for cell in found] == [Decimal, date, Decimal, bool]
    assert str(found[2].after) == "1.50"
    assert ledger.run(run.id).outcome == "writing"
    ledger.begin(a_run(2))
    assert [(run.id, run.outcome) for run in ledger.runs(SCOPE)] == [
        ("run-002", "planned"),
        ("run-001", "interrupted"),
    ]


def test_beginning_leaves_other_workspaces_and_ended_runs_alone(ledger: Ledger) -> None:
    ledger.begin(a_run(1, workspace="another"))
    keep(ledger, a_run(2), outcome="failed")
    ledger.begin(a_run(3))
    assert ledger.run("run-001").outcome == "planned"
    assert ledger.run("run-002").outcome == "failed"


def test_readings_come_back_with_their_ids_and_errors(ledger: Ledger) -> None:
    run = a_run()
    given_ = [
        a_reading(run, "bugs", "open_bugs", ids=("CORE-2", "CORE-10", "CORE-1")),
        a_reading(run, "revenue", count=None, error="HTTP 403"),
    ]
    keep(ledger, run, *given_)
    assert ledger.readings(run.id) == [replace(given_[0], ids=("CORE-1", "CORE-10", "CORE-2")), given_[1]]


def test_the_same_ids_are_kept_once_and_pruned_when_nothing_young_needs_them(ledger: Ledger, tmp_path: Path) -> None:
    for number in (1, 2, 30):
        run = a_run(number)
        keep(ledger, run, a_reading(run, ids=("A", "B")), a_reading(run, "other", ids=(f"X{number}",)))
    lists = "SELECT count(*) FROM id_lists"
    with sqlite3.connect(tmp_path / ".okrsync/ledger.db") as direct:
        assert direct.execute(lists).fetchone() == (4,)
        assert ledger.prune(SCOPE.workspace, ids_days=10, rows_days=10, now=AT + timedelta(days=31)) == 4
        assert direct.execute(lists).fetchone() == (2,)
    direct.close()
    assert [reading.ids for reading in ledger.readings("run-001")] == [(), ()]
    assert [reading.count for reading in ledger.readings("run-001")] == [3, 3]
    assert [reading.ids for reading in ledger.readings("run-030")] == [("A", "B"), ("X30",)]
    assert ledger.prune(SCOPE.workspace, ids_days=10, rows_days=10, now=AT + timedelta(days=31)) == 0


def test_history_holds_finished_runs_of_the_workspace_oldest_first(ledger: Ledger) -> None:
    kept = [a_value(a_run(number), key, f"0.{number}") for number in (3, 1) for key in ("KR2", "KR1")]
    for number, outcome in ((3, "done"), (1, "partial")):
        mine = [value for value in kept if value.run == a_run(number).id]
        keep(ledger, a_run(number), *mine, outcome=outcome)  # type: ignore[arg-type] # the table holds outcomes
    for number, outcome in ((4, "failed"), (5, "planned"), (6, "writing"), (7, "interrupted")):
        keep(ledger, a_run(number), a_value(a_run(number)), outcome=outcome)  # type: ignore[arg-type] # the same
    elsewhere = a_run(8, workspace="another")
    keep(ledger, elsewhere, a_value(elsewhere))
    assert ledger.history(SCOPE) == [kept[3], kept[2], kept[1], kept[0]]
    assert ledger.history(SCOPE, "KR2") == [kept[2], kept[0]]
    assert ledger.history(SCOPE, since=a_run(3).started_at.date()) == [kept[1], kept[0]]
    assert ledger.history(SCOPE, "KR9") == []


def test_of_two_runs_of_one_instant_the_later_one_counts(ledger: Ledger) -> None:
    later = replace(a_run(1), id="run-000", started_at=a_run(1).started_at + timedelta(seconds=1))
    values = [a_value(run, at=AT, day=AT.date(), progress=Decimal("0.1")) for run in (a_run(1), later)]
    for run, value in zip((a_run(1), later), values, strict=True):
        keep(ledger, run, value)
    assert ledger.history(SCOPE) == values
    assert ledger.first_values(SCOPE, AT.date()) == [values[0]]


def test_the_first_known_value_is_the_first_of_which_every_number_is_known(ledger: Ledger) -> None:
    one, two = Decimal(1), Decimal(2)
    numbers = [(one, None), (one, two), (two, two)]
    values = [a_value(a_run(n), progress=None, numbers=some) for n, some in enumerate(numbers, 1)]
    for n, value in enumerate(values, 1):
        keep(ledger, a_run(n), value)
    keep(ledger, a_run(4), other := a_value(a_run(4), "KR2", progress=two))
    since = a_run(1).started_at.date()
    assert ledger.first_values(SCOPE, since) == [values[1], other]
    assert ledger.first_values(SCOPE, since, ["KR2", "KR9"]) == [other]
    assert ledger.first_values(SCOPE, a_run(3).started_at.date(), ["KR1"]) == [values[2]]


def test_the_last_scored_value_is_the_last_with_a_progress_until_a_day(ledger: Ledger) -> None:
    values = [a_value(a_run(n), progress=progress) for n, progress in ((1, Decimal(1)), (3, Decimal(2)), (5, None))]
    for n, value in zip((1, 3, 5), values, strict=True):
        keep(ledger, a_run(n), value)
    keep(ledger, a_run(6), a_value(a_run(6), progress=Decimal(9)), outcome="failed")
    assert ledger.last_scored(SCOPE, a_run(9).started_at.date(), ["KR1"]) == [values[1]]
    assert ledger.last_scored(SCOPE, a_run(1).started_at.date(), ["KR1", "KR2"]) == [values[0]]
    assert ledger.last_scored(Scope("another", SCOPE.cycle), a_run(9).started_at.date(), ["KR1"]) == []


def test_values_stand_as_of_the_last_finished_run_that_has_any(ledger: Ledger) -> None:
    first, second, undo, refused = a_run(1), a_run(5), a_run(6, command="undo"), a_run(7)
    keep(ledger, first, a_value(first, "KR1"), a_value(first, "GONE"))
    keep(ledger, second, a_value(second, "KR1", None, reason="HTTP 403"), outcome="partial")
    keep(ledger, undo)
    keep(ledger, refused, a_value(refused, "KR1", "0"), outcome="failed")
    assert ledger.last_values(SCOPE) == {"KR1": a_value(second, "KR1", None, reason="HTTP 403")}
    day = second.started_at.date()
    assert set(ledger.values_at(SCOPE, day - timedelta(days=1))) == {"KR1", "GONE"}
    assert ledger.values_at(SCOPE, day) == ledger.last_values(SCOPE)
    assert ledger.values_at(SCOPE, date(2020, 1, 1)) == {}
    assert ledger.last_values(Scope("another", SCOPE.cycle)) == {}


def test_a_run_is_found_by_the_beginning_of_its_id(ledger: Ledger) -> None:
    for run_id in ("20261005T010000-aa", "20261005T010000-ab", "20261006T010000-cc", "2026%"):
        ledger.begin(a_run(id=run_id))
    ledger.begin(a_run(id="20261006T", workspace="another"))
    assert ledger.run("20261006T01").id == "20261006T010000-cc"
    assert ledger.run("20261006T").workspace == "another"
    assert ledger.run("20261006T", SCOPE).id == "20261006T010000-cc"
    assert ledger.run("2026%").id == "2026%"
    with pytest.raises(LedgerError, match=r"several begin with it: 20261005T010000-aa, 20261005T010000-ab"):
        ledger.run("20261005")
    with pytest.raises(LedgerError, match="no such run"):
        ledger.run("2026_005")
    with pytest.raises(LedgerError, match="no such run") as caught:
        ledger.run("1999")
    assert caught.value.advice == "`okrsync history` lists the runs."


def test_runs_are_listed_newest_first_up_to_the_limit(ledger: Ledger) -> None:
    for number in range(5):
        ledger.begin(a_run(number))
    assert [run.id for run in ledger.runs(SCOPE, 2)] == ["run-004", "run-003"]


def test_nothing_to_record_records_nothing(ledger: Ledger) -> None:
    keep(ledger, a_run())
    ledger.record_cells("run-001", [])
    assert (ledger.readings("run-001"), ledger.history(SCOPE), ledger.cells("run-001")) == ([], [], [])


def test_a_failed_recording_leaves_nothing_of_itself(ledger: Ledger) -> None:
    run = a_run()
    ledger.begin(run)
    with pytest.raises(LedgerError, match=r"recording values in .*ledger\.db: IntegrityError: UNIQUE") as caught:
        ledger.record_values([a_value(run, "KR1"), a_value(run, "KR2"), a_value(run, "KR1")])
    assert caught.value.effect == "The sheet is not affected."
    ledger.finish(run.id, "done", {}, AT)
    assert ledger.history(SCOPE) == []


def test_values_of_no_run_are_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="FOREIGN KEY"):
        ledger.record_values([a_value(a_run())])


numbers = st.decimals(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
cell_values = st.none() | st.booleans() | st.text() | numbers | st.dates()


@given(cell_values)
def test_a_cell_value_survives_its_text(value: CellValue) -> None:
    found = decode_cell(encode_cell(value))
    assert (type(found), found, str(found)) == (type(value), value, str(value))


def test_a_cell_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'blob' is not a kind of cell value"):
        decode_cell('{"blob": 1}')


@pytest.mark.parametrize("text", ["5", "[1]", '"words"', '{"number": "x"}', '{"number": 5}', '{"date": "soon"}', "{}"])
def test_what_somebody_typed_over_a_remembered_cell_is_refused_and_nothing_worse(text: str) -> None:
    with pytest.raises(ValueError, match=r"cell's value|kind of cell|not a number|isoformat"):
        decode_cell(text)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.tuples(*[st.none() | numbers] * 4),
    words=st.tuples(*[texts] * 3),
    day=st.dates(),
    at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]), min_value=datetime(1970, 1, 2)),  # noqa: DTZ001 - hypothesis adds the zone
    cell=st.tuples(cell_values, cell_values),
)
def test_records_survive_the_database(
    ledger: Ledger,
    values: tuple[Decimal | None, ...],
    words: tuple[str, str, str],
    day: date,
    at: datetime,
    cell: tuple[CellValue, CellValue],
) -> None:
    run = a_run(id=new_run_id(AT))
    record = ValueRecord(run.id, day, at, "KR1", values[0], values[1], values[2], values[3], *words)
    write = CellRecord(run.id, "OKRs", "KR1", "current", *cell)
    ledger.begin(run)
    ledger.record_values([record])
    ledger.record_cells(run.id, [write])
    ledger.finish(run.id, "done", {}, AT)
    (found,) = [value for value in ledger.history(SCOPE) if value.run == run.id]
    assert repr(replace(found, at=record.at)) == repr(record)
    assert found.at == record.at
    assert repr(ledger.cells(run.id)) == repr([write])


def test_only_the_owner_may_read_the_ledger(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_ledger(".okrsync/ledger.db", tmp_path) as ledger:
            ledger.begin(a_run())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / ".okrsync").iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / ".okrsync").stat().st_mode) == 0o700
    modes.pop(".gitignore")
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}


def test_the_folder_made_for_it_stays_out_of_git_and_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    open_ledger(".okrsync/ledger.db", tmp_path).close()
    assert (tmp_path / ".okrsync/.gitignore").read_text() == "*\n"
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    open_ledger("shared/ledger.db", tmp_path).close()
    assert [path.name for path in shared.iterdir()] == ["ledger.db"]
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755


def test_reading_makes_nothing_and_finds_an_empty_history(tmp_path: Path) -> None:
    with open_ledger(".okrsync/ledger.db", tmp_path, readonly=True) as ledger:
        assert ledger.history(SCOPE) == []
        assert ledger.last_values(SCOPE) == {}
        assert ledger.runs(SCOPE) == []
    assert list(tmp_path.iterdir()) == []


def test_reading_an_empty_file_leaves_it_empty(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    file.touch()
    with open_ledger("ledger.db", tmp_path, readonly=True) as ledger:
        assert ledger.runs(SCOPE) == []
    assert file.read_bytes() == b""


def test_a_reader_sees_the_history_and_cannot_write(tmp_path: Path) -> None:
    with open_ledger("ledger.db", tmp_path) as writer:
        keep(writer, a_run(), a_value(a_run()))
    before = (tmp_path / "ledger.db").read_bytes()
    with open_ledger("ledger.db", tmp_path, readonly=True) as reader:
        assert reader.history(SCOPE) == [a_value(a_run())]
        with pytest.raises(LedgerError, match="readonly"):
            reader.begin(a_run(2))
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_readers_and_a_writer_work_at_once(tmp_path: Path) -> None:
    with open_ledger("ledger.db", tmp_path) as writer, open_ledger("ledger.db", tmp_path, readonly=True) as reader:
        keep(writer, a_run(), a_value(a_run()))
        assert len(reader.history(SCOPE)) == 1
        with sqlite3.connect(tmp_path / "ledger.db") as direct:
            assert direct.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        direct.close()


CORRUPT = {
    "no database": b"\x89PNG this is not a database at all, but long enough to be read as one" * 50,
    "cut off": None,
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT)
@pytest.mark.parametrize("readonly", [True, False])
def test_a_corrupt_ledger_says_to_move_it_away(tmp_path: Path, content: bytes | None, *, readonly: bool) -> None:
    file = tmp_path / "ledger.db"
    if content is None:
        open_ledger("ledger.db", tmp_path).close()
        content = file.read_bytes()[:5000] + b"\xff" * 3000
    file.write_bytes(content)
    with pytest.raises(LedgerError) as caught, open_ledger("ledger.db", tmp_path, readonly=readonly) as ledger:
        ledger.runs(SCOPE)
    assert str(file) in caught.value.doing
    assert caught.value.advice == (
        "Move the file away and run again: a new one is made. A lost ledger loses history, never correctness."
    )
    assert file.read_bytes() == content


def test_content_nobody_could_have_written_is_a_ledger_error(tmp_path: Path) -> None:
    with open_ledger("ledger.db", tmp_path) as ledger:
        keep(ledger, a_run(), a_value(a_run()))
        with sqlite3.connect(tmp_path / "ledger.db") as direct:
            direct.execute("UPDATE key_result_values SET value = 'soon'")
        direct.close()
        with pytest.raises(LedgerError, match="reading the ledger"):
            ledger.history(SCOPE)


FAULTS: list[tuple[Exception, str]] = [
    (sqlite3.OperationalError("database or disk is full"), "Free space on that disk"),
    (OSError(28, "No space left on device"), "Free space on that disk"),
    (sqlite3.OperationalError("disk I/O error"), "Free space on that disk"),
    (sqlite3.OperationalError("database is locked"), "Another okrsync is writing"),
    (PermissionError(13, "Permission denied"), "Give this user write access there"),
    (sqlite3.OperationalError("attempt to write a readonly database"), "Give this user write access there"),
    (sqlite3.DatabaseError("database disk image is malformed"), "Move the file away"),
    (ModuleNotFoundError("No module named 'psycopg'"), "pip install 'psycopg[binary]'"),
    (sa.exc.OperationalError("SELECT 1", None, ConnectionError("refused\nby peer")), "can be reached and written"),
    (sa.exc.TimeoutError(), "can be reached and written"),
]


@pytest.mark.parametrize(
    ("fault", "advice"), FAULTS, ids=[type(fault).__name__ + str(fault)[:30] for fault, _ in FAULTS]
)
def test_each_fault_has_its_advice(fault: Exception, advice: str) -> None:
    with pytest.raises(LedgerError) as caught, faults("recording a run in", Place("ledger.db", path=Path("ledger.db"))):
        raise fault
    assert advice in caught.value.advice
    assert caught.value.saw
    assert "\n" not in caught.value.saw


def test_a_folder_nobody_may_write_in_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(LedgerError, match="Permission denied") as caught:
        open_ledger(".okrsync/ledger.db", tmp_path)
    assert (
        caught.value.advice == "Give this user write access there, or set another place under `ledger` in the config."
    )


def test_a_ledger_in_a_folder_without_write_access_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_ledger("ledger.db", tmp_path) as writer:
        keep(writer, a_run(), a_value(a_run()))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with open_ledger("ledger.db", tmp_path, readonly=True) as reader:
        assert len(reader.history(SCOPE)) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


def test_reading_a_ledger_of_somebody_else_leaves_no_file_next_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that may write in the folder, but not the file, would make `-wal` and `-shm` and could not remove them."""
    with open_ledger("ledger.db", tmp_path) as ledger:
        ledger.begin(a_run())
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "ledger.db" and may(path, mode))
    with open_ledger("ledger.db", tmp_path, readonly=True) as reader:
        assert len(reader.runs(SCOPE)) == len(reader.runs(SCOPE))
        assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize("name", ["50% of #1?.db", "帳本 2026.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    open_ledger(name, tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_sqlite_url_is_its_path(tmp_path: Path) -> None:
    open_ledger("sqlite:///kept/ledger.db", tmp_path).close()
    assert (tmp_path / "kept/ledger.db").exists()


def test_a_reference_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRSYNC_TEST_LEDGER", "by-name.db")
    open_ledger("$OKRSYNC_TEST_LEDGER", tmp_path).close()
    assert (tmp_path / "by-name.db").exists()
    monkeypatch.delenv("OKRSYNC_TEST_LEDGER")
    with pytest.raises(LedgerError, match="OKRSYNC_TEST_LEDGER is not set"):
        open_ledger("$OKRSYNC_TEST_LEDGER", tmp_path)


def test_a_password_is_never_shown() -> None:
    place = ledger_store.find("postgresql+psycopg://kim:s3cret%2F@db.acme.test/okr?sslpassword=other", Path())
    assert place.shown == "postgresql://db.acme.test/okr"
    assert "s3cret" not in repr(place)
    with pytest.raises(LedgerError) as caught, faults("opening the ledger", place):
        raise sa.exc.OperationalError("SELECT 1", None, Exception("could not connect with s3cret/"))
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("location", "saw"),
    [
        ("mysql://kim:s3cret@db/okr", "mysql is not supported"),
        ("postgres ql://kim:s3cret@db", "its database URL cannot be read"),
        ("postgresql://kim:s3cret@db:port/okr", "its database URL cannot be read"),
        ("nosuch://kim:s3cret@db/okr", "nosuch is not supported"),
    ],
)
def test_an_address_that_is_not_served_is_refused(location: str, saw: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        open_ledger(location, tmp_path)
    assert caught.value.saw == saw
    assert "s3cret" not in str(caught.value)


def a_measure(run: Run, name: str = "bugs", **changes: Any) -> MeasureRecord:
    record = MeasureRecord(
        run.id, name, "c0ffee", "issues", "done", Decimal("0.5"), 2, 1, ("CORE-1", "CORE-2"), ("CORE-2",),
        (ShownRow({"key": "CORE-2", "points": "3"}, counted=True), ShownRow({"key": "CORE-1"}, counted=False)),
    )  # fmt: skip
    return replace(record, **changes)


def measure_in(ledger: Ledger, run: Run, name: str) -> MeasureRecord:
    [found] = ledger.measures([run.id], [name])[run.id].values()
    return found


def test_measures_come_back_with_their_keys_and_rows_and_are_pruned(ledger: Ledger) -> None:
    old, young = a_run(1), a_run(30)
    given_ = {
        old.id: a_measure(old),
        young.id: a_measure(young, keys=None, counted=None, counted_keys=None, shown=()),
    }
    for run in (old, young):
        keep(ledger, run)
        ledger.record_measures([given_[run.id], a_measure(run, "none", figure=None, rows=None, keys=(), shown=())])
    assert measure_in(ledger, old, "bugs") == given_[old.id]
    assert measure_in(ledger, old, "none").keys == ()
    assert measure_in(ledger, young, "bugs") == given_[young.id]
    assert ledger.prune(SCOPE.workspace, ids_days=400, rows_days=400, now=AT + timedelta(days=31)) == 0
    assert ledger.prune(SCOPE.workspace, ids_days=400, rows_days=10, now=AT + timedelta(days=31)) == 1
    assert measure_in(ledger, old, "bugs") == replace(given_[old.id], shown=())
    assert ledger.prune(SCOPE.workspace, ids_days=10, rows_days=10, now=AT + timedelta(days=31)) == 2
    pruned = replace(given_[old.id], keys=None, counted_keys=None, shown=())
    assert measure_in(ledger, old, "bugs") == pruned
    assert measure_in(ledger, young, "none").counted_keys == ("CORE-2",)


def test_a_measure_last_stood_on_its_last_answered_read(ledger: Ledger) -> None:
    for number, outcome, rows in ((1, "done", 2), (2, "partial", None), (3, "failed", 9)):
        run = a_run(number)
        keep(ledger, run, outcome=outcome)  # type: ignore[arg-type] # the table holds outcomes
        ledger.record_measures([a_measure(run, rows=rows), a_measure(run, "other", rows=number)])
    last = ledger.last_measures(SCOPE)
    assert (last["bugs"].run, last["other"].run) == ("run-001", "run-002")
    assert ledger.last_measures(Scope("another", SCOPE.cycle)) == {}
    for number in range(10, 10 + LOOK_BACK_RUNS):
        keep(ledger, a_run(number))
    assert ledger.last_measures(SCOPE) == {}, "not so far back"


def test_check_ins_come_back_in_the_order_they_were_seen(ledger: Ledger) -> None:
    records = []
    for number, outcome in ((2, "done"), (1, "partial"), (3, "failed")):
        run = a_run(number)
        printed = {"confidence": "7", "note": f"第 {number} 週"}
        record = CheckIn(run.id, "KR1", run.now.date(), run.now, printed)
        keep(ledger, run, outcome=outcome)  # type: ignore[arg-type] # the same
        ledger.record_check_ins([record, replace(record, key_result="KR2")])
        records.append(record)
    assert ledger.check_ins(SCOPE, "KR1") == [records[1], records[0]]
    assert [check_in.key_result for check_in in ledger.check_ins(SCOPE)] == ["KR1", "KR2"] * 2


def test_a_backfilled_value_fills_the_days_before_runs_and_does_not_hide_the_last_run(ledger: Ledger) -> None:
    real, fill = a_run(10), a_run(11, command="backfill")
    days = [AT.date() + timedelta(days=number) for number in (1, 2, 20)]
    keep(ledger, real, a_value(real, "KR1"), a_value(real, "KR2"))
    filled = [a_value(fill, "KR1", f"0.{day.day}", day=day, backfilled=True) for day in days]
    keep(ledger, fill, *filled)
    assert ledger.history(SCOPE, "KR1") == [*filled[:2], a_value(real, "KR1"), filled[2]]
    assert ledger.values_at(SCOPE, days[1]) == {"KR1": filled[1]}
    assert ledger.values_at(SCOPE, real.started_at.date()) == {
        "KR1": a_value(real, "KR1"),
        "KR2": a_value(real, "KR2"),
    }
    assert ledger.last_values(SCOPE)["KR1"] == filled[2]


def test_of_a_refused_run_only_check_ins_are_history(ledger: Ledger) -> None:
    for number, outcome in ((1, "done"), (2, "refused"), (3, "failed")):
        run = a_run(number)
        printed = CheckIn(run.id, "KR1", run.now.date(), run.now, {"note": str(number)})
        ledger.begin(run)
        ledger.record_values([a_value(run)])
        ledger.record_check_ins([printed])
        ledger.finish(run.id, outcome, {}, run.now)  # type: ignore[arg-type] # a literal of the list above
    assert [each.texts["note"] for each in ledger.check_ins(SCOPE)] == ["1", "2"]
    assert [each.run for each in ledger.history(SCOPE)] == ["run-001"]


def schema(engine: sa.Engine) -> set[tuple[object, ...]]:
    with engine.connect() as connection:
        made = connection.exec_driver_sql(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'"
        )
        found = {tuple(row) for row in made}
    engine.dispose()
    return found


def test_the_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    open_ledger("ledger.db", tmp_path).close()
    known = sa.create_engine(f"sqlite:///{tmp_path}/known.db")
    metadata.create_all(known)
    assert schema(sa.create_engine(f"sqlite:///{tmp_path}/ledger.db")) == schema(known)


def test_the_revisions_are_those_of_the_files() -> None:
    folder = Path(ledger_store.__file__).parent / "migrations"
    found = [script.revision for script in ScriptDirectory(str(folder)).walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


def test_alembic_is_imported_only_when_a_migration_is_due(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from syncer.ledger.ledger import open_ledger\n"
        f"open_ledger('ledger.db', Path({str(tmp_path)!r})).close(); print('alembic' in sys.modules)"
    )
    printed = [subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True) for _ in "12"]
    assert [run.stdout for run in printed] == ["True\n", "False\n"]


@pytest.mark.parametrize("readonly", [True, False])
def test_a_newer_ledger_is_refused(tmp_path: Path, *, readonly: bool) -> None:
    open_ledger("ledger.db", tmp_path).close()
    with sqlite3.connect(tmp_path / "ledger.db") as direct:
        direct.execute("UPDATE alembic_version SET version_num = '0099'")
    direct.close()
    with pytest.raises(LedgerError, match=f"revision '0099', this okrsync knows '{REVISIONS[-1]}' and older") as caught:
        open_ledger("ledger.db", tmp_path, readonly=readonly)
    assert caught.value.advice.startswith("Upgrade okrsync")


def test_an_older_ledger_is_not_changed_by_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_ledger("ledger.db", tmp_path).close()
    monkeypatch.setattr(ledger_store, "REVISIONS", (*REVISIONS, "9999"))
    with pytest.raises(LedgerError, match=f"revision '{REVISIONS[-1]}'") as caught:
        open_ledger("ledger.db", tmp_path, readonly=True)
    assert caught.value.advice == "Run `okrsync sync` once."


def test_a_run_killed_while_its_tables_were_made_is_made_good(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    with open_ledger("ledger.db", tmp_path) as ledger:
        assert ledger.runs(SCOPE) == []


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def upgrade(config: Config, _revision: str) -> None:
        config.attributes["connection"].exec_driver_sql("CREATE TABLE runs (half TEXT)")
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.command.upgrade", upgrade)
        with pytest.raises(LedgerError, match="disk is full"):
            open_ledger("ledger.db", tmp_path)
    with open_ledger("ledger.db", tmp_path) as ledger:
        assert ledger.runs(SCOPE) == []


def test_a_writer_has_the_database_from_its_first_step(ledger: Ledger, tmp_path: Path) -> None:
    direct = sqlite3.connect(tmp_path / ".okrsync/ledger.db", timeout=0)
    with ledger._writing("testing"), pytest.raises(sqlite3.OperationalError, match="locked"):
        direct.execute("BEGIN IMMEDIATE")
    direct.execute("BEGIN IMMEDIATE")
    direct.close()


def test_run_ids_sort_by_time_and_differ() -> None:
    taipei = datetime(2026, 10, 5, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert new_run_id(taipei).startswith("20261005T010000-")
    assert len({new_run_id(taipei) for _ in range(20)}) == 20


def test_another_cycle_of_a_workspace_has_a_history_of_its_own(ledger: Ledger) -> None:
    later = a_run(2, cycle="2027-Q1")
    for run in (a_run(1), later):
        keep(ledger, run, a_value(run))
    assert [record.run for record in ledger.history(SCOPE)] == ["run-001"]
    assert [run.id for run in ledger.runs(later.scope)] == ["run-002"]
    assert ledger.cycles(SCOPE.workspace) == ["2026-Q4", "2027-Q1"]
    assert ledger.cycles("another") == []


def test_the_sheet_of_a_workspace_and_cycle_is_the_one_recorded_last(ledger: Ledger) -> None:
    assert ledger.sheet(SCOPE) is None
    first, moved, later = (
        SheetRecord(*SCOPE, "run-001", "/a/okrs.xlsx"),
        SheetRecord(*SCOPE, "run-001", "/b/okrs.xlsx"),
        SheetRecord(SCOPE.workspace, "2027-Q1", "1AbC"),
    )
    for record in (first, moved, later):
        ledger.record_sheet(record)
    assert ledger.sheet(SCOPE) == moved
    assert ledger.sheet(Scope(SCOPE.workspace, "2027-Q1")) == later
    assert ledger.sheet(Scope("another", "2026-Q4")) is None


def test_pruning_leaves_the_rows_of_other_workspaces(ledger: Ledger) -> None:
    runs = a_run(1), a_run(2, workspace="another")
    for run in runs:
        keep(ledger, run, a_reading(run, ids=("A-1",)))
    assert ledger.prune("another", ids_days=0, rows_days=0, now=AT + timedelta(days=9)) == 1
    assert [ledger.readings(run.id)[0].ids for run in runs] == [("A-1",), ()]
