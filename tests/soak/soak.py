"""Some thousand scheduled syncs against the sandbox, with faults and people, and kills; run by hand, not by pytest.

python tests/soak/soak.py --runs 1000 --kills 200 --minutes 120 --seed 1 --folder /tmp/soak

The report is JSON; its last lines say what it came to. The exit code is 1
where a cell was wrong, an edit lost, a kill not recovered from, an exit code unexplained, something left over, or where
the time was over before all was done.
"""

import argparse
import json
import os
import platform
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent.parent))

from connectors.http import Policy
from connectors.registry import Context
from lean_kit import lean_workspace
from sandbox_kit import Sandbox
from soak_kills import kills
from soak_people import People
from soak_syncs import Figures, sync, syncs, window
from soak_weather import TIMEOUT_SECONDS

WINDOW_LATENCIES = (0.0, 0.1)


def figures_of_syncs(figures: Figures, acts: Counter[str]) -> dict[str, Any]:
    """The figures of the syncs, as quarters where they could grow."""
    quarter = len(figures.usage) // 4 or 1
    first, last = figures.usage[:quarter], figures.usage[-quarter:]

    def mean(part: list[dict[str, float]], name: str) -> float:
        return round(sum(one[name] for one in part) / len(part), 1)

    ledger = [one["ledger_bytes"] for one in figures.usage]
    return {
        "runs": len(figures.usage),
        "wrong_cells": len(figures.wrong),
        "lost_edits": len(figures.lost),
        "unexplained": len(figures.unexplained),
        "reasons": dict(sorted(figures.reasons.items())),
        "acts": dict(sorted(acts.items())),
        "faults_met": figures.faults.total(),
        "faults": dict(sorted(figures.faults.items())),
        "rss_mb_by_quarter": [mean(figures.usage[n * quarter : (n + 1) * quarter], "rss_mb") for n in range(4)],
        "files_first_and_last_quarter": [mean(first, "files"), mean(last, "files")],
        "ledger_bytes_per_run": round((ledger[-1] - ledger[0]) / len(ledger)),
        "left_over": figures.left_over,
        "first_problems": [*figures.wrong[:4], *figures.lost[:4], *figures.unexplained[:4]],
    }


def dice(seed: int) -> random.Random:
    """Of its own for each part, since how many kills come too late depends on the machine."""
    return random.Random(seed)  # noqa: S311 - a walk that can be repeated


def soak(sandbox: Sandbox, options: argparse.Namespace) -> dict[str, Any]:
    """Everything."""
    began = time.monotonic()
    People(sandbox, dice(options.seed)).lay_out()
    code, words = sync()
    assert code in (0, 4), words
    kept = sandbox.services["sheets"].dump()
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    report: dict[str, Any] = {"seed": options.seed, "machine": machine}
    if options.window:
        report["window"] = {f"{late * 1000:.0f} ms": window(sandbox, options.window, late) for late in WINDOW_LATENCIES}
    if options.kills:
        who = People(sandbox, dice(options.seed))
        killed = kills(sandbox, kept, who, options.kills, began + 60 * options.minutes)
        report["kills"] = {**vars(killed), "seconds": round(time.monotonic() - began)}
    if options.runs:
        who = People(sandbox, dice(options.seed + 1))
        figures = syncs(sandbox, kept, who, options.runs, began + 60 * options.minutes)
        report["syncs"] = {**figures_of_syncs(figures, who.done), "seconds": round(time.monotonic() - began)}
    return report


def violations(report: dict[str, Any], options: argparse.Namespace) -> list[str]:
    """What must not have happened, in words."""
    killed, ran = report.get("kills", {}), report.get("syncs", {})
    found = [f"{name}: {ran[name]}" for name in ("wrong_cells", "lost_edits", "unexplained") if ran.get(name)]
    if ran.get("left_over"):
        found.append(f"left over: {ran['left_over']}")
    found += [f"after a kill: {one}" for one in killed.get("failures", ())]
    if killed.get("recovered", 0) < killed.get("killed", 0):
        found.append(f"{killed['recovered']} of {killed['killed']} kills recovered from")
    if killed.get("killed", 0) < options.kills or ran.get("runs", 0) < options.runs:
        found.append("fewer kills or runs than asked for")
    return found


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=1000)
    asked.add_argument("--kills", type=int, default=100)
    asked.add_argument("--window", type=int, default=30, help="syncs that measure the read-write window")
    asked.add_argument("--minutes", type=float, default=60, help="begin nothing more after that")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path, required=True)
    options = asked.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.chdir(options.folder)
    os.environ["OKRSYNC_NOW"] = "2026-11-16T09:30:00+08:00"

    def hasty(base_dir: Path, policy: Policy) -> Context:
        return Context(base_dir, replace(policy, sleep=lambda _seconds: None))

    with (
        lean_workspace(options.folder, trackers=True, timeout=TIMEOUT_SECONDS) as sandbox,
        patch("syncer.run.workspace.Context", hasty),
        patch("socketserver.BaseServer.handle_error"),  # a killed client is no fault of the sandbox's
    ):
        report = soak(sandbox, options)
    sys.stdout.write(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    found = violations(report, options)
    sys.stdout.write("all held\n" if not found else "".join(f"VIOLATED: {one}\n" for one in found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
