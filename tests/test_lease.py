"""The lease on a workspace in PostgreSQL: one writer among machines, and a token that a late one is refused by."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Engine, text

from command_kit import Shell
from config.errors import BusyError, LeaseLostError
from postgres_kit import Server, server
from syncer.ledger.lease import held_lease
from syncer.ledger.ledger import Ledger, open_ledger
from syncer.ledger.records import CellRecord, Run, Scope
from team_kit import Team, a_team

SCOPE = Scope("sales-7f3k", "2026-Q4")
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
RUN = Run("20261116T090000-aaaaaa", *SCOPE, "sync", NOW, NOW, "hash", "0.1.0")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@pytest.fixture
def ledgers(postgres: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Ledger, Ledger]]:
    """The ledger as two machines open it."""
    monkeypatch.setenv("OKR_LEDGER", postgres.new_database())
    with open_ledger("$OKR_LEDGER", tmp_path) as mine, open_ledger("$OKR_LEDGER", tmp_path) as others:
        yield mine, others


def forget_to_renew(engine: Engine) -> None:
    """Let every lease end, as of a process that was killed or that slept too long."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE leases SET expires = clock_timestamp() - interval '1 s'"))


def token(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.execute(text("SELECT token FROM leases")).scalar()


def test_one_of_two_machines_has_the_workspace(ledgers: tuple[Ledger, Ledger]) -> None:
    mine, others = ledgers
    with mine.leased(SCOPE):
        with pytest.raises(BusyError, match=r"another run is using this workspace \(process \d+ on .+ since 20.+\)"):
            others.leased(SCOPE).__enter__()
        with others.leased(SCOPE._replace(workspace="support-7f3k")):
            mine.record_cells(RUN.id, ())
    with others.leased(SCOPE):
        assert others._lease is not None
        assert others._lease.token == 2


def test_who_was_taken_over_writes_nothing_and_does_not_end_the_lease_of_the_other(
    ledgers: tuple[Ledger, Ledger],
) -> None:
    mine, others = ledgers
    with ExitStack() as others_lease:
        with mine.leased(SCOPE):
            mine.begin(RUN)
            forget_to_renew(mine._engine)
            others_lease.enter_context(others.leased(SCOPE))
            with pytest.raises(LeaseLostError, match="has taken over the workspace"):
                mine.record_cells(RUN.id, [CellRecord(RUN.id, "OKRs", "KR1", "current", Decimal(1), Decimal(2))])
            assert mine.cells(RUN.id) == []
            assert mine.run(RUN.id).outcome == "planned"
        others.record_cells(RUN.id, [CellRecord(RUN.id, "OKRs", "KR1", "current", Decimal(1), Decimal(2))])
        assert len(others.cells(RUN.id)) == 1
        assert token(others._engine) == 2


def test_a_lease_that_ended_but_that_no_other_run_took_still_holds(ledgers: tuple[Ledger, Ledger]) -> None:
    mine, others = ledgers
    with mine.leased(SCOPE):
        forget_to_renew(mine._engine)
        mine.record_cells(RUN.id, ())
        with pytest.raises(BusyError):
            others.leased(SCOPE).__enter__()


def test_a_lease_is_renewed_while_its_run_lasts(ledgers: tuple[Ledger, Ledger]) -> None:
    mine, _ = ledgers

    def left() -> float:
        with mine._engine.connect() as connection:
            query = text("SELECT extract(epoch FROM expires - since) FROM leases")
            return float(connection.execute(query).scalar_one())

    with held_lease(mine._engine, mine._place, SCOPE, seconds=0.8):
        until = monotonic() + 20
        while (found := left()) < 1.5 and monotonic() < until:
            pass
    assert found >= 1.5, "it was not renewed twice"


@pytest.fixture
def team(shell: Shell, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setenv("OKR_LEDGER", postgres.new_database())
    return a_team(shell, "sales", "ledger: $OKR_LEDGER\n")


def test_a_sync_that_lost_its_workspace_right_before_the_write_refuses(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.sync(5)
    begin = Ledger.begin
    with ExitStack() as others:

        def taken_over(mine: Ledger, run: Run) -> None:
            begin(mine, run)
            forget_to_renew(mine._engine)
            other = others.enter_context(open_ledger("$OKR_LEDGER", team.folder))
            others.enter_context(other.leased(run.scope))

        monkeypatch.setattr(Ledger, "begin", taken_over)
        team.count(9)
        done = team.run("sync")
        assert (done.code, team.current) == (1, 5)
        assert "another run has taken over the workspace" in done.err
        monkeypatch.setattr(Ledger, "begin", begin)
        refused = team.run("sync")
        assert (refused.code, team.current) == (1, 5)
        assert "gives the workspace back after 30 s" in refused.err
    team.sync(9)
    assert team.current == 9


def test_a_read_only_folder_needs_no_lock_as_the_lease_does_as_well(team: Team) -> None:
    (team.folder / ".okrsync").touch()  # not even the administrator makes a lock in that folder
    team.sync(5)
    with open_ledger("$OKR_LEDGER", team.folder) as other, other.leased(SCOPE):
        assert "another run is using this workspace" in team.run("sync").err
    team.state(name="sales")
    done = team.run("sync")
    assert (done.code, team.current) == (1, 5)
    assert "Give this user write access to that folder." in done.err
