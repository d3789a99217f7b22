"""Runs a command against a served world and says what it cost and how many of its values are wrong."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.request import Request, urlopen

from workspaces import Job

HERE = Path(__file__).parent
TOLERANCE = 1e-9
CLOCK = {"OKRSYNC_NOW": "2026-04-15T09:00:00+00:00"}
"""Within the cycle of the benchmark's workspaces, whenever it is run."""
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Of `ru_maxrss`: bytes on macOS, kibibytes on Linux."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a whole process. `requests` are by service; `wrong` counts values that are not the truth."""

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
def served(world: str, size: int, latency_ms: float) -> Iterator[Job]:
    """A world behind a sandbox in a process of its own."""
    command = [sys.executable, str(HERE / "serve.py"), world, str(size), "--latency-ms", str(latency_ms)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def run(command: Sequence[str], job: Job | None, folder: Path, bound_seconds: float) -> Run:
    """One run, ended after `bound_seconds`. Without a job nothing is asked of a sandbox and nothing is compared."""
    if job is not None:
        _forget_requests(job)
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=folder, env={**os.environ, **CLOCK})
        finished, usage = _wait(process, began + bound_seconds)
        seconds = time.perf_counter() - began
        if process.returncode:
            err.seek(0)
            sys.stderr.write(f"exit {process.returncode}: {command}\n{err.read()}")
        found = _values(out) if job is not None and finished else {}
    requests = _requests(job) if job is not None else []
    return Run(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * _RSS_UNIT,
        requests=Counter(service for service, *_ in requests),
        bytes_received=sum(sent for *_, sent in requests),
        wrong=_wrong(job, found) if job is not None else 0,
        finished=finished,
    )


def _wait(process: subprocess.Popen[bytes], until: float) -> tuple[bool, Any]:
    """Whether it ended by itself, and what it used. Its children are counted where it waited for them."""
    finished = True
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            process.returncode = os.waitstatus_to_exitcode(status)
            return finished, usage
        if finished and time.perf_counter() > until:
            finished = False
            process.kill()
        time.sleep(0.002)


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
    with urlopen(f"{job['url']}/_sandbox/requests") as answer:  # noqa: S310 - the sandbox on loopback
        return list(json.load(answer))


def _forget_requests(job: Job) -> None:
    with urlopen(Request(f"{job['url']}/_sandbox/requests", method="DELETE")):  # noqa: S310 - the sandbox on loopback
        pass
