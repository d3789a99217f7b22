"""Read the issues of a GitLab at 50 ms a request: with a total, by key, and twice.

    python tests/bench/gitlab_issues.py [--latency 50] [--runs 3]

GitLab runs in the same process; each figure is the median of whole reads, with opening and closing.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.gitlab_connection import GitLabConnection
from config.secrets import Secret
from connectors import registry
from connectors.protocol import Read, Reading
from gitlab_kit import TOKEN, GitLab, issue
from sandbox_kit import Sandbox
from source_contract import INSTANTS, Rows

COLUMNS = ("key", "status_category", "created", "closed", "labels", "lead_time_hours")
WAYS = {"with a total": ("project", 10_000), "by key": ("project", 12_000), "twice": ("group", 12_000)}


def read(url: str, place: str, count: int) -> float:
    """Seconds of one read."""
    connection = GitLabConnection(type="gitlab", url=url, token=Secret("$GITLAB_TOKEN"))
    began = time.perf_counter()
    source = registry.open_source("forge", connection, registry.Context(Path()))
    [answer] = source.read([Read("issues", "issues", {place: "acme"}, COLUMNS, instants=INSTANTS)], Rows())
    source.close()
    if not isinstance(answer, Reading) or answer.count != count:
        raise SystemExit(f"{place}: {answer}")
    return time.perf_counter() - began


def main() -> None:
    """Print the seconds of each way."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--latency", type=float, default=50)
    arguments.add_argument("--runs", type=int, default=3)
    stated = arguments.parse_args()
    os.environ["GITLAB_TOKEN"] = TOKEN
    for way, (place, count) in WAYS.items():
        issues = [issue(number, description="x" * 1500) for number in range(1, count + 1)]
        with Sandbox([GitLab({f"{place}s/acme/issues": issues})], latency_seconds=stated.latency / 1000) as sandbox:
            seconds = [read(sandbox.service_url("gitlab"), place, count) for _ in range(stated.runs)]
        sys.stdout.write(f"{way:<14} {count:>7,} issues  {statistics.median(seconds):.2f} s\n")


if __name__ == "__main__":
    main()
