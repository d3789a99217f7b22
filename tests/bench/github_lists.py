"""Read 1,000 items of a project, sub-issues and deployments of a GitHub at 50 ms a request.

    python tests/bench/github_lists.py [--latency 50] [--runs 3]

GitHub runs in the same process; each figure is the median of whole reads, with opening and closing.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.models import GitHubConnection
from config.secrets import Secret
from connectors import registry
from connectors.protocol import Read, Reading
from connectors.sandbox.github.projects import item as project_item
from connectors.sandbox.github.search import stamp
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.github.state import deployment, item, repository
from github_kit import TOKEN
from sandbox_kit import Sandbox
from source_contract import INSTANTS, Rows

COUNT = 1_000
FIRST = datetime(2026, 10, 1, tzinfo=UTC)


def service() -> GitHubService:
    """GitHub with so many of each."""
    times = [stamp(FIRST + timedelta(minutes=30 * n)) for n in range(COUNT)]
    deployments = [deployment(n, at, ("in_progress", at), ("success", at)) for n, at in enumerate(times)]
    issues = [item(1, times[0]), *(item(n + 2, at, parent="o/r#1", labels=["bug"]) for n, at in enumerate(times))]
    values = {"Status": "Done", "Estimate": 3, "Iteration": {"title": "Iteration 1", "start": "2026-10-01", "days": 14}}
    fields = {"Status": "SINGLE_SELECT", "Estimate": "NUMBER", "Iteration": "ITERATION"}
    items = [project_item(n, f"o/r#{n + 2}", values) for n in range(COUNT)]
    project = {"title": "Plan", "fields": fields, "items": items}
    return GitHubService({"o/r": repository("o/r", deployments=deployments, items=issues)}, {"o/1": project})


FIELDS = {"points": "Estimate", "sprint": {"name": "Iteration", "type": "text"}}
READS: Mapping[str, Read] = {
    "items of a project": Read(
        "rows", "project_items", {"project": "o/1"}, ("status", "points", "sprint", "closed"), instants=INSTANTS
    ),
    "items with labels and assignees": Read(
        "rows", "project_items", {"project": "o/1"}, ("status", "points", "labels", "assignees"), instants=INSTANTS
    ),
    "sub-issues": Read("rows", "sub_issues", {"parent": "o/r#1"}, ("state", "closed"), instants=INSTANTS),
    "deployments": Read(
        "rows", "deployments", {"repository": "o/r"}, ("environment", "created", "status", "author"), instants=INSTANTS
    ),
    "deployments and how they ended": Read(
        "rows", "deployments", {"repository": "o/r"}, ("environment", "created", "conclusion"), instants=INSTANTS
    ),
}


def seconds_of(url: str, read: Read) -> float:
    """Seconds of one read."""
    stated = {"type": "github", "url": url, "token": Secret("$GITHUB_TOKEN"), "fields": FIELDS}
    connection = GitHubConnection.model_validate(stated)
    began = time.perf_counter()
    source = registry.open_source("gh", connection, registry.Context(Path()))
    [answer] = source.read([read], Rows())
    source.close()
    if not isinstance(answer, Reading) or answer.count != COUNT:
        raise SystemExit(str(answer))
    return time.perf_counter() - began


def main() -> None:
    """Print the seconds of each read."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--latency", type=float, default=50)
    arguments.add_argument("--runs", type=int, default=3)
    stated = arguments.parse_args()
    os.environ["GITHUB_TOKEN"] = TOKEN
    with Sandbox([service()], latency_seconds=stated.latency / 1000) as sandbox:
        for what, read in READS.items():
            seconds = [seconds_of(sandbox.service_url("github"), read) for _ in range(stated.runs)]
            asked = len(sandbox.requests("github")) // stated.runs
            sandbox.log.clear()
            sys.stdout.write(f"{COUNT:>6,} {what:<32} {asked:>3} requests  {statistics.median(seconds):.2f} s\n")


if __name__ == "__main__":
    main()
