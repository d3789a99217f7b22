"""Three ways to read all issues of one long query of Jira Cloud, measured side by side.

    python tests/bench/jira_long_reads.py --issues 10000 100000

- pages: one page after another, each named by the one before.
- ids: walk the ids, 5,000 a request, and fetch the issues by id, 100 a request, in lanes.
- ranges: walk the ids in order of creation, look up when every n-th was created, and page through the ranges of
  `created` in between in lanes. Held against the walk, as `ids` is.

Each runs in a process of its own, once to warm the sandbox's index and then `--runs` times. How long a site's pages are
is not known beforehand: Atlassian shortens those of more than id and key, by how much it does not say. Hence `--page`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tables
from connectors.jira.client import JiraClient
from connectors.jira.fields import issue_id
from connectors.jira.pages import LARGEST_BULK, LARGEST_PAGE, Keep, PagePool, cloud_keys, cloud_rows
from connectors.registry import Context
from measure import HERE, Medians, run, served
from workspaces import Job

FIELDS = ("status", "customfield_10016", "issuetype", "created")
LANES = 8
LATENCY_MS = 50
BOUND_SECONDS = 600.0

Way = Callable[[JiraClient, PagePool, str, Keep], None]


def pages(client: JiraClient, _lanes: PagePool, jql: str, keep: Keep) -> None:
    """One page after another."""
    for page in _pages(client, jql):
        keep(page)


def ids(client: JiraClient, lanes: PagePool, jql: str, keep: Keep) -> None:
    """The product's own way."""
    cloud_rows(client, lanes, jql, FIELDS, keep)


def ranges(client: JiraClient, lanes: PagePool, jql: str, keep: Keep) -> None:
    """Ranges of `created` of equal size, in lanes."""
    first = next(_pages(client, jql))
    walked = list(cloud_keys(client, f"{jql} ORDER BY created ASC"))
    count = min(-(-len(walked) // max(len(first) * 9 // 10, 1)), LARGEST_BULK)
    found: set[str] = set()
    for page in lanes.in_order(lambda query: list(_pages(client, query)), _ranges(client, jql, walked, count)):
        for issues in page:
            found.update(map(issue_id, issues))
            keep(issues)
    if found != set(walked):
        raise ValueError(f"{len(set(walked) ^ found)} issues differ")


def _ranges(client: JiraClient, jql: str, walked: Sequence[str], count: int) -> Iterator[str]:
    marks = [walked[len(walked) * n // count] for n in range(1, count)]
    answer = client.post("issue/bulkfetch", {"issueIdsOrKeys": marks, "fields": ["created"]}, "rows")
    created = sorted(_milliseconds(issue["fields"]["created"]) for issue in answer["issues"])
    for begin, end in zip([None, *created], [*created, None], strict=True):
        after = f" AND created >= {begin}" if begin else ""
        yield f"({jql}){after}" + (f" AND created < {end}" if end else "")


def _milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) // 60 * 60_000


def _pages(client: JiraClient, jql: str) -> Iterator[Sequence[Any]]:
    body: dict[str, Any] = {"jql": jql, "fields": list(FIELDS), "maxResults": LARGEST_PAGE}
    while True:
        answer = client.post("search/jql", body, "rows")
        yield answer["issues"]
        if "nextPageToken" not in answer:
            return
        body["nextPageToken"] = answer["nextPageToken"]


WAYS: dict[str, Way] = {"pages": pages, "ids": ids, "ranges": ranges}


def read(way: str, job: Job) -> dict[str, float]:
    """The points done: {id: value}. Nothing is kept but the sum, as rows go to the database page by page."""
    from config.models import JiraConnection

    stated = {"type": "jira", "url": f"{job['urls']['jira']}", "lanes": LANES, **job["jira"]}
    secret = Path("token")
    secret.write_text(stated["token"], "utf-8")
    secret.chmod(0o600)
    connection = JiraConnection.model_validate({**stated, "token": "file:token"}, context={"base_dir": Path.cwd()})
    client, total, seen = JiraClient("jira", connection, Context(Path.cwd())), [0.0], set[str]()

    def keep(issues: Sequence[Any]) -> None:
        for issue in issues:
            if (id_ := issue_id(issue)) not in seen:
                seen.add(id_)
                done = issue["fields"]["status"]["statusCategory"]["key"] == "done"
                total[0] += (issue["fields"]["customfield_10016"] or 0) if done else 0

    with ThreadPoolExecutor(LANES) as pool:
        WAYS[way](client, PagePool(pool, LANES), job["asked"][0]["query"], keep)
    client.close()
    return {job["asked"][0]["id"]: total[0]}


def compare(size: int, page: int, runs: int) -> Iterator[str]:
    """One table."""
    yield f"### {size:,} issues, pages of {page:,}, {LATENCY_MS} ms a request\n"
    with served("jira-rows", size, LATENCY_MS, page=page) as job, TemporaryDirectory() as folder:
        place = Path(folder) / "job.json"
        place.write_text(json.dumps(job), "utf-8")
        commands = {way: [sys.executable, str(HERE / "jira_long_reads.py"), "--read", way, str(place)] for way in WAYS}
        found: dict[str, list[Any]] = {way: [] for way in WAYS}
        for _ in range(runs + 1):
            for way, command in commands.items():
                found[way].append(run(command, job, Path(folder), BOUND_SECONDS))
        yield from tables.side_by_side([Medians(way, measured[1:]) for way, measured in found.items()])


def main() -> None:
    """Compare, or be one of the compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issues", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--page", nargs="+", type=int, default=[100, 1000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--read", nargs=2, metavar=("WAY", "JOB"), help=argparse.SUPPRESS)
    stated = parser.parse_args()
    if stated.read:
        way, job = stated.read
        sys.stdout.write(json.dumps(read(way, json.loads(Path(job).read_text("utf-8")))) + "\n")
        return
    for page in stated.page:
        for size in stated.issues:
            print("", *compare(size, page, stated.runs), sep="\n", flush=True)  # noqa: T201 - the tables are the output


if __name__ == "__main__":
    main()
