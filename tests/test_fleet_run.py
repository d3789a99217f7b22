"""`fleet run`: one job per workspace and due time on a real PostgreSQL, whatever happens to workers and database."""

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine, create_engine, text

from command_kit import Shell
from config.errors import OkrsyncError
from fleet_kit import CONFIG, Teams
from postgres_kit import Server, server
from syncer.commands.fleet_run import _watched, sync_and_alert
from syncer.fleet.roster import database_of, read_roster
from syncer.fleet.run import Worker
from syncer.fleet.sync_all import Result
from syncer.fleet.timing import Screen, Timing
from syncer.present.fleet import result_line
from syncer.present.fleet_metrics import WorkerMetrics
from syncer.run.pipeline import RunReport
from syncer.run.workspace import Opened

LEDGER = CONFIG.replace("cycle:", "ledger: $OKRSYNC_DATABASE\ncycle:")
FAST = Timing(tick=0.05, heartbeat=0.1, dead=0.5, again=0.05, busy=5.0)
DUE = "* * * * *"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@pytest.fixture
def database(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    url = postgres.new_database()
    monkeypatch.setenv("OKRSYNC_DATABASE", url)
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def teams(shell: Shell, database: Engine) -> Teams:
    del database
    made = Teams(shell)
    (shell.folder / "fleet.yaml").write_text(
        "workspaces: [teams/*/okrsync.yaml]\ndatabase: $OKRSYNC_DATABASE\nschedule: 0 0 1 1 *\n", "utf-8"
    )
    return made


@dataclass
class Seen:
    """What workers reported, and a stop for each when enough syncs have ended, those of `names` among them."""

    wanted: int
    names: frozenset[str] = frozenset()
    workers: list[Worker] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    synced: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def finished(self, result: Result) -> None:
        with self.lock:
            self.results.append(result)
            if len(self.results) >= self.wanted and self.names <= {*self.synced}:
                for worker in self.workers:
                    worker.stop()

    def sync(self, opened: Opened) -> RunReport:
        """Stands for a sync: it ends with an error whose text is known."""
        with self.lock:
            self.synced.append(opened.config.workspace.id)
        raise OkrsyncError("syncing", "done")


def serve(seen: Seen, *workers: Worker) -> None:
    async def all_of_them() -> None:
        await asyncio.wait_for(asyncio.gather(*(worker.serve() for worker in workers)), 60)

    seen.workers.extend(workers)
    asyncio.run(all_of_them())


def a_worker(seen: Seen, sync: Callable[[Opened], RunReport] | None = None, **others: object) -> Worker:
    return Worker(None, sync or seen.sync, Screen(seen.reports.append, seen.finished), timing=FAST, **others)  # type: ignore[arg-type]


def waiting(database: Engine) -> int:
    with database.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one())


def test_each_workspace_is_synced_once_by_either_of_two_workers(teams: Teams, database: Engine) -> None:
    names = ["ads", "core", "deals", "east"]
    for name in names:
        teams.add(name, LEDGER)
    seen = Seen(4)
    serve(seen, a_worker(seen), a_worker(seen))
    assert sorted(seen.synced) == [f"{name}-2222" for name in names]
    assert waiting(database) == 0
    with database.connect() as connection:
        [due] = connection.execute(text("SELECT DISTINCT defer_timestamp FROM procrastinate_periodic_defers")).scalars()
    new_year = datetime.fromtimestamp(due, UTC) + timedelta(hours=8)
    assert (new_year.month, new_year.day, new_year.hour) == (1, 1, 0)
    again = Seen(1)
    teams.add("north", LEDGER)
    serve(again, a_worker(again))
    assert again.synced == ["north-2222"]


def a_job(database: Engine, scope: str, status: str, queue: str = "okrsync-1", silent: int = 0) -> None:
    """A job of a worker whose last sign of life is so many seconds ago."""
    workspace, cycle = scope.split()
    with database.begin() as connection:
        worker = connection.execute(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => :silent)) "
                "RETURNING id"
            ),
            {"silent": silent},
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id) "
                "VALUES (:queue, 'okrsync.sync', :scope, :scope, CAST(:args AS jsonb), "
                "CAST(:status AS procrastinate_job_status), CASE WHEN :status = 'doing' THEN :worker END)"
            ),
            {
                "queue": queue,
                "scope": scope,
                "args": f'{{"workspace": "{workspace}", "cycle": "{cycle}", "timestamp": 1, "color": "red"}}',
                "status": status,
                "worker": worker,
            },
        )


@pytest.fixture
def served(teams: Teams, database: Engine) -> Engine:
    """A fleet of one workspace whose due job is done already."""
    teams.add("ads", LEDGER)
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert seen.synced == ["ads-2222"]
    return database


def test_the_job_of_a_worker_that_died_is_taken_over(served: Engine) -> None:
    a_job(served, "ads-2222 2026-Q4", "doing", silent=30)
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert (seen.synced, waiting(served)) == (["ads-2222"], 0)
    assert seen.reports == ["took over 1 job of a worker that died"]


def test_a_job_of_a_dead_worker_is_dropped_where_another_of_the_workspace_waits(served: Engine) -> None:
    a_job(served, "ads-2222 2026-Q4", "doing", silent=30)
    a_job(served, "ads-2222 2026-Q4", "todo")
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert (seen.synced, waiting(served), seen.reports) == (["ads-2222"], 0, [])


def test_the_job_of_a_worker_that_lives_is_left_to_it(served: Engine, teams: Teams) -> None:
    a_job(served, "ads-2222 2026-Q4", "doing", silent=-60)
    teams.add("core", LEDGER)
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert (seen.synced, waiting(served)) == (["core-2222"], 1)


def test_the_job_of_a_workspace_that_was_deleted_ends_with_a_sentence(served: Engine, teams: Teams) -> None:
    a_job(served, "gone-2222 2026-Q4", "todo")
    teams.add("core", LEDGER)
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert "gone-2222 is not in the fleet any more; its job has ended" in seen.reports
    assert (seen.synced, waiting(served)) == (["core-2222"], 0)


def test_jobs_of_a_newer_version_are_left_to_it_and_named_once(served: Engine, teams: Teams) -> None:
    a_job(served, "ads-2222 2026-Q4", "todo", queue="okrsync-2")
    teams.add("core", LEDGER)
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert (seen.synced, waiting(served)) == (["core-2222"], 1)
    assert seen.reports == ["1 job waits for a newer okrsync"]


def test_a_workspace_that_is_paused_gets_no_job_until_it_is_resumed(served: Engine, teams: Teams) -> None:
    del served
    teams.add("core", LEDGER)
    teams.add("deals", LEDGER)
    assert teams.shell.run("fleet", "pause", "core-2222").code == 0
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert seen.synced == ["deals-2222"]
    assert teams.shell.run("fleet", "resume", "core-2222").code == 0
    seen = Seen(1)
    serve(seen, a_worker(seen))
    assert seen.synced == ["core-2222"]


def test_a_database_that_goes_away_is_waited_for_and_nothing_is_lost(
    served: Engine, postgres: Server, teams: Teams
) -> None:
    del served
    for name in ("core", "deals"):
        teams.add(name, LEDGER)
    (teams.shell.folder / "fleet.yaml").write_text(
        "workspaces: [teams/*/okrsync.yaml]\ndatabase: $OKRSYNC_DATABASE\nschedule: 0 0 1 1 *\nat_once: 1\n", "utf-8"
    )
    seen, away = Seen(3, frozenset({"core-2222", "deals-2222"})), threading.Event()

    def sync(opened: Opened) -> RunReport:
        if not away.is_set():
            postgres.stop()
            away.set()
            threading.Thread(target=back_again).start()
        return seen.sync(opened)

    def back_again() -> None:
        while not any("does not answer" in report for report in seen.reports):
            pass
        postgres.start()

    serve(seen, a_worker(seen, sync))
    # The job before may be done twice: a server that is stopped at once may lose that it was done.
    assert seen.names <= {*seen.synced} <= {*seen.names, "ads-2222"}
    lost, back, *_ = seen.reports
    assert lost.startswith("the database postgresql://localhost/okr")
    assert lost.endswith("waiting for it")
    assert back == "the database answers again"


def test_a_machine_whose_clock_is_wrong_takes_no_jobs_until_it_is_right(teams: Teams, database: Engine) -> None:
    del database
    teams.add("ads", LEDGER)
    seen, looks = Seen(1), []

    def clock() -> datetime:
        looks.append(len(seen.synced))
        return datetime.now(UTC) + timedelta(hours=1 if len(looks) < 5 else 0)

    serve(seen, a_worker(seen, clock=clock))
    assert looks[:5] == [0] * 5
    assert seen.synced == ["ads-2222"]
    assert "no jobs are taken until they agree" in seen.reports[0]
    assert seen.reports[1] == "the clocks agree again"


def test_a_workspace_that_another_run_has_is_waited_for(teams: Teams, database: Engine) -> None:
    del database
    folder = teams.add("ads", LEDGER)
    from config.errors import BusyError
    from syncer.run.workspace import open_workspace

    seen, tries = Seen(1), []

    def sync(opened: Opened) -> RunReport:
        tries.append(opened)
        if len(tries) < 3:
            raise BusyError("starting a run", "another run is using this workspace")
        return seen.sync(opened)

    serve(seen, a_worker(seen, sync))
    assert (len(tries), seen.synced) == (3, ["ads-2222"])
    assert open_workspace(folder / "okrsync.yaml").config.workspace.id == "ads-2222"


def test_a_bug_ends_one_sync_and_not_the_worker(teams: Teams, database: Engine) -> None:
    del database
    for name in ("ads", "core"):
        teams.add(name, LEDGER)
    seen = Seen(2)

    def sync(opened: Opened) -> RunReport:
        if opened.config.workspace.id == "ads-2222":
            raise ZeroDivisionError
        return seen.sync(opened)

    serve(seen, a_worker(seen, sync))
    texts = sorted(one.error.summary for one in seen.results if one.error)
    assert texts == ["syncing ads-2222: a bug of okrsync (ZeroDivisionError)", "syncing: done"]


def test_workspaces_that_cannot_be_synced_by_several_machines_are_named(teams: Teams, database: Engine) -> None:
    del database
    teams.add("ads", LEDGER)
    teams.add("core")
    manifest = teams.shell.folder / "fleet.yaml"
    manifest.write_text(manifest.read_text("utf-8") + "allow_addresses: 10.0.0.0/8\n", "utf-8")  # grants are needed
    seen = Seen(2)
    serve(seen, a_worker(seen))
    assert seen.synced == ["ads-2222"]
    line = result_line(seen.results[0], "en")
    assert "its ledger is not the fleet's database" in line
    assert "Add to its config the reference of the fleet's database: ledger: $OKRSYNC_DATABASE" in line


@pytest.mark.parametrize(
    ("line", "saw"),
    [
        ("", "the manifest has no `database`"),
        ("database: $OKRSYNC_NONE\n", "OKRSYNC_NONE"),
        ("database: $OKRSYNC_FILE\n", "$OKRSYNC_FILE is not the address of a PostgreSQL database"),
        ("database: $OKRSYNC_DATABASE\nschedule: 0 8 * *\n", "it has 4 fields, not 5"),
        ("database: $OKRSYNC_DATABASE\nschedules: {adds-2222: 0 8 * * *}\n", "did you mean 'ads-2222'?"),
        ("database: file:here\n", "must be the name of an environment variable"),
    ],
)
def test_a_manifest_that_no_worker_can_use(teams: Teams, monkeypatch: pytest.MonkeyPatch, line: str, saw: str) -> None:
    monkeypatch.setenv("OKRSYNC_FILE", "ledgers/ledger.db")
    teams.add("ads", LEDGER)
    (teams.shell.folder / "fleet.yaml").write_text(f"workspaces: [teams/*/okrsync.yaml]\n{line}", "utf-8")
    done = teams.shell.run("fleet", "run")
    assert done.code == 1
    assert saw in done.err


def test_due_times_are_those_of_the_workspace_and_moved_by_its_share_of_the_jitter(
    teams: Teams, database: Engine
) -> None:
    del database
    for name in ("ads", "core", "deals"):
        teams.add(name, LEDGER)
    core = teams.shell.folder / "teams/core/okrsync.yaml"
    core.write_text(core.read_text("utf-8").replace("Asia/Taipei", "UTC"), "utf-8")
    (teams.shell.folder / "fleet.yaml").write_text(
        "workspaces: [teams/*/okrsync.yaml]\ndatabase: $OKRSYNC_DATABASE\nschedule: 0 8 * * 1-5\njitter: 10m\n"
        'schedules: {deals-2222: "*/15 * * * *"}\n',
        "utf-8",
    )
    roster = read_roster(None)
    assert database_of(roster.fleet).url is not None
    due = {
        scope.workspace: found.isoformat() for scope, found in roster.due(datetime(2026, 11, 17, 12, 14, tzinfo=UTC))
    }
    assert due == {
        "ads-2222": "2026-11-17T00:00:00+00:00",
        "core-2222": "2026-11-17T08:00:00+00:00",
        "deals-2222": "2026-11-17T12:00:00+00:00",
    }
    early = dict(roster.due(datetime(2026, 11, 17, 0, 0, 1, tzinfo=UTC)))
    assert {scope.workspace: found.day for scope, found in early.items()}["ads-2222"] == 16
    assert read_roster(None, roster) is roster
    core.write_text(core.read_text("utf-8") + "\n", "utf-8")
    assert read_roster(None, roster) is not roster


@pytest.mark.parametrize("log", ["text", "json"])
def test_sigterm_ends_the_command_after_the_current_sync(teams: Teams, database: Engine, log: str) -> None:
    teams.add("ads", LEDGER)

    def when_synced() -> None:
        while True:
            with database.connect() as connection:
                made = connection.execute(text("SELECT to_regclass('last_runs')")).scalar()
                if made and connection.execute(text("SELECT count(*) FROM last_runs")).scalar():
                    os.kill(os.getpid(), signal.SIGTERM)
                    return

    watching = threading.Thread(target=when_synced)
    watching.start()
    done = teams.shell.run("fleet", "run", "--log-format", log)
    watching.join()
    assert done.code == 0
    assert Path("teams/ads/okrs.xlsx").exists()
    if log == "json":
        made = [json.loads(line) for line in done.err.splitlines()]
        assert [(one["event"], one["workspace"]) for one in made] == [
            *(("worker", None), ("synced", "ads-2222"), ("worker", None)),
        ]
        return
    lines = [line.split("  ", 1)[1] for line in done.err.splitlines()]
    assert lines[0] == "working; send SIGTERM to stop after the current syncs"
    assert lines[1].startswith("Ads: synced, ")
    assert lines[-1] == "stopped"


def page(address: str, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"{address}{path}", timeout=10) as answer:  # noqa: S310 - of this machine
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_worker_shows_its_metrics_and_that_it_is_alive(teams: Teams, database: Engine) -> None:
    del database
    teams.add("ads", LEDGER)
    seen, metrics, pages = Seen(1), WorkerMetrics(), dict[str, tuple[int, str]]()

    def finished(result: Result) -> None:
        metrics.add(result)
        pages.update({path: page(address, path) for path in ("/metrics", "/healthz", "/other")})
        seen.finished(result)

    worker = Worker(None, sync_and_alert, Screen(seen.reports.append, finished), timing=FAST)
    with _watched("127.0.0.1:0", worker, metrics) as address:
        assert page(address, "/metrics") == (200, "")
        serve(seen, worker)
        worker._looked_at -= FAST.stuck
        worker._said["database"] = "the database does not answer"
        assert page(address, "/healthz") == (503, "stuck\nthe database does not answer\n")
    status, shown = pages["/metrics"]
    assert status == 200
    for start in (
        'okrsync_last_success_timestamp{workspace="ads-2222"} ',
        'okrsync_sync_seconds{workspace="ads-2222"} ',
        'okrsync_unknown_key_results{workspace="ads-2222"} 0',
    ):
        assert start in shown
    assert pages["/healthz"] == (200, "alive\n")
    assert pages["/other"] == (404, "/metrics\n/healthz\n")


@pytest.mark.parametrize("address", ["9464", "127.0.0.1:http", "127.0.0.1:99999", "203.0.113.1:80"])
def test_an_address_that_cannot_be_listened_at(teams: Teams, database: Engine, address: str) -> None:
    del database
    teams.add("ads", LEDGER)
    done = teams.shell.run("fleet", "run", "--listen", address)
    assert done.code == 1
    assert f"listening at {address}: " in done.err
    assert "--listen 127.0.0.1:9464" in done.err


def test_a_worker_syncs_the_workspace_whose_id_the_manifest_states(teams: Teams, database: Engine) -> None:
    del database
    for name in ("ads", "zeta"):
        teams.add(name, LEDGER)
    zeta = teams.shell.folder / "teams/zeta/okrsync.yaml"
    zeta.write_text(zeta.read_text("utf-8").replace("zeta-2222", "ads-2222"), "utf-8")
    manifest = teams.shell.folder / "fleet.yaml"
    entries = "workspaces: [teams/*/okrsync.yaml, {path: teams/ads/okrsync.yaml, id: ads-2222}]"
    manifest.write_text(manifest.read_text("utf-8").replace("workspaces: [teams/*/okrsync.yaml]", entries), "utf-8")
    seen, files = Seen(2), list[str]()

    def sync(opened: Opened) -> RunReport:
        files.append(opened.config.path.parent.name)
        return seen.sync(opened)

    serve(seen, a_worker(seen, sync))
    assert files == ["ads"]
    assert [one.error.saw for one in seen.results if one.error and one.member.foreign] == [
        "the manifest states its id 'ads-2222' for teams/ads/okrsync.yaml"
    ]
