"""A fleet on one account of Google: its workers share the quota, and a write that waited is still allowed."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from command_kit import Shell
from config.errors import LeaseLostError
from connectors.accounts import REQUESTS, WRITE, Account, account_of
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.limits import Limits
from connectors.sandbox.google_sheets.service import SheetsService
from postgres_kit import Server, server
from quota_kit import Waits, a_minute_later
from sandbox_kit import Sandbox
from syncer.commands.fleet_run import sync_and_alert
from syncer.fleet.admission import admit
from syncer.fleet.run import Worker
from syncer.fleet.sync_all import Result
from syncer.fleet.timing import Screen, Timing
from syncer.ledger.ledger import open_ledger
from syncer.ledger.records import Scope, SyncOutcome
from syncer.run.workspace import open_workspace

FAST = Timing(tick=0.05, heartbeat=0.1, dead=5.0, again=0.05, busy=5.0)
CONFIG = """\
workspace: {{id: {name}-2222}}
ledger: $OKRSYNC_DATABASE
cycle: 2026-Q4
timezone: UTC
okr_sheet: {{connection: google, spreadsheet: {name}, tabs: [OKRs]}}
connections:
  google:
    type: google_sheets
    url: {url}
    token_url: {url}/token
    service_account: $GOOGLE_KEY
    requests_a_minute: 4
objectives:
  O1:
    title: Grow
    key_results:
      KR1:
        title: Number
        baseline: 0
        target: 100
        measure: {{from: google.cell, spreadsheet: {name}, cell: Data!A1, value: max(value)}}
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@dataclass
class Fleet:
    """Three workspaces on one account that may read four times a minute; each reads twice and writes once."""

    shell: Shell
    sheets: SheetsService
    database: Engine

    def written(self) -> list[str]:
        """The workspaces with a tab of okrsync's."""
        return [name for name, book in self.sheets.books.items() if any("okrsync" in tab.title for tab in book.tabs)]


@pytest.fixture
def fleet(shell: Shell, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    names = ["ads", "core", "deals"]
    books = [Book.of_values(name, name, {"OKRs": [["KR id", "Current value"]], "Data": [[7]]}) for name in names]
    sheets = SheetsService(*books)
    sheets.limits = Limits(4)
    url = postgres.new_database()
    monkeypatch.setenv("OKRSYNC_DATABASE", url)
    engine = create_engine(url)
    with Sandbox([sheets]) as sandbox:
        address = sandbox.service_url("sheets")
        monkeypatch.setenv("GOOGLE_KEY", json.dumps(sheets.service_account_info(address)))
        for name in names:
            (shell.folder / name).mkdir()
            (shell.folder / name / "okrsync.yaml").write_text(CONFIG.format(name=name, url=address), "utf-8")
        manifest = "workspaces: ['*/okrsync.yaml']\ndatabase: $OKRSYNC_DATABASE\nschedule: 0 0 1 1 *\n"
        (shell.folder / "fleet.yaml").write_text(manifest, "utf-8")
        yield Fleet(shell, sheets, engine)
    engine.dispose()


def test_a_job_without_quota_gives_its_worker_back_and_is_done_when_there_is_some(fleet: Fleet) -> None:
    results, reports, waits = list[Result](), list[str](), list[float]()

    def finished(result: Result) -> None:
        results.append(result)
        if len(results) == 3:
            worker.stop()

    def minute_passes() -> None:
        """Wait until the job is back in the queue and the others are done; then let a minute pass."""
        query = "SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs WHERE status = 'todo'"
        while not waits or len(results) < 2:
            with fleet.database.connect() as connection:
                waits.extend(float(one) for one in connection.execute(text(query)).scalars() if one and one > 10)
        a_minute_later(fleet.database)
        assert fleet.sheets.limits is not None
        fleet.sheets.limits._sent["Read"].clear()
        with fleet.database.begin() as connection:
            connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))

    def reported(text: str) -> None:
        reports.append(text)
        if len(reports) == 1:
            passing.start()

    passing = threading.Thread(target=minute_passes)
    worker = Worker(None, sync_and_alert, Screen(reported, finished), timing=FAST)
    asyncio.run(asyncio.wait_for(worker.serve(), 60))
    passing.join()
    assert [one.outcome for one in results] == [SyncOutcome.SYNCED] * 3, [one.error for one in results]
    assert fleet.written() == ["ads", "core", "deals"]
    assert fleet.sheets.limits is not None
    assert fleet.sheets.limits.refused == 0
    assert 50 < waits[0] <= 61.2
    assert reports[0].startswith("the quota of a google_sheets account is used up: workspaces that need it wait until ")


class Slow(Waits):
    """A quota that lets a write wait until another run has the workspace."""

    def __init__(self, database: Engine, folder: Path, others: ExitStack) -> None:
        super().__init__()
        self._database = database
        self._folder = folder
        self._others = others

    def take(self, account: Account, resource: str, weight: int) -> float:
        if resource == WRITE:
            with self._database.begin() as connection:
                connection.execute(text("UPDATE leases SET expires = clock_timestamp() - interval '1 s'"))
            ledger = self._others.enter_context(open_ledger("$OKRSYNC_DATABASE", self._folder))
            self._others.enter_context(ledger.leased(Scope("ads-2222", "2026-Q4")))
        return super().take(account, resource, weight)


def test_a_write_that_waited_for_quota_is_not_sent_by_a_run_that_lost_its_workspace(fleet: Fleet) -> None:
    opened = open_workspace(fleet.shell.folder / "ads/okrsync.yaml")
    with ExitStack() as others:
        slow = Slow(fleet.database, fleet.shell.folder, others)
        with pytest.raises(LeaseLostError, match="has taken over the workspace"):
            sync_and_alert(replace(opened, context=replace(opened.context, quota=slow)))
        assert (WRITE, 1) in slow.taken
    assert fleet.written() == []
    assert sync_and_alert(open_workspace(fleet.shell.folder / "core/okrsync.yaml")).complete
    assert fleet.written() == ["core"]


JSON_SERVICES = """\
workspace: {id: json-2222}
ledger: $OKRSYNC_DATABASE
cycle: 2026-Q4
timezone: UTC
okr_sheet: {file: okrs.xlsx}
connections:
  forge: {type: gitlab, url: https://gitlab.acme.example, token: $FORGE_TOKEN, requests_a_minute: 1}
  shop: {type: http, url: https://shop.acme.example, token: $SHOP_TOKEN}
measures:
  bugs: {from: forge.issues, project: acme/app, value: count(*)}
  orders: {from: shop.json, url: /orders, value: count(*)}
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {title: Bugs, baseline: 0, target: 9, measure: bugs}
      KR2: {title: Orders, baseline: 0, target: 9, measure: orders}
"""


def test_workers_share_the_accounts_of_gitlab_and_http(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGE_TOKEN", "a-token-of-the-forge")
    monkeypatch.setenv("SHOP_TOKEN", "a-token-of-the-shop")
    (fleet.shell.folder / "json").mkdir()
    config = fleet.shell.folder / "json/okrsync.yaml"
    config.write_text(JSON_SERVICES, "utf-8")
    opened = open_workspace(config)
    with open_ledger("$OKRSYNC_DATABASE", fleet.shell.folder):
        assert admit(opened).wait == 0, "the first worker takes the minute's one request to GitLab"
        second = admit(opened)
        assert (50 < second.wait <= 61.2, second.service) == (True, "gitlab")
        a_minute_later(fleet.database)
        shop = account_of(opened.config.workspace.connections["shop"], fleet.shell.folder)
        assert shop is not None
        assert opened.context.quota is not None
        opened.context.quota.hold(shop, REQUESTS, 40)
        third = admit(opened)
        assert (39 < third.wait <= 40, third.service) == (True, "http")
