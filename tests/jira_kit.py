"""Both kinds of Jira on loopback, and sources that read them through the real library."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.errors import SourceError
from config.models import JiraConnection
from config.tables import Column
from connectors import registry
from connectors.http import Meter, Policy
from connectors.protocol import Read, ReadError, Reading, Row
from connectors.sandbox.jira.issues import Issue
from connectors.sandbox.jira.sample import sample_board, sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from sandbox_kit import Sandbox

TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=TAIPEI)
START = datetime(2026, 10, 1, tzinfo=TAIPEI)
INSTANTS = {"cycle.start": START, "cycle.end": datetime(2027, 1, 1, tzinfo=TAIPEI), "today": NOW, "as_of": NOW}
BUGS = "project = CORE AND type = Bug AND created >= {cycle.start}"
DOCUMENTED = {
    "search/jql": {"jql", "fields", "maxResults", "nextPageToken"},
    "issue/bulkfetch": {"issueIdsOrKeys", "fields"},
    "search/approximate-count": {"jql"},
    "search": {"jql", "fields", "maxResults", "startAt", "expand"},
    "changelog/bulkfetch": {"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"},
}


class Store:
    """Keeps rows; pages never overlap in time."""

    def __init__(self) -> None:
        self.pages: list[Sequence[Row]] = []
        self.columns: Sequence[Column] = ()

    def add(self, read: Read, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        assert read.key
        self.columns = columns
        self.pages.append(rows)

    @property
    def rows(self) -> list[Row]:
        return [row for page in self.pages for row in page]


class Bench:
    """A sandbox of both deployments, and sources that read it."""

    def __init__(self, box: Sandbox, base_dir: Path) -> None:
        self.box = box
        self.base_dir = base_dir
        self.slept: list[float] = []
        self.meter = Meter()
        self.store = Store()
        self.opened: list[Any] = []

    def site(self, name: str = "jira") -> JiraSandbox:
        service = self.box.services[name]
        assert isinstance(service, JiraSandbox)
        return service

    def connection(self, name: str = "jira", **more: object) -> JiraConnection:
        stated = {"type": "jira", "url": self.box.service_url(name), "token": "$JIRA_TOKEN"}
        if name == "jira":
            stated["email"] = "demo@example.com"
        return JiraConnection.model_validate({**stated, "fields": {"story_points": "customfield_10016"}, **more})

    def open(self, name: str = "jira", **more: Any) -> Any:
        policy = Policy(tries=more.pop("tries", 5), sleep=self.slept.append)
        context = registry.Context(self.base_dir, policy, self.meter)
        source = registry.open_source("tracker", self.connection(name, **more), context)
        self.opened.append(source)
        return source

    def read(self, *reads: Read, name: str = "jira", **more: Any) -> list[Reading | ReadError]:
        source = self.open(name, **more)
        answers = {answer.read.key: answer for answer in source.read(reads, self.store)}
        return [answers[read.key] for read in reads]

    def count(self, jql: str = BUGS, name: str = "jira", **more: Any) -> Reading:
        [answer] = self.read(counted(jql), name=name, **more)
        assert isinstance(answer, Reading), answer
        return answer

    def rows(self, jql: str, *columns: str, name: str = "jira", **more: Any) -> Reading:
        [answer] = self.read(Read("r", "issues", {"jql": jql}, columns, instants=INSTANTS), name=name, **more)
        assert isinstance(answer, Reading), answer
        return answer

    def fails(self, jql: str = BUGS, *columns: str, name: str = "jira", **more: Any) -> SourceError:
        read = Read("r", "issues", {"jql": jql}, columns, count_only=not columns, instants=INSTANTS)
        [answer] = self.read(read, name=name, **more)
        assert isinstance(answer, ReadError), answer
        return answer.error

    def column_fails(self, jql: str, column: str, name: str = "jira", **more: Any) -> SourceError:
        """The error of a column whose neighbours can be read."""
        reading = self.rows(jql, "key", column, name=name, **more)
        assert set(reading.failed) == {column}
        assert all(row["key"] and row.get(column) is None for row in self.store.rows)
        return reading.failed[column]

    def sent(self, name: str = "jira") -> list[tuple[str, dict[str, Any]]]:
        """What was asked for, each held against the documented limits."""
        found = []
        for entry in self.box.requests(name):
            path = entry.target.removeprefix("/rest/api/2/")
            body = json.loads(entry.body) if entry.body else {}
            if path in DOCUMENTED:
                assert set(body) <= DOCUMENTED[path]
                assert len(body.get("issueIdsOrKeys", [])) <= (100 if path == "issue/bulkfetch" else 1000)
                assert body.get("maxResults", 1) <= {"search": 1000, "changelog/bulkfetch": 10_000}.get(path, 5000)
            found.append((path, body))
        return found


def counted(jql: str, key: str = "r") -> Read:
    return Read(key, "issues", {"jql": jql}, count_only=True, instants=INSTANTS)


def many(count: int) -> list[Issue]:
    return [Issue(100 + at, f"BIG-{at}", "x", NOW - timedelta(minutes=at), points=at % 5) for at in range(count)]


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """Both sites with the sample's issues; `JIRA_TOKEN` must hold `sandbox-token`."""
    sites = [
        JiraSandbox(sample_issues(date(2026, 10, 1), NOW), cloud=cloud, time_zone=zone, now=lambda: NOW)
        for cloud, zone in ((True, "Asia/Taipei"), (False, "America/New_York"))
    ]
    for site in sites:
        site.boards = {1: sample_board(date(2026, 10, 1), NOW)}
    with Sandbox(sites) as box:
        made = Bench(box, folder)
        yield made
        for source in made.opened:
            source.close()
            source.close()
