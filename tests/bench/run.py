"""The benchmark: okrsync beside what people use instead, in one sitting, as the tables of docs/performance.md.

    python tests/bench/run.py > figures.md

It needs the extra `bench` (`pip install -e '.[bench]'`); dlt's rows are left out where dlt is not installed.

To hold it against servers of your own, let them load the world that `serve.py mixed 200 --export world.json` writes:

    python tests/bench/run.py --only mixed --world world.json --url-jira URL --url-github URL --url-google URL
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import tables
from local_workspaces import write_local
from measure import HERE, NOW, Medians, Run, elsewhere, run, served
from past_syncs import repeat_sync
from serve import SERVICES
from workspaces import Job, write_workspace

SLOW_SECONDS = 30.0
"""A contender that takes longer is run once."""
OKRSYNC = [sys.executable, "-m", "syncer"]
Command = list[str]


class Sitting:
    """What one sitting was asked for, and where it works."""

    def __init__(self, stated: argparse.Namespace, folder: Path) -> None:
        self.runs: int = stated.runs
        self.bound: float = stated.bound
        self.key_results: Sequence[int] = stated.key_results
        self.issues: Sequence[int] = stated.issues
        self.folder = folder
        self.job = _elsewhere(stated) if stated.world else None

    def served(self, world: str, size: int, latency_ms: float) -> AbstractContextManager[Job]:
        """A world behind the sandbox, or the job at servers of your own."""
        return nullcontext(self.job) if self.job is not None else served(world, size, latency_ms)

    def medians(self, job: Job | None, contenders: dict[str, Command], folder: Path | None = None) -> list[Medians]:
        """Each contender in turn, several rounds, so that a busy minute of the machine does not hit one alone."""
        found: dict[str, list[Run]] = {name: [] for name in contenders}
        for day in range(1, self.runs + 1):
            for name, command in contenders.items():
                slow = found[name] and found[name][-1].seconds > SLOW_SECONDS
                if not slow:
                    now = NOW + timedelta(days=day)  # what is expected by today is another number: a sync has to write
                    found[name].append(run(command, job, folder or self.folder, self.bound, now))
                    sys.stderr.write(f"  {name}: {found[name][-1].seconds:.2f} s\n")
        return [Medians(name, runs) for name, runs in found.items()]

    def workspace(self, job: Job) -> Command:
        """A workspace that was synced once, as one in use is; the command to measure. No ledger of another's stays."""
        shutil.rmtree(self.folder / "okrsync", ignore_errors=True)
        config = write_workspace(self.folder / "okrsync", job)
        run([*OKRSYNC, "init", str(config.parent), "--sheet", "--yes"], None, self.folder, self.bound)
        run([*OKRSYNC, "sync", "-c", str(config)], None, self.folder, self.bound)
        return self.command("dry-run")

    def command(self, name: str) -> Command:
        """A command in the workspace that was made last."""
        return [*OKRSYNC, name, "-c", str(self.folder / "okrsync" / "okrsync.yaml"), "--format", "json"]

    def warm(self) -> float:
        """CPU seconds of a sync in a process that synced before, in the workspace that was made last."""
        config = self.folder / "okrsync" / "okrsync.yaml"
        command = [sys.executable, str(HERE / "warm.py"), str(config), str(self.runs)]
        done = subprocess.run(command, capture_output=True, check=True, timeout=self.bound)
        return float(json.loads(done.stdout)["cpu_seconds"])

    def contenders(self, job: Job) -> dict[str, Command]:
        """Everybody."""
        place = self.folder / "job.json"
        place.write_text(json.dumps(job), "utf-8")
        found = {
            "okrsync": self.workspace(job),
            "by hand, tuned": [sys.executable, str(HERE / "by_hand.py"), "tuned", str(place)],
            "by hand, tuned, writing": [sys.executable, str(HERE / "by_hand.py"), "tuned", str(place), "--write"],
            "by hand, the libraries' defaults": [sys.executable, str(HERE / "by_hand.py"), "plain", str(place)],
        }
        if find_spec("dlt"):
            found["dlt, rest_api source"] = [sys.executable, str(HERE / "with_dlt.py"), str(place)]
        return found


def mixed(sitting: Sitting) -> Iterator[str]:
    """200 key results."""
    if sitting.job:
        yield f"### {len(sitting.job['asked'])} key results, servers of your own\n"
    else:
        yield "### 200 key results at 80 ms a request\n"
        yield "80 Jira counts, 40 Jira sums, 60 GitHub counts (6 of them above 1,000), 20 cells.\n"
    with sitting.served("mixed", 200, 80) as job:
        everybody = sitting.contenders(job)
        ours = {"okrsync": everybody["okrsync"], "okrsync, `sync`": sitting.command("sync")}
        found = {one.name: one for one in sitting.medians(job, ours | everybody)}
        tuned, writing = found["by hand, tuned"], found["by hand, tuned, writing"]
        yield f"`dry-run` takes {tables.ratio(found['okrsync'], tuned)} of the tuned script's time, to reach: 0.9;"
        syncing = tables.ratio(found["okrsync, `sync`"], writing)
        yield f"`sync` {syncing} of that of the script that writes, to reach: 1.0."
        warm = f"{sitting.warm():.1f} s of CPU"
        yield f"In a process that synced before, as in a worker, it takes {warm}, to reach: 1.2 s.\n"
        yield from tables.side_by_side(list(found.values()))


def jira_rows(sitting: Sitting) -> Iterator[str]:
    """10,000 Jira issues."""
    yield "### 10,000 Jira issues with three fields at 50 ms a request\n"
    yield "One key result: a sum. To reach: 1.5 s.\n"
    with sitting.served("jira-rows", 10_000, 50) as job:
        yield from tables.side_by_side(sitting.medians(job, sitting.contenders(job)))


def github_rows(sitting: Sitting) -> Iterator[str]:
    """10,000 issues of a GitHub repository."""
    yield "### A GitHub repository's 10,000 issues at 50 ms a request\n"
    yield "One key result: a sum. To reach: 3 s for the reading.\n"
    with sitting.served("github-rows", 10_000, 50) as job:
        yield from tables.side_by_side(sitting.medians(job, sitting.contenders(job)))


def growth_of_key_results(sitting: Sitting) -> Iterator[str]:
    """More key results."""
    yield "### More key results, 80 ms a request\n"
    yield "To reach: 15 s at 5,000.\n"
    found = {}
    for size in sitting.key_results:
        with sitting.served("mixed", size, 80) as job:
            [found[size]] = sitting.medians(job, {f"{size} key results": sitting.workspace(job)})
    yield from tables.growth("key results", found)


def growth_of_issues(sitting: Sitting) -> Iterator[str]:
    """More issues."""
    yield "### More issues behind one key result, three fields, 50 ms a request\n"
    yield "To reach: 6 s and 150 MiB at 100,000.\n"
    found = {}
    for size in sitting.issues:
        with sitting.served("jira-rows", size, 50) as job:
            [found[size]] = sitting.medians(job, {f"{size} issues": sitting.workspace(job)})
    yield from tables.growth("issues", found)


def commands(sitting: Sitting) -> Iterator[str]:
    """Start-up, and large local workspaces."""
    yield "### Commands that ask no tracker\n"
    small, large = write_local(sitting.folder / "small", 10), write_local(sitting.folder / "large", 5000)
    asked: list[tuple[str, Path, Command, str]] = [
        ("okrsync --help", small, ["--help"], "0.1 s"),
        ("okrsync dry-run, 10 key results, local workbook", small, ["dry-run"], "0.5 s"),
        ("okrsync check, 5,000 key results", large, ["check"], "1.2 s"),
        ("okrsync dry-run, 5,000 key results, local workbook", large, ["dry-run"], "9 s"),
    ]
    for folder in (small, large):
        run([*OKRSYNC, "init", "--sheet", str(folder)], None, folder, sitting.bound)
    rows = []
    for name, folder, arguments, reach in asked:
        [found] = sitting.medians(None, {name: [*OKRSYNC, *arguments]}, folder)
        rows.append((f"`{name}`", found, reach))
    yield from tables.commands(rows)


def history(sitting: Sitting) -> Iterator[str]:
    """What a history costs a run."""
    yield "### 200 key results, local workbook, after 90 days of syncs\n"
    yield "To reach: 0.15 s of CPU more than after one sync; with 24 syncs a day 0.2 s.\n"
    first = NOW - timedelta(days=90)
    contenders = {}
    for name, days, a_day in (("one sync", 1, 1), ("one a day", 90, 1), ("24 a day", 90, 24)):
        folder = write_local(sitting.folder / name, 200)
        for command in ("init", "--sheet"), ("sync",):
            run([*OKRSYNC, *command, "-c", str(folder / "okrsync.yaml")], None, folder, sitting.bound, first)
        repeat_sync(folder / "okrsync.yaml", first, days, a_day)
        contenders[name] = [*OKRSYNC, "dry-run", "-c", str(folder / "okrsync.yaml")]
    found = sitting.medians(None, contenders)
    yield from tables.commands([(f"`okrsync dry-run` after {each.name}", each, "") for each in found])


SECTIONS: dict[str, Callable[[Sitting], Iterator[str]]] = {
    "mixed": mixed,
    "jira-rows": jira_rows,
    "github-rows": github_rows,
    "commands": commands,
    "history": history,
    "key-results": growth_of_key_results,
    "issues": growth_of_issues,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="rounds; figures are medians")
    parser.add_argument("--bound", type=float, default=180, help="seconds after which a contender is stopped")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--key-results", nargs="+", type=int, default=[10, 100, 1000, 5000])
    parser.add_argument("--issues", nargs="+", type=int, default=[1_000, 10_000, 100_000, 300_000])
    parser.add_argument("--world", type=Path, help="the world that servers of your own hold, as serve.py exported it")
    for name in SERVICES:
        parser.add_argument(f"--url-{name}", metavar="URL", help="such a server, asked instead of the sandbox")
    stated = parser.parse_args()
    began = time.perf_counter()
    print(*_machine(), sep="\n")  # noqa: T201 - the tables are the output
    with TemporaryDirectory() as folder:
        sitting = Sitting(stated, Path(folder))
        for name in stated.only:
            sys.stderr.write(f"{name}\n")
            print("", *SECTIONS[name](sitting), sep="\n", flush=True)  # noqa: T201 - the tables are the output
    print(f"\nThe sitting took {(time.perf_counter() - began) / 60:.0f} minutes.")  # noqa: T201 - the same


def _elsewhere(stated: argparse.Namespace) -> Job:
    urls = {name: getattr(stated, f"url_{name}") for name in SERVICES}
    if missing := [f"--url-{name}" for name, url in urls.items() if not url]:
        sys.exit(f"--world needs {', '.join(missing)} as well")
    job = json.loads(stated.world.read_text("utf-8"))["job"]
    return elsewhere(job, {name: url.rstrip("/") for name, url in urls.items()})


def _machine() -> list[str]:
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ["jira", "PyGithub", "gspread", "duckdb", *(["dlt"] if find_spec("dlt") else [])]
    taken = (
        f"Taken on {datetime.now(UTC):%Y-%m-%d} with okrsync {version('okrsync')} on {os.cpu_count()} cores and "
        f"{gibibytes:.0f} GiB, {platform.system()}, Python {platform.python_version()}; load before: "
        f"{os.getloadavg()[0]:.1f}."
    )
    return [taken, "Libraries: " + ", ".join(f"{name} {version(name)}" for name in names) + "."]


if __name__ == "__main__":
    main()
