"""Read the velocity of a board's sprints at 50 ms a request: of its last three sprints, and of all.

    python tests/bench/jira_sprints.py [--latency 50] [--runs 3] [--sprints 25] [--issues 400]

Jira runs in the same process; each figure is the median of whole reads, with opening and closing.
"""

import argparse
import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.models import JiraConnection
from connectors import registry
from connectors.protocol import Read, Reading
from connectors.sandbox.jira.boards import Board, BoardSprint
from connectors.sandbox.jira.issues import STORY_POINTS, Issue, Sprint
from connectors.sandbox.jira.service import JiraSandbox
from sandbox_kit import Sandbox
from source_contract import INSTANTS, Rows

BEGIN = datetime(2025, 10, 6, 1, tzinfo=UTC)
LENGTH = timedelta(days=14)
COLUMNS = ("committed_points", "completed_points")


def issues(sprints: int, count: int) -> list[Issue]:
    """Issues of each sprint, estimated in the week before it; half of them are done in it."""
    found = []
    for number in range(1, sprints + 1):
        start = BEGIN + number * LENGTH
        for at in range(count):
            id_, done = number * count + at, start + timedelta(days=at % 13 + 1)
            log = [(start - timedelta(days=2), STORY_POINTS, "", "3"), (done, "status", "To Do", "Done")]
            log = log if at % 2 else log[:1]
            status, sprint = "Done" if at % 2 else "To Do", Sprint(number, f"Sprint {number}", "closed")
            found.append(
                Issue(id_, f"B-{id_}", "x", start - timedelta(days=5), status=status, points=3.0, sprints=(sprint,),
                      changelog=log, updated=log[-1][0])
            )  # fmt: skip
    return found


def read(url: str, query: dict[str, str], sprints: int, points: float) -> float:
    """Seconds of one read."""
    connection = JiraConnection.model_validate(
        {"type": "jira", "url": url, "email": "demo@example.com", "token": "$JIRA_TOKEN"}
    )
    began, rows = time.perf_counter(), Rows()
    source = registry.open_source("jira", connection, registry.Context(Path()))
    [answer] = source.read([Read("r", "sprints", query, COLUMNS, instants=INSTANTS)], rows)
    source.close()
    if not isinstance(answer, Reading) or answer.count != sprints or answer.failed:
        raise SystemExit(f"{query}: {answer}")
    if any((row["committed_points"], row["completed_points"]) != (points, points / 2) for row in rows.rows["r"]):
        raise SystemExit(f"{query}: {rows.rows['r']}")
    return time.perf_counter() - began


def main() -> None:
    """Print the seconds of the last three sprints, and of all."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--latency", type=float, default=50)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--sprints", type=int, default=25)
    arguments.add_argument("--issues", type=int, default=400)
    stated = arguments.parse_args()
    os.environ["JIRA_TOKEN"] = JiraSandbox.token
    site = JiraSandbox(issues(stated.sprints, stated.issues), now=lambda: BEGIN + timedelta(days=400))
    made = [
        BoardSprint(number, f"Sprint {number}", "closed", start, start + LENGTH, start + LENGTH)
        for number in range(1, stated.sprints + 1)
        for start in (BEGIN + number * LENGTH,)
    ]
    site.boards = {1: Board(1, "Board", "B", "project = B", sprints=made)}
    with Sandbox([site], latency_seconds=stated.latency / 1000) as sandbox:
        for query, sprints in (({"board": "1", "last": "3"}, 3), ({"board": "1"}, stated.sprints)):
            url, points = sandbox.service_url("jira"), 3.0 * stated.issues
            seconds = [read(url, query, sprints, points) for _ in range(stated.runs)]
            sent = len(sandbox.requests()) // stated.runs
            sandbox.log.clear()
            found = f"{sprints} sprints of {stated.issues} issues"
            sys.stdout.write(f"{found:<30} {sent:>4} requests  {statistics.median(seconds):.2f} s\n")


if __name__ == "__main__":
    main()
