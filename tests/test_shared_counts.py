"""Counts that several workspaces ask on one account: asked once a minute, and said so in the plan."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from command_kit import Shell
from config.errors import SourceError
from config.message import Message
from connectors.accounts import Account
from connectors.protocol import Read, ReadError, Reading, RowStore
from connectors.sandbox.jira.sample import sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from postgres_kit import Server, server
from sandbox_kit import Sandbox
from source_contract import Rows
from syncer.ledger.ledger import open_ledger
from syncer.quota.count_store import RunCounts
from syncer.quota.store import QuotaStore
from syncer.sources.shared_counts import Sharing, digest, read_sharing

NOW = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
ACME = Account("jira", "a secret")
READS = [Read(f"jira#{n}", "issues", {"jql": f"project = P{n}"}, count_only=True) for n in range(50)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@pytest.fixture
def database(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    url = postgres.new_database()
    monkeypatch.setenv("OKRSYNC_DATABASE", url)
    with open_ledger(url, tmp_path):
        engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(database: Engine) -> Iterator[QuotaStore]:
    made = QuotaStore(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    yield made
    made.close()


class Counting:
    """A source that counts the queries it is asked; some of them fail."""

    tables = {}  # type: ignore[var-annotated] # noqa: RUF012 - none are asked for

    def __init__(self, failing: Sequence[str] = ()) -> None:
        self.asked: list[str] = []
        self.failing = failing
        self._lock = threading.Lock()

    def read(self, reads: Sequence[Read], into: RowStore) -> Iterator[Reading | ReadError]:
        del into
        with self._lock:
            self.asked += [read.key for read in reads]
        for read in reads:
            if read.key in self.failing:
                yield ReadError(read, SourceError("reading", "HTTP 500"))
            else:
                note = Message("{count} pages", count=2)
                yield Reading(read, int(read.key[5:]), NOW, read.query["jql"], ids=("A-1",), notes=(note,))

    def close(self) -> None:
        pass


def counted(source: Counting, store: QuotaStore, workspace: str, reads: Sequence[Read] = READS) -> dict[str, object]:
    waits: list[float] = []
    sharing = Sharing(RunCounts(store, workspace), ACME, waits.append)
    answers = list(read_sharing(source, reads, Rows(), sharing))
    assert len(answers) == len({answer.read.key for answer in answers}) == len(reads)
    return {one.read.key: one.count if isinstance(one, Reading) else one.error.saw for one in answers}


def test_forty_workspaces_ask_the_same_counts_once(store: QuotaStore) -> None:
    source = Counting()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: counted(source, store, f"w{n}"), range(40)))
    assert answers == [{f"jira#{n}": n for n in range(50)}] * 40
    assert sorted(source.asked) == sorted(read.key for read in READS)


def test_what_a_count_is_shared_with(store: QuotaStore, database: Engine) -> None:
    source = Counting()
    counted(source, store, "ads", READS[:1])
    counted(source, store, "ads", READS[:1])  # its own counts are always new
    counted(source, store, "core", READS[:1])
    assert len(source.asked) == 2
    with database.begin() as connection:
        connection.execute(text("UPDATE shared_counts SET read_at = read_at - interval '61 s'"))
    counted(source, store, "core", READS[:1])
    assert len(source.asked) == 3


def test_a_count_that_fails_is_asked_by_others_as_well(store: QuotaStore) -> None:
    source = Counting(failing=["jira#1"])
    assert counted(source, store, "ads", READS[:2]) == {"jira#0": 0, "jira#1": "HTTP 500"}
    source.failing = ()
    assert counted(source, store, "core", READS[:2]) == {"jira#0": 0, "jira#1": 1}
    assert source.asked == ["jira#0", "jira#1", "jira#1"]


def test_a_count_that_another_claims_and_never_gets_is_asked(
    store: QuotaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Counting()
    queries = [digest(read) for read in READS[:2]]
    assert RunCounts(store, "killed").claim(ACME, queries) == frozenset(queries)
    assert RunCounts(store, "core").claim(ACME, queries) == frozenset()
    monkeypatch.setattr("syncer.sources.shared_counts._LONGEST_WAIT_SECONDS", 0.0)
    assert counted(source, store, "core", READS[:2]) == {"jira#0": 0, "jira#1": 1}


def test_rows_are_never_shared(store: QuotaStore) -> None:
    source = Counting()
    rows = Read("jira#7", "issues", {"jql": "project = P0"}, ("key",))
    for workspace in ("ads", "core"):
        assert counted(source, store, workspace, [rows]) == {"jira#7": 7}
    assert source.asked == ["jira#7", "jira#7"]


def test_equal_queries_have_equal_instants() -> None:
    def of(query: str, **instants: datetime) -> str:
        return digest(Read("k", "issues", {"jql": query}, count_only=True, instants=instants))

    later = datetime(2026, 11, 16, 1, 31, tzinfo=UTC)
    assert of("project = A", as_of=NOW) == of("project = A", as_of=later)
    assert of("updated > {as_of-1d}", as_of=NOW) != of("updated > {as_of-1d}", as_of=later)
    assert of("project = A") != of("project = B")


CONFIG = """\
workspace: {{id: {name}-2222}}
ledger: $OKRSYNC_DATABASE
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet: {{file: okrs.xlsx}}
connections:
  jira: {{type: jira, url: {url}, email: demo@example.com, token: $JIRA_TOKEN}}
measures:
  bugs: {{from: jira.issues, jql: type = Bug, value: count(*)}}
objectives:
  O1:
    title: Better
    key_results:
      KR1: {{title: Bugs, baseline: 0, target: 100, measure: bugs}}
"""


def test_the_plan_says_for_whom_a_count_was_asked(
    shell: Shell, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = JiraSandbox(sample_issues(date(2026, 10, 1), NOW, "en"))
    monkeypatch.setenv("JIRA_TOKEN", site.token)
    with Sandbox([site]) as sandbox:
        for name in ("ads", "core"):
            (shell.folder / name).mkdir()
            config = CONFIG.format(name=name, url=sandbox.service_url("jira"))
            (shell.folder / name / "okrsync.yaml").write_text(config, "utf-8")
            assert shell.run("init", name, "--sheet", "--yes").code == 0
        assert shell.run("sync", "-c", "ads/okrsync.yaml").code == 0
        asked = len(sandbox.requests("jira"))
        done = shell.run("dry-run", "-c", "core/okrsync.yaml")
        assert (done.code, len(sandbox.requests("jira"))) == (0, asked)
        with database.connect() as connection:
            [at] = connection.execute(text("SELECT read_at FROM shared_counts")).scalars()
        assert "bugs: counted " in done.out
        assert " for workspace ads-2222" in done.out
        assert at is not None
        assert shell.run("sync", "-c", "ads/okrsync.yaml").code == 0
        assert len(sandbox.requests("jira")) > asked
