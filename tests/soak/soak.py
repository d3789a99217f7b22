"""Some thousand scheduled syncs against the sandbox, with faults, moves and kills; run by hand, not by pytest.

python tests/soak/soak.py --runs 1000 --kills 200 --folder /tmp/soak
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import sheet_people as people
from connectors.sandbox.server import Fault, Request, Sandbox
from lean_kit import lean_workspace, numbers
from syncer.cli import run_guarded

MOVES = (people.sort, people.insert_above, people.insert_at_top, people.insert_column)
DRIVER = Path(__file__).parent.parent / "kill_driver.py"


def wrong_cells(sandbox: Sandbox) -> int:
    """Current values of another key result than their row's: KRn's are multiples of n, from 11 to 19 times."""
    found = people.entered_by_id(sandbox)
    values = {key: row.get("Current value") for key, row in found.items() if key.startswith("KR")}
    return sum(value is not None and not 10 <= value / int(key[2:]) < 20 for key, value in values.items())


def fresh(sandbox: Sandbox, kept: dict[str, Any]) -> None:
    """The sheet as it began, so that inserted rows and columns do not pile up."""
    sandbox.services["sheets"].load(kept)
    sandbox.log.clear()


def one_sync() -> int:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return run_guarded(["sync", "--fail-on", "error"])


def runs(sandbox: Sandbox, count: int, dice: random.Random) -> dict[str, Any]:
    """So many runs in this process; the figures."""
    codes: dict[int, int] = {}
    wrong, marks = 0, []
    kept = sandbox.services["sheets"].dump()
    for number in range(count):
        if number % 25 == 0:
            fresh(sandbox, kept)
        numbers(sandbox, dice.randrange(1, 9))
        sandbox.hooks.clear()
        sandbox.faults.clear()
        if dice.random() < 0.3:
            people.between(sandbox, *dice.choices(MOVES, k=dice.choice((1, 1, 2, 3))))
        if dice.random() < 0.2:
            sandbox.faults.append(
                Fault("sheets", ":batchUpdate", dice.choice((500, 503, 200)), b"{", after=dice.random() < 0.5)
            )
        code = one_sync()
        codes[code] = codes.get(code, 0) + 1
        wrong += wrong_cells(sandbox)
        if number in (count // 10, count - 1):
            marks.append(usage())
    return {"runs": count, "codes": codes, "wrong_cells": wrong, "after_a_tenth": marks[0], "at_the_end": marks[-1]}


def usage() -> dict[str, Any]:
    """Memory, open files and the ledger's size."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    ledger = sum(path.stat().st_size for path in Path(".okrsync").glob("ledger.db*"))
    return {
        "rss_mb": round(pages * resource.getpagesize() / 2**20, 1),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "ledger_bytes": ledger,
    }


def kills(sandbox: Sandbox, count: int, dice: random.Random) -> dict[str, Any]:
    """So many processes killed at random instants; whether the next run, without human hands, left all right."""
    kept = sandbox.services["sheets"].dump()
    recovered = died = 0
    for number in range(count):
        if number % 25 == 0:
            fresh(sandbox, kept)
        numbers(sandbox, step := dice.randrange(1, 9))
        sandbox.hooks.clear()
        if dice.random() < 0.5:
            people.between(sandbox, dice.choice(MOVES))
        instant = dice.uniform(0.2, 3.0)
        done = subprocess.run([sys.executable, str(DRIVER), f"at:{instant}", "sync"], capture_output=True, check=False)
        died += done.returncode == -9
        sandbox.hooks.clear()
        one_sync()
        found = people.entered_by_id(sandbox)
        right = all(
            row.get("Current value") == int(key[2:]) * (10 + step) for key, row in found.items() if key[:2] == "KR"
        )
        recovered += right and len([key for key in found if key[:2] == "KR"]) == 8
    return {"kills": count, "died_in_time": died, "recovered": recovered}


def window(sandbox: Sandbox, count: int = 15) -> dict[str, float]:
    """Milliseconds from the sheet's read being answered to its write being taken, over loopback."""
    seen: list[float] = []
    last = [0.0]

    def hook(request: Request) -> None:
        if request.path.endswith(":batchUpdate"):
            seen.append((time.perf_counter() - last[0]) * 1000)
        last[0] = time.perf_counter()

    sandbox.hooks["sheets"] = hook
    for number in range(count):
        numbers(sandbox, 1 + number % 8)
        one_sync()
    ordered = sorted(seen)
    return {"median_ms": round(ordered[len(ordered) // 2], 1), "largest_ms": round(ordered[-1], 1)}


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=1000)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path, required=True)
    options = asked.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.chdir(options.folder)
    os.environ["OKRSYNC_NOW"] = "2026-11-16T09:30:00+08:00"
    dice = random.Random(options.seed)  # noqa: S311 - a walk that can be repeated
    with lean_workspace(options.folder) as sandbox:
        one_sync()
        report = {"window": window(sandbox)}
        if options.kills:
            report["kills"] = kills(sandbox, options.kills, dice)
        report["soak"] = runs(sandbox, options.runs, dice)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
