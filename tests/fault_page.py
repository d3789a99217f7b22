"""The runs behind docs/faults.md: a row for each in `tests/golden/faults.md`, and a table of exit codes as the page.

The test that ran the cases writes both with OKRSYNC_GOLDEN=write.
"""

import fcntl
import os
import tempfile
from pathlib import Path

from fault_matrix import ARRIVED, CASES, READ, SERVICES, WRITE
from fault_world import IDS, Ran

PAGE = Path(__file__).parent.parent / "docs" / "faults.md"
RUNS = Path(__file__).parent / "golden" / "faults.md"
INTRODUCTION = """\
# What each fault costs

One `okrsync sync` per fault and service, against the local imitation of the services and through their real client
libraries. Each source serves key results of its own, all of which have moved since the sheet was last written, and the
fault lasts to the end of the run. A fault that passes costs a wait: requests are sent up to five times.

In every run, key results of other sources got their right numbers, and no cell got a number other than its old or its
right one. The table shows exit codes: **0** all was written or nothing had to be; **4** key results of the failed
source were left as they were, with the reason in the report; **1** nothing was written. `-` is not tested, because it
cannot happen there.
"""
_COLUMNS = {"source": tuple(SERVICES)[:8], "sheet read": (READ,), "write lost": (WRITE,), "answer lost": (ARRIVED,)}
_HEAD = "| fault | exit code | left as it was | what the run reports first |\n|---|---|---|---|\n"


def row_of(fault: str, ran: Ran, kept: tuple[str, ...]) -> str:
    """One row about a run."""
    left = "all" if kept == IDS else ", ".join(kept) or "–"
    return f"| {fault} | {ran.code} | {left} | {ran.output.replace('|', '&#124;') or '–'} |"


def check_row(service: str, fault: str, row: str) -> None:
    """Compare a row with the recorded one."""
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        with (Path(tempfile.gettempdir()) / "okrsync-faults.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
            found = {**rows(), (service, fault): row}
            RUNS.write_text(runs(found), "utf-8")
            PAGE.write_text(page(found), "utf-8")
    assert rows().get((service, fault)) == row, row


def runs(found: dict[tuple[str, str], str]) -> str:
    """Every row, by service."""
    text = "# What each run with a fault did\n"
    for service in SERVICES:
        lines = [found.get(case, f"| {case[1]} | | | |") for case in CASES if case[0] == service]
        text += f"\n## {service}\n\n{_HEAD}" + "\n".join(lines) + "\n"
    return text


def page(found: dict[tuple[str, str], str]) -> str:
    """The whole page: the exit code of each fault by where it happens."""
    codes = {case: found[case].split(" | ")[1] for case in CASES if case in found}
    lines = [f"| fault | {' | '.join(_COLUMNS)} |", f"|---{'|---' * len(_COLUMNS)}|"]
    for fault in dict.fromkeys(fault for _, fault in CASES):
        cells = [
            _codes({name: codes[name, fault] for name in names if (name, fault) in codes})
            for names in _COLUMNS.values()
        ]
        lines.append(f"| {fault} | {' | '.join(cells)} |")
    return f"{INTRODUCTION}\n" + "\n".join(lines) + "\n"


def _codes(found: dict[str, str]) -> str:
    """The exit code of all services, with those that differ by name."""
    if len(set(found.values())) <= 1:
        return next(iter(found.values()), "-")
    most = max(sorted(set(found.values())), key=list(found.values()).count)
    return ", ".join([most, *(f"{name} {code}" for name, code in found.items() if code != most)])


def rows() -> dict[tuple[str, str], str]:
    """The recorded rows by service and fault."""
    found, service = {}, ""
    for line in RUNS.read_text("utf-8").splitlines() if RUNS.exists() else ():
        if line.startswith("## "):
            service = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| fault |"):
            found[service, line.split(" | ")[0].removeprefix("| ")] = line
    return found
