"""Some thousand scheduled syncs in one process, with faults and people; every run is checked."""

import os
import resource
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from connectors.sandbox.github.limits import Limits
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.server import Request
from lean_kit import numbers
from sandbox_kit import Sandbox
from soak_people import People
from soak_weather import Weather
from syncer.cli import run_guarded

BEGIN = datetime.fromisoformat("2026-10-02T08:00:00+08:00")
HOURS = 2
LAST = datetime.fromisoformat("2026-12-30T20:00:00+08:00")
FRESH_EVERY = 25
TIDY = 0.1
"""In so many of the runs people have lookups put back."""


def sync(*more: str) -> tuple[int, str]:
    """One sync; its exit code and all it said."""
    return run("sync", *more)


def run(*words: str) -> tuple[int, str]:
    """One command; its exit code and all it said."""
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = run_guarded(list(words))
    return code, out.getvalue()


@dataclass
class Figures:
    """What a soak found."""

    reasons: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    usage: list[dict[str, float]] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)


def restore(sandbox: Sandbox, kept: dict[str, Any]) -> None:
    """The sheet as it began, so that inserted rows and columns do not pile up."""
    sandbox.services["sheets"].load(kept)
    sandbox.log.clear()
    github = sandbox.services.get("github")
    if isinstance(github, GitHubService):
        github.limits = Limits()


def usage() -> dict[str, float]:
    """Memory, open files and the ledger's size now."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return {
        "rss_mb": pages * resource.getpagesize() / 2**20,
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "ledger_bytes": sum(path.stat().st_size for path in Path(".okrsync").glob("ledger.db*")),
    }


def left_over() -> list[str]:
    """Files of okrsync's that no run needs when none is under way."""
    kept = {".gitignore", "ledger.db"}
    return sorted(path.name for path in Path(".okrsync").iterdir() if path.name not in kept and path.suffix != ".lock")


def syncs(sandbox: Sandbox, kept: dict[str, Any], who: People, count: int, until: float) -> Figures:
    """So many runs in this process, or as many as there is time for; the sheet begins as `kept`."""
    figures, at, held = Figures(), BEGIN, True
    for number in range(count):
        if time.monotonic() > until:
            break
        if number % FRESH_EVERY == 0 or not held:
            restore(sandbox, kept)
            who.begin()
        at = at + timedelta(hours=HOURS) if at < LAST else BEGIN
        os.environ["OKRSYNC_NOW"] = at.isoformat()
        held = _one(sandbox, who, figures, f"run {number}")
        figures.usage.append(usage())
    figures.left_over = left_over()
    return figures


def _one(sandbox: Sandbox, who: People, figures: Figures, name: str) -> bool:
    """One run; whether nothing was lost or astray after it."""
    dice = who.dice
    numbers(sandbox, step := dice.randrange(1, 10))
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        who.act()
    weather = Weather.some(sandbox, dice, 0.3)
    acts = dice.choice((1, 1, 1, 2, 2, 3)) if dice.random() < 0.3 else 0
    watch(sandbox, who, weather, acts)
    code, output = sync()
    sandbox.hooks.clear()
    sandbox.faults.clear()
    if weather.struck:
        figures.faults[weather.name] += 1
    reason = "0" if code == 0 else weather.reason(code, output)
    if not reason:
        figures.unexplained.append(f"{name}: exit {code}, {weather.name}, {weather.moves} moves\n{output}")
    figures.reasons[reason or f"{code}: unexplained"] += 1
    if "broken lookups" in output or dice.random() < TIDY:
        who.tidy(run)
        code, output = sync()
    held = _check(who, figures, name, output)
    if code in (0, 4) and not weather.struck and "wanted '" not in output and "broken lookups" not in output:
        old = [one for one in who.old(step) if f"{one.split()[0]} is in more than one row" not in output]
        figures.wrong += [f"{name}: not written: {one}\n{output}" for one in old]
    return held


def _check(who: People, figures: Figures, name: str, output: str) -> bool:
    lost, wrong = who.lost(), who.wrong()
    figures.lost += [f"{name}: {one}" for one in lost]
    figures.wrong += [f"{name}: {one}" for one in wrong]
    if lost or wrong:
        figures.unexplained.append(f"{name}: {lost} {wrong}\n{output}")
    return not lost and not wrong


def watch(sandbox: Sandbox, who: People, weather: Weather, acts: int) -> None:
    """Let people act before each write until so many acts are done."""
    left = [acts]

    def hook(request: Request) -> None:
        if request.path.endswith(":batchUpdate") and left[0]:
            left[0] -= 1
            weather.moves += bool(who.act(window=True))

    sandbox.hooks["sheets"] = hook


def window(sandbox: Sandbox, count: int, latency: float) -> dict[str, float]:
    """Milliseconds from the answer to the sheet's read until the write is taken, at that latency of each request."""
    seen: list[float] = []
    last = [0.0]
    service = sandbox.services["sheets"]
    real = service.handle

    def timed(request: Request) -> Any:
        answer = real(request)
        last[0] = time.perf_counter()
        return answer

    def hook(request: Request) -> None:
        if request.path.endswith(":batchUpdate"):
            seen.append((time.perf_counter() - last[0]) * 1000)

    sandbox.hooks["sheets"], sandbox.latency_seconds = hook, latency
    service.handle = timed  # type: ignore[method-assign] # to know when an answer was ready
    for number in range(count):
        numbers(sandbox, 1 + number % 8)
        sync()
    service.handle = real  # type: ignore[method-assign] # as it was
    sandbox.hooks.clear()
    sandbox.latency_seconds = 0.0
    ordered = sorted(seen)
    return {"median_ms": round(ordered[len(ordered) // 2], 1), "largest_ms": round(ordered[-1], 1), "syncs": count}
