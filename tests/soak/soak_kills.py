"""Processes killed at random instants of a run; whether the next run, without human hands, puts everything right."""

import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command_kit import NOTHING_TO_WRITE
from connectors.sandbox.server import Request
from kill_kit import KILLED, Warm
from lean_kit import numbers
from sandbox_kit import Sandbox
from soak_people import People
from soak_syncs import FRESH_EVERY, left_over, restore, sync
from soak_weather import Weather

LEDGER = Path(".okrsync/ledger.db")


@dataclass
class Kills:
    """What the kills came to."""

    killed: int = 0
    recovered: int = 0
    ended_before: int = 0
    by_phase: Counter[str] = field(default_factory=Counter)
    ledgers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def kills(sandbox: Sandbox, kept: dict[str, Any], who: People, count: int, until: float) -> Kills:
    """So many processes killed, or as many as there is time for; the sheet begins as `kept`."""
    figures = Kills()
    with Warm() as warm:
        length = _length(warm, sandbox)
        tries = failed = 0
        while figures.killed < count and tries < 3 * count and time.monotonic() < until:
            if tries % FRESH_EVERY == 0 or len(figures.failures) > failed:
                restore(sandbox, kept)
                who.begin()
            tries, failed = tries + 1, len(figures.failures)
            _one(warm, sandbox, who, figures, length)
    return figures


def _length(warm: Warm, sandbox: Sandbox) -> float:
    """How long a run takes in a fork, in seconds: the middle of seven."""
    took = []
    for step in range(1, 8):
        numbers(sandbox, step)
        began = time.perf_counter()
        warm.start()
        code = warm.end()
        assert code in (0, 4), code
        took.append(time.perf_counter() - began)
    return sorted(took)[len(took) // 2]


def _one(warm: Warm, sandbox: Sandbox, who: People, figures: Kills, length: float) -> None:
    dice = who.dice
    numbers(sandbox, step := dice.randrange(1, 10))
    ledger = _ledger(dice)
    weather, read, acts = Weather(), threading.Event(), [dice.choice((0, 1, 1, 2))]

    def hook(request: Request) -> None:
        if request.path.endswith(":batchUpdate") and acts[0]:
            acts[0] -= 1
            weather.moves += bool(who.act(window=True))
        if request.path.endswith("demo-okrs"):
            read.set()

    sandbox.hooks["sheets"] = hook
    near = dice.random() < 0.5
    pid = warm.start()
    if near:
        read.wait(10 * length)
    time.sleep(instant := dice.uniform(0, 0.15 * length if near else 1.05 * length))
    with suppress(ProcessLookupError):  # it had ended
        os.kill(pid, signal.SIGKILL)
    ended = warm.end()
    sandbox.hooks.clear()
    if ended != KILLED:
        figures.ended_before += 1
    else:
        figures.killed += 1
        figures.ledgers[ledger] += 1
        figures.by_phase[_phase(read)] += 1
    with sandbox._locks["sheets"]:  # what the dead process sent is served first, or after
        for _ in range(dice.choice((0, 0, 1, 2))):
            who.act()
    why = _recovered(who, weather, step)
    if ended == KILLED and not why:
        figures.recovered += 1
    if why:
        figures.failures.append(f"{instant * 1000:.0f} ms {'after the read' if near else ''}, {ledger}: {why}")


def _ledger(dice: random.Random) -> str:
    """Now and then the run begins with no ledger."""
    kind = dice.choices(("as it was", "none yet"), (8, 2))[0]
    if kind != "as it was":
        for path in LEDGER.parent.glob("ledger.db*"):
            path.unlink()
    return kind


def _phase(read: threading.Event) -> str:
    return "the sheet read" if read.is_set() else "before the sheet was read"


def _recovered(who: People, weather: Weather, step: int) -> str:
    """Run again; why not everything is right, or nothing."""
    code, output = sync()
    problems = [*who.lost(), *who.wrong()]
    if "broken lookups" not in output:
        problems += who.old(step)
    if code != 0 and not (code == 4 and weather.reason(code, output)):
        problems.append(f"exit {code}: {output}")
    again = sync()[1]
    if NOTHING_TO_WRITE not in again:
        problems.append(f"the run after found work: {again}")
    problems += left_over()
    with sqlite3.connect(LEDGER) as direct:
        problems += [str(row) for row in direct.execute("PRAGMA integrity_check") if row != ("ok",)]
        open_runs = direct.execute("SELECT count(*) FROM runs WHERE outcome IN ('planned', 'writing')").fetchone()[0]
        problems += [f"{open_runs} runs are still open"] if open_runs else []
    direct.close()
    return "; ".join(problems)
