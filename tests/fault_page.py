"""docs/faults.md: a row for each case, written by the test that ran it with OKRSYNC_GOLDEN=write."""

import fcntl
import os
import tempfile
from pathlib import Path

from fault_matrix import CASES, SERVICES
from fault_world import IDS, Ran

PAGE = Path(__file__).parent.parent / "docs" / "faults.md"
INTRODUCTION = """\
# What each fault costs

Every row is one `okrsync sync` against the sandbox, through the libraries that talk to the real services, over real
sockets. `tests/test_faults_runs.py` wrote this page: it makes the fault, runs the command, and holds exit code, report
and every cell of the OKR sheet against it.

The sheet holds the numbers of an earlier run, and every source moved since. KR1 stands on Jira Cloud, KR2 on Jira Data
Center, KR3 and KR4 on GitHub (rows and a count), KR5 and KR6 on two Google sheets, KR7 and KR8 on two endpoints of
metrics, KR9 on a file. The fault lasts: it meets every request of its kind (of the Google sheets and the endpoints, the
first's; with a 401 the second's) to the end of the run. One that passes costs a wait and nothing else, for requests are
sent up to five times.

In each of these runs every key result that is not named under *left as it was* got its right number, and no cell got
any other than its old or its right one. Exit code 0: done; 4: done, with some key results unknown; 1: nothing was
written.
"""
_HEAD = "| fault | exit code | left as it was | what the run reports first |\n|---|---|---|---|\n"


def row_of(fault: str, ran: Ran, kept: tuple[str, ...]) -> str:
    """One row of the page."""
    left = "all" if kept == IDS else ", ".join(kept) or "–"
    return f"| {fault} | {ran.code} | {left} | {ran.output.replace('|', '&#124;') or '–'} |"


def check_row(service: str, fault: str, row: str) -> None:
    """Compare a row with the page's."""
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        with (Path(tempfile.gettempdir()) / "okrsync-faults.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
            PAGE.write_text(page({**rows(), (service, fault): row}), "utf-8")
    assert rows().get((service, fault)) == row, row


def page(found: dict[tuple[str, str], str]) -> str:
    """The whole page, out of the rows of the cases that there are."""
    text = INTRODUCTION
    for service in SERVICES:
        lines = [found.get(case, f"| {case[1]} | | | |") for case in CASES if case[0] == service]
        text += f"\n## {service}\n\n{_HEAD}" + "\n".join(lines) + "\n"
    return text


def rows() -> dict[tuple[str, str], str]:
    """The page's rows by service and fault."""
    found, service = {}, ""
    for line in PAGE.read_text("utf-8").splitlines() if PAGE.exists() else ():
        if line.startswith("## "):
            service = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| fault |"):
            found[service, line.split(" | ")[0].removeprefix("| ")] = line
    return found
