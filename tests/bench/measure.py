"""Runs a command against a served world and says what it cost and how many of its values are wrong."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Any
from urllib.request import Request, urlopen

from workspaces import Job

HERE = Path(__file__).parent
TOLERANCE = 1e-9
NOW = datetime(2026, 4, 15, 9, tzinfo=UTC)
"""Within the cycle of the benchmark's workspaces, whenever it is run."""
_LAUNCH = [sys.executable, "-I", "-S", str(HERE / "launch.py")]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a whole process. `requests` are by service, those to Google by what they were for.

    `wrong` counts values that are not the truth.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    requests: Mapping[str, int]
    bytes_received: int
    wrong: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Medians:
    """Several runs of one command, each figure the median of its own."""

    name: str
    runs: Sequence[Run]

    def of(self, figure: str) -> float:
        """The median of a figure of `Run`."""
        return float(median(getattr(run, figure) for run in self.runs))

    @property
    def last(self) -> Run:
        """The last run, for what does not vary."""
        return self.runs[-1]


@contextmanager
def served(world: str, size: int, latency_ms: float, page: int = 100) -> Iterator[Job]:
    """A world behind a sandbox in a process of its own, whose Jira gives `page` issues with fields at once."""
    stated = [world, str(size), "--latency-ms", str(latency_ms), "--page", str(page)]
    command = [sys.executable, str(HERE / "serve.py"), *stated]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def elsewhere(job: Job, urls: Mapping[str, str]) -> Job:
    """The job at other servers, by service: what they are asked is not counted."""
    account = {**job["sheets"]["account"], "token_uri": f"{urls['google']}/token"}
    return {**job, "url": "", "urls": urls, "sheets": {**job["sheets"], "account": account}}


def run(command: Sequence[str], job: Job | None, folder: Path, bound_seconds: float, now: datetime = NOW) -> Run:
    """One run, ended after `bound_seconds`. Without a job nothing is asked of a sandbox and nothing is compared."""
    if job is not None:
        _forget_requests(job)
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err, NamedTemporaryFile("r") as used:
        launched = [*_LAUNCH, used.name, str(bound_seconds), *command]
        environment = {**os.environ, "OKRSYNC_NOW": now.isoformat()}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # okrsync as installed: compiled once, not at each start
        done = subprocess.run(launched, stdout=out, stderr=err, cwd=folder, env=environment, check=False)
        if done.returncode:
            err.seek(0)
            sys.stderr.write(f"exit {done.returncode}: {command}\n{err.read()}")
        usage = json.load(used)
        found = _values(out) if job is not None and usage["finished"] else {}
    requests = _requests(job) if job is not None else []
    return Run(
        **usage,
        requests=Counter(_purpose(*request) for request in requests),
        bytes_received=sum(sent for *_, sent in requests),
        wrong=_wrong(job, found) if job is not None else 0,
    )


def _purpose(service: str, method: str, target: str, *_: object) -> str:
    if service != "sheets":
        return service
    if target.endswith("/token"):
        return "tokens"
    return "reads" if method == "GET" else "writes"


def _values(out: IO[str]) -> Mapping[str, Any]:
    """{id: value}, from a script's last line or from okrsync's plan."""
    out.seek(0)
    text = out.read().strip()
    if not text.startswith("{\n"):
        return dict(json.loads(text.splitlines()[-1])) if text else {}
    lines = json.loads(text)["lines"]
    return {line["id"]: line["after"]["current"] for line in lines if line["kind"] == "key_result"}


def _wrong(job: Job, found: Mapping[str, Any]) -> int:
    values = [(asked["truth"], found.get(asked["id"])) for asked in job["asked"]]
    return sum(value is None or abs(float(value) - truth) > TOLERANCE for truth, value in values)


def _requests(job: Job) -> list[list[Any]]:
    if not job["url"]:
        return []
    with urlopen(f"{job['url']}/_sandbox/requests") as answer:  # noqa: S310 - the sandbox on loopback
        return list(json.load(answer))


def _forget_requests(job: Job) -> None:
    if not job["url"]:
        return
    with urlopen(Request(f"{job['url']}/_sandbox/requests", method="DELETE")):  # noqa: S310 - the sandbox on loopback
        pass
