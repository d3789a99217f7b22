"""The benchmark of a fleet: many workspaces, a few workers, PostgreSQL, and workers that are killed.

    python tests/bench/fleet.py --workspaces 300 --workers 2 --kills 100 > figures.md

It needs `okrsync[fleet]` and PostgreSQL's programs. Each workspace has a spreadsheet of its own and ten key results:
five counts of a Jira site that all share, five cells of its spreadsheet. The first round is timed. Before the second,
all cells change, and workers are killed at random instants; then every number in every sheet has to be the new one.
"""

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Engine, create_engine, text

import worlds
from connectors.sandbox.google_sheets.book import Book, enter
from connectors.sandbox.google_sheets.limits import Limits
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.server import Request, Response, Sandbox, Service
from postgres_kit import server
from serve import IndexedJira

_CELLS = 5
_DATA = "Data"
_LONGEST_SECONDS = 3600.0
_NO_QUOTA = 1_000_000
_CONFIG = """\
workspace: {{id: w{number}-2222}}
ledger: $OKRSYNC_DATABASE
cycle: 2026-Q4
timezone: UTC
okr_sheet: {{connection: google, spreadsheet: {book}, tabs: [OKRs]}}
connections:
  jira: {{type: jira, url: {url}/{jira}, email: {email}, token: $BENCH_JIRA}}
  google: {{type: google_sheets, url: {url}/sheets, token_url: {url}/sheets/token, service_account: $BENCH_GOOGLE,
    requests_a_minute: {quota}}}
objectives:
  O1:
    title: Bench
    key_results:
"""


@dataclass(frozen=True, slots=True)
class World:
    """The services, and what each workspace's key results have to show."""

    jira: IndexedJira
    sheets: SheetsService
    counts: Sequence[worlds.Asked]
    each: int
    """How many counts a workspace has; above 5, the same as all others."""
    failing: int = 0
    """Percent of the workspaces whose Jira answers nothing but HTTP 500."""

    def fails(self, workspace: int) -> bool:
        """Whether the Jira of a workspace fails."""
        return self.failing > 0 and workspace % (100 // self.failing) == 0

    def number(self, workspace: int, place: int, round_: int) -> float:
        """What a cell holds in a round."""
        return float(100 * round_ + 10 * place + workspace % 7)

    def change(self, round_: int) -> None:
        """Give every cell its number of a round."""
        for workspace, book in enumerate(self.sheets.books.values()):
            tab = next(tab for tab in book.tabs if tab.title == _DATA)
            for place in range(_CELLS):
                enter(tab, place, 1, self.number(workspace, place, round_))

    def asked(self, workspace: int) -> Sequence[worlds.Asked]:
        """The counts of a workspace."""
        first = workspace if self.each <= _CELLS else 0
        return [self.counts[(first + place) % len(self.counts)] for place in range(self.each)]

    def wrong(self, round_: int) -> list[str]:
        """Key results whose current value is not the right one of a round."""
        found = []
        for workspace, book in enumerate(self.sheets.books.values()):
            shown = _current(book)
            counted = {f"KR{place}": one.truth for place, one in enumerate(self.asked(workspace))}
            right: dict[str, float | None] = {**(dict.fromkeys(counted) if self.fails(workspace) else counted)}
            right |= {f"KR{self.each + place}": self.number(workspace, place, round_) for place in range(_CELLS)}
            found += [
                f"w{workspace} {key}: {shown.get(key)}, not {value}"
                for key, value in right.items()
                if shown.get(key) != value
            ]
        return found


def _current(book: Book) -> dict[str, object]:
    """The current values in okrsync's own tab, by id."""
    tab = next((tab for tab in book.tabs if tab.title.startswith("okrsync")), None)
    if tab is None:
        return {}
    rows = [[next(iter(tab.cell(row, column).entered.values()), None) for column in range(30)] for row in range(80)]
    head = next(row for row in rows if "Current value" in row)
    return {
        row[0]: row[head.index("Current value")] for row in rows if isinstance(row[0], str) and row[0].startswith("KR")
    }


class Counting(Sandbox):
    """A sandbox that counts the requests to each service."""

    def __init__(self, services: Sequence[Service], *, latency_seconds: float) -> None:
        super().__init__(services, latency_seconds=latency_seconds)
        self.requests: Counter[str] = Counter()

    def respond(self, service: Service, request: Request) -> Response:
        """Count a request and answer it."""
        self.requests[service.name] += 1
        return super().respond(service, request)


class Down:
    """A Jira that fails."""

    name = "jira-down"

    def handle(self, _request: Request) -> Response:
        """Answer with HTTP 500."""
        return Response(500, {"errorMessages": ["down"]})

    def admin(self, request: Request) -> Response:
        """Answer alike."""
        return self.handle(request)

    def dump(self) -> dict[str, object]:
        """Return nothing: it has no state."""
        return {}

    def load(self, _state: Mapping[str, object]) -> None:
        """Keep nothing."""


def a_world(workspaces: int, each: int, failing: int) -> World:
    """A Jira site, and a spreadsheet for each workspace."""
    mixed = worlds.mixed(200)
    books = [
        Book.of_values(
            f"book-{number}", f"Book {number}", {"OKRs": [["KR id", "Key result", "Current value"]], _DATA: []}
        )
        for number in range(workspaces)
    ]
    counts = [one for one in mixed.asked if one.kind == "jira_count"]
    return World(IndexedJira(list(mixed.issues)), SheetsService(*books), counts, each, failing)


def write_fleet(folder: Path, world: World, url: str, at_once: int) -> None:
    """The manifest, the configs and the secrets of the environment."""
    quota = world.sheets.limits.most if world.sheets.limits else _NO_QUOTA
    os.environ["BENCH_JIRA"] = world.jira.token
    key = folder / "account.json"
    key.write_text(json.dumps(world.sheets.service_account_info(f"{url}/sheets")), "utf-8")
    key.chmod(0o600)
    os.environ["BENCH_GOOGLE"] = str(key)
    manifest = (
        f"workspaces: [teams/*/okrsync.yaml]\ndatabase: $OKRSYNC_DATABASE\nschedule: 0 0 1 1 *\nat_once: {at_once}\n"
    )
    (folder / "fleet.yaml").write_text(manifest, "utf-8")
    for number, book in enumerate(world.sheets.books):
        jira = Down.name if world.fails(number) else "jira"
        lines = [_CONFIG.format(number=number, book=book, url=url, jira=jira, email=world.jira.email, quota=quota)]
        for place, one in enumerate(world.asked(number)):
            lines.append(_key_result(place, f"{{from: jira.issues, jql: '{one.query}', value: count(*)}}"))
        for place in range(_CELLS):
            cell = f"{{from: google.cell, spreadsheet: {book}, cell: {_DATA}!B{place + 1}, value: max(value)}}"
            lines.append(_key_result(world.each + place, cell))
        (folder / "teams" / f"w{number}").mkdir(parents=True)
        (folder / "teams" / f"w{number}" / "okrsync.yaml").write_text("".join(lines), "utf-8")


def _key_result(place: int, measure: str) -> str:
    return f"      KR{place}: {{title: Number {place}, baseline: 0, target: 1000000, measure: {measure}}}\n"


class Workers:
    """Processes of `okrsync fleet run`, of which a killed one is replaced."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._log = (folder / "workers.log").open("ab")
        self._running = [self._start() for _ in range(count)]

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "syncer", "fleet", "run"], cwd=self._folder, stderr=self._log)

    def kill_one(self, dice: random.Random) -> None:
        """`kill -9` one of them, and start another."""
        place = dice.randrange(len(self._running))
        self._running[place].send_signal(signal.SIGKILL)
        self._running[place].wait()
        self._running[place] = self._start()

    def stop(self) -> None:
        """End them after their current syncs."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            process.wait()
        self._log.close()


def left(database: Engine, workspaces: int, since: float) -> tuple[int, int]:
    """The number of workspaces without a sync to its end since an instant, and of jobs that have not ended."""
    with database.connect() as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE tablename IN ('last_runs', 'procrastinate_jobs')"
        if connection.execute(text(tables)).scalar_one() < 2:
            return workspaces, 0
        good = "SELECT count(*) FROM last_runs WHERE outcome IN ('synced', 'incomplete') AND at > to_timestamp(:since)"
        jobs = connection.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one()
        return workspaces - int(connection.execute(text(good), {"since": since}).scalar_one()), int(jobs)


def round_of(folder: Path, database: Engine, stated: argparse.Namespace, kills: int) -> float:
    """Let workers sync everything, killing some meanwhile; the seconds from their start until nothing is left."""
    dice = random.Random(stated.seed)  # noqa: S311 - instants of kills
    began, wall = time.monotonic(), time.time()
    workers = Workers(folder, stated.workers)
    try:
        while any(counts := left(database, stated.workspaces, wall)):
            if time.monotonic() - began > _LONGEST_SECONDS:
                raise SystemExit(f"{counts} workspaces and jobs are left after {_LONGEST_SECONDS:.0f} s")
            under_way = counts[0] < stated.workspaces
            time.sleep(dice.uniform(0.2, 2 * stated.kill_every) if kills and under_way else 0.2)
            if kills and under_way:
                workers.kill_one(dice)
                kills -= 1
        if kills:
            sys.stderr.write(f"all was done before {kills} kills\n")
        return time.monotonic() - began
    finally:
        workers.stop()


def due_again(database: Engine) -> None:
    """Let the last due time of every workspace come anew."""
    with database.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_periodic_defers"))


def main() -> None:
    """Run both rounds and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspaces", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--latency-ms", type=float, default=80)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--kill-every", type=float, default=2.0, help="seconds between two kills, on average")
    parser.add_argument("--counts", type=int, default=5, help="counts of each; above 5, all have the same")
    parser.add_argument("--rounds", type=int, choices=(1, 2), default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--google-quota", type=int, default=0, help="reads and writes a minute; 0: no limit")
    parser.add_argument("--failing", type=int, default=0, help="percent of the workspaces whose Jira fails")
    stated = parser.parse_args()
    world = a_world(stated.workspaces, stated.counts, stated.failing)
    if stated.google_quota:
        world.sheets.limits = Limits(stated.google_quota)
    with (
        TemporaryDirectory(prefix="okr-fleet-") as place,
        server() as postgres,
        Counting([world.jira, world.sheets, Down()], latency_seconds=stated.latency_ms / 1000) as running,
    ):
        os.environ["OKRSYNC_DATABASE"] = postgres.new_database()
        database, folder = create_engine(os.environ["OKRSYNC_DATABASE"]), Path(place)
        write_fleet(folder, world, running.url, stated.at_once)
        _say("| round | workspaces | kills | seconds | CPU of workers, s | Jira requests | HTTP 429 | wrong |")
        _say("|---|---|---|---|---|---|---|---|")
        for round_, kills in ((1, 0), (2, stated.kills))[: stated.rounds]:
            world.change(round_)
            before, asked = _cpu(), running.requests["jira"]
            seconds = round_of(folder, database, stated, kills)
            wrong = world.wrong(round_)
            used, refused = _cpu() - before, world.sheets.limits.refused if world.sheets.limits else 0
            jira = running.requests["jira"] - asked
            about = f"{round_} | {stated.workspaces} | {kills} | {seconds:.1f} | {used:.1f}"
            _say(f"| {about} | {jira} | {refused} | {len(wrong)} |")
            sys.stderr.writelines(f"{line}\n" for line in wrong[:20])
            due_again(database)
        database.dispose()
        sys.stderr.write((folder / "workers.log").read_text("utf-8")[-3000:])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
