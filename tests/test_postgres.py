"""The ledger in PostgreSQL: shared by teams, each with its own history, lock and identity."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from command_kit import Shell
from postgres_kit import Server, server
from syncer.ledger.ledger import open_ledger
from syncer.ledger.lock import workspace_lock
from syncer.ledger.sent import OpenAlert
from team_kit import SHARED, Team, a_team

LEDGER = "ledger: $OKR_LEDGER\n"
RUN = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")
COMMANDS = (
    ("sync",),
    ("history",),
    ("history", "KR1", "--format", "json"),
    ("explain", "KR1", "--at", "2026-11-10"),
    ("status", "--format", "json"),
    ("undo",),
    ("report",),
    ("close",),
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """A server for the tests of this file."""
    with server() as running:
        yield running


@pytest.fixture
def ledger(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database, whose URL configs know as $OKR_LEDGER."""
    monkeypatch.setenv("OKR_LEDGER", postgres.new_database())


@pytest.fixture
def teams(shell: Shell, ledger: None) -> tuple[Team, Team]:
    """Two teams with an `okrs.xlsx` each, and one database."""
    del ledger
    sales, support = a_team(shell, "sales", LEDGER), a_team(shell, "support", LEDGER)
    for number in (5, 6):
        sales.sync(number)
        support.sync(number + 3)
    return sales, support


@pytest.mark.usefixtures("ledger")
def test_every_command_says_what_it_says_of_a_file(shell: Shell) -> None:
    printed: dict[str, list[str]] = {}
    for name, place in (("alpha", SHARED), ("beta", LEDGER)):
        team = a_team(shell, name, place)
        for day, number in (("2026-11-08", 3), ("2026-11-10", 5), ("2026-11-16", 7)):
            shell.at(f"{day}T09:30:00+08:00")
            team.sync(number)
        outputs = [team.run(*command) for command in COMMANDS]
        printed[name] = [RUN.sub("RUN", f"{done.code} {done.out}{done.err}").replace(name, "TEAM") for done in outputs]
    assert printed["beta"] == printed["alpha"]
    assert [text[0] for text in printed["alpha"]] == ["0"] * len(COMMANDS)


def test_each_workspace_sees_and_undoes_its_own_runs(teams: tuple[Team, Team]) -> None:
    sales, support = teams
    for team, number in zip(teams, (6, 9), strict=True):
        assert team.run("history").out.count(" sync ") == 2
        values = json.loads(team.run("history", "KR1", "--format", "json").out)["values"]
        assert [value["current"] for value in values] == [number]
    other = RUN.findall(support.run("history").out)[0]
    assert "no such run" in sales.run("undo", other).err
    assert sales.run("undo").code == 0
    assert (sales.current, support.current) == (5, 9)


def test_a_config_without_an_id_is_refused_with_the_line_to_add(teams: tuple[Team, Team]) -> None:
    sales, _ = teams
    sales.state(ledger=LEDGER)
    done = sales.run("sync")
    assert re.search(r"add the line: workspace: \{id: sales-[0-9a-z]{4}\}\n", done.err), done.err
    assert (done.code, sales.current) == (1, 6)


def test_a_copied_folder_is_refused_until_it_has_an_id_of_its_own(teams: tuple[Team, Team]) -> None:
    sales, _ = teams
    copy = sales.copy("marketing")
    copy.count(8)
    done = copy.run("sync")
    assert (done.code, copy.current) == (1, 6)
    assert "Copied config? New id: workspace: {id: marketing-" in done.err
    copy.state("marketing", LEDGER)
    copy.sync(8)
    assert copy.run("history").out.count(" sync ") == 1
    assert sales.run("history").out.count(" sync ") == 2


def test_a_workspace_that_moved_keeps_its_history(teams: tuple[Team, Team]) -> None:
    sales, _ = teams
    sales.new_sheet()
    assert "is another file than the one that the ledger knows by that path" in sales.run("sync").err
    assert sales.run("sync", "--moved").code == 0
    assert sales.run("history").out.count(" sync ") == 3


def test_the_lock_of_one_workspace_holds_no_other(teams: tuple[Team, Team]) -> None:
    sales, support = teams
    with workspace_lock(sales.folder / ".okrsync", "sales-7f3k 2026-Q4"):
        support.sync(10)
        done = sales.run("sync")
    assert (done.code, sales.current) == (1, 6)
    assert "another run is using this workspace" in done.err
    sales.sync(7)


@pytest.mark.usefixtures("ledger")
def test_teams_whose_first_runs_begin_together_make_the_tables_once(shell: Shell) -> None:
    together = [a_team(shell, name, LEDGER) for name in ("one", "two", "three")]
    command = [sys.executable, "-m", "syncer", "sync", "-c"]
    running = [
        subprocess.Popen(
            [*command, str(team.folder / "okrsync.yaml")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for team in together
    ]
    printed = [process.communicate()[0].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], printed
    for team in together:
        assert team.run("history").out.count(" sync ") == 1


def test_a_server_that_does_not_answer_costs_the_run_and_names_no_password(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    team = a_team(shell, "sales", LEDGER)
    monkeypatch.setenv("OKR_LEDGER", f"postgresql+psycopg://okr:hush-hush@/okr?host={tmp_path}")
    done = team.run("sync")
    assert (done.code, team.current) == (1, None)
    assert "opening the ledger postgresql://localhost/okr: OperationalError" in done.err
    assert "hush-hush" not in done.err


def test_a_reminder_and_an_alert_are_claimed_once(ledger: None, tmp_path: Path) -> None:
    del ledger
    alert = OpenAlert("f1", "a source is gone", datetime(2026, 11, 9, 9, tzinfo=UTC))
    with open_ledger("$OKR_LEDGER", tmp_path):
        pass  # its tables are made once

    def claim(_: int) -> tuple[bool, bool]:
        with open_ledger("$OKR_LEDGER", tmp_path) as mine:
            return mine.sent.claim_reminder("w", "kim", date(2026, 11, 9)), mine.sent.claim_alert("w", "room", alert)

    with ThreadPoolExecutor(6) as pool:
        claimed = list(pool.map(claim, range(6)))
    assert sorted(reminder for reminder, _ in claimed) == [False] * 5 + [True]
    assert sorted(alerted for _, alerted in claimed) == [False] * 5 + [True]
    with open_ledger("$OKR_LEDGER", tmp_path) as mine:
        assert not mine.sent.claim_reminder("w", "kim", date(2026, 11, 15))
        assert mine.sent.claim_reminder("w", "kim", date(2026, 11, 16))
        assert mine.sent.end_alerts("w", "room", ["f1"]) == []
        assert mine.sent.end_alerts("w", "room", []) == [alert]
        assert mine.sent.claim_alert("w", "room", alert)
