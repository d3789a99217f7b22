"""A workspace with every kind of source, run against services that fail: what a run said, and what the sheet holds.

Each run begins with a sheet that an earlier run wrote, and with sources that all moved since.
"""

import json
import re
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.google_sheets.client import SheetsClient
from connectors.retry import RetryPolicy
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.github.state import item, repository
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.formulas import Shown
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.jira.issues import Issue
from connectors.sandbox.jira.service import JiraSandbox
from connectors.sandbox.server import Request, Response
from demo_kit import service_key, sheets_of
from lean_kit import OWN
from microsoft_kit import CLIENT, SECRET, SITE, TENANT, Microsoft, OnlineFile
from sandbox_kit import Sandbox
from syncer.cli import run_guarded
from syncer.sheet.own_tab import OWN_COLUMNS

NOW = "2026-11-16T09:30:00+08:00"
NO_HOST = "nowhere.invalid"
CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
connections:
  jira: {{type: jira, url: {url}/jira, email: $FAULT_MAIL, token: $FAULT_TOKEN, lanes: 1, fields: {{points: {points}}}}}
  jira_dc: {{type: jira, url: {url}/jira-dc, token: $FAULT_TOKEN, lanes: 1, fields: {{points: {points}}}}}
  github: {{type: github, url: {url}/github, token: $FAULT_TOKEN, lanes: 1}}
  sales: {{type: google_sheets, url: {url}/sheets, service_account: $FAULT_KEY, lanes: 1}}
  okrs: {{type: google_sheets, url: {url}/sheets, service_account: $FAULT_KEY}}
  shop: {{type: http, url: {url}/http, lanes: 1}}
  base: {{type: sql, url: "sqlite:///signups.db"}}
  office: {{type: microsoft, {app}, token_url: "{url}/login", url: {url}/graph/v1.0, lanes: 1}}
okr_sheet: {{connection: okrs, spreadsheet: okrs, tabs: [OKRs]}}
measures:
  cloud: {{from: jira.issues, jql: project = BIG, value: sum(points)}}
  server: {{from: jira_dc.issues, jql: project = BIG, value: sum(points)}}
  listed: {{from: github.issues, search: "repo:o/r is:issue is:open", value: sum(comments)}}
  counted: {{from: github.issues, search: "repo:o/r is:issue is:closed", value: count(*)}}
  deals: {{from: sales.rows, spreadsheet: deals, range: "S!A:B", value: sum(n)}}
  csat: {{from: sales.cell, spreadsheet: csat, cell: S!B2, value: max(value)}}
  orders: {{from: shop.json, url: "/orders?after={{cursor}}", rows: rows, next: next, total: total, value: sum(n)}}
  uptime: {{from: shop.json, url: /uptime, value: sum(n)}}
  visits: {{from: files.rows, path: visits.csv, value: sum(n)}}
  signups: {{from: base.query, sql: "SELECT id, n FROM signups", value: sum(n)}}
  seats: {{from: office.rows, link: "{site}/seats.csv", value: sum(n)}}
objectives:
  O1:
    title: All sources
    key_results:
      KR1: {{title: Jira Cloud, baseline: 0, target: 1000, measure: cloud}}
      KR2: {{title: Jira Data Center, baseline: 0, target: 1000, measure: server}}
      KR3: {{title: GitHub rows, baseline: 0, target: 1000, measure: listed}}
      KR4: {{title: GitHub count, baseline: 0, target: 1000, measure: counted}}
      KR5: {{title: Sheet rows, baseline: 0, target: 1000, measure: deals}}
      KR6: {{title: Sheet cell, baseline: 0, target: 1000, measure: csat}}
      KR7: {{title: Pages over HTTP, baseline: 0, target: 1000, measure: orders}}
      KR8: {{title: One answer, baseline: 0, target: 1000, measure: uptime}}
      KR9: {{title: File, baseline: 0, target: 1000, measure: visits}}
      KR10: {{title: Database, baseline: 0, target: 1000, measure: signups}}
      KR11: {{title: SharePoint, baseline: 0, target: 1000, measure: seats}}
"""
IDS = tuple(f"KR{number}" for number in range(1, 12))
ONLINE = Microsoft({})
_APP = f"tenant: {TENANT}, client_id: {CLIENT}, client_secret: $FAULT_SECRET"
Handle = Callable[[Request], Response]
Cells = Mapping[str, tuple[object, ...]]


class Figures:
    """A service of JSON endpoints, all with the same number; that of the orders comes in two pages."""

    name = "http"

    def __init__(self) -> None:
        self.number = 0

    def handle(self, request: Request) -> Response:
        if request.path != "/orders":
            return Response(200, [{"n": self.number}])
        parts = [{"id": n, "n": self.number * share / 10} for n, share in enumerate((5, 3, 2))]
        later = bool(request.first("after"))
        return Response(200, {"rows": parts[2:] if later else parts[:2], "next": None if later else "c2", "total": 3})

    admin = handle

    def dump(self) -> dict[str, Any]:
        return {"number": self.number}

    def load(self, state: Mapping[str, Any]) -> None:
        self.number = state["number"]


@dataclass
class Ran:
    """What one run of `okrsync sync` came to."""

    code: int
    out: str
    err: str
    cells: Cells
    writes: int

    @property
    def output(self) -> str:
        """The first line of what it reports, alike on every machine and in every year."""
        line, _, more = self.err.strip().partition("\n")
        if line.endswith(":"):
            line += f" {more.strip().partition(chr(10))[0].strip()}"
        line = line.replace(" Its key results were left as they were.", "")
        line = line.replace(f"{Path.cwd()}/", "")
        line = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", line)
        line = re.sub(r": (HTTPS?ConnectionPool\(|\[SSL: ).*", "", line)  # as long as OpenSSL and urllib3 like it
        line = re.sub(r"measures (\w+ \([^)]*\))(?:, \w+ \([^)]*\))+", r"measure \1", line)  # which join is a race
        line = re.sub(r"[\d,]+ bytes received", "N bytes received", line)
        return re.sub(r"wait \d{4,} s", "wait N s", line)


@dataclass
class FaultWorld:
    """The sandbox, the state of things before the run, and what the sheet holds before it and should hold after."""

    sandbox: Sandbox
    kept: Path
    moved: dict[str, Any] = field(default_factory=dict)
    before: Cells = field(default_factory=dict)
    right: Cells = field(default_factory=dict)

    def restore(self, folder: Path) -> None:
        """Everything as it was before the run, without a fault."""
        for name, service in self.sandbox.services.items():
            vars(service).pop("handle", None)
            service.load(json.loads(json.dumps(self.moved[name])))
        self.sandbox.faults.clear()
        self.sandbox.hooks.clear()
        self.sandbox.log.clear()
        shutil.copytree(self.kept, folder, dirs_exist_ok=True)

    def instead(self, service: str, match: str, answer: Callable[[Request, Handle], Response]) -> None:
        """Let `answer` stand before a service's own handling of requests whose path holds `match`."""
        target = self.sandbox.services[service]
        handle = target.handle
        vars(target)["handle"] = lambda request: answer(request, handle) if match in request.path else handle(request)

    def cells(self) -> Cells:
        """What okrsync's own tab holds of each key result; people's tab shows it beside the same ids."""
        book = sheets_of(self.sandbox).books["okrs"]
        people, own = book.tabs[0], next(tab for tab in book.tabs if tab.title == OWN)
        width = range(len(OWN_COLUMNS))
        rows = [tuple(next(iter(own.cell(r, c).entered.values()), None) for c in width) for r in range(1, 20)]
        found = {str(row[0]): row for row in rows if str(row[0]).startswith("KR")}
        shown = Shown(book)
        for row in range(1, 20):
            key, current = (next(iter(shown.value(people, row, column).values()), "") for column in (0, 2))
            assert not key or current == (found[str(key)][OWN_COLUMNS.index("current")] or "")
        return found

    def sync(self, capsys: pytest.CaptureFixture[str]) -> Ran:
        """Run `okrsync sync` in the current folder."""
        capsys.readouterr()
        code = run_guarded(["sync"])
        printed = capsys.readouterr()
        writes = sum(":batchUpdate" in entry.target for entry in self.sandbox.requests("sheets"))
        return Ran(code, printed.out, printed.err, self.cells(), writes)


def _services() -> list[Any]:
    now = datetime.fromisoformat(NOW)
    cloud, server = (JiraSandbox([], cloud=kind, now=lambda: now) for kind in (True, False))
    cloud.page_cap, server.page_cap = 2, 5
    books = [
        Book.of_values("deals", "Deals", {"S": [["id", "n"]]}),
        Book.of_values("csat", "CSAT", {"S": [["id", "n"]]}),
        Book.of_values("okrs", "OKRs", {"OKRs": [["KR ID", "Objective", "Current value", "Progress", "Status"]]}),
    ]
    return [
        cloud,
        server,
        GitHubService({"o/r": repository("o/r")}),
        SheetsService(*books),
        Figures(),
        *ONLINE.services,
    ]


def _move(services: Mapping[str, Any], folder: Path, step: int) -> None:
    """Let every source hold other numbers: `step` is 1 before the first run, 2 before the one that meets a fault."""
    now = datetime.fromisoformat(NOW)
    for name in ("jira", "jira-dc"):
        services[name].replace(
            Issue(n, f"BIG-{n}", "x", now - timedelta(hours=n), points=10 * step) for n in range(1, 13)
        )
    closed = {"state": "closed", "closed_at": "2026-10-09T00:00:00Z"}
    items = [item(n, "2026-10-01T00:00:00Z", title=f"t{n}", comments=step) for n in range(1, 121)]
    items += [item(n, "2026-10-01T00:00:00Z", title=f"t{n}", **closed) for n in range(121, 171 + 50 * step)]
    services["github"].load({"repositories": {"o/r": repository("o/r", items=items)}})
    deals = Book.of_values("deals", "Deals", {"S": [["id", "n"], ["a", 40 * step], ["b", 60 * step]]})
    csat = Book.of_values("csat", "CSAT", {"S": [["id", "n"], ["a", 90 * step]]})
    services["sheets"].books |= {"deals": deals, "csat": csat}
    services["http"].number = 70 * step
    ONLINE.files[f"{SITE}/seats.csv"] = OnlineFile("seats.csv", f"id,n\na,{20 * step}\n".encode())
    (folder / "visits.csv").write_text(f"id,n\na,{80 * step}\n", "utf-8")
    with closing(sqlite3.connect(folder / "signups.db")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS signups (id INTEGER, n INTEGER)")
        database.execute("DELETE FROM signups")
        database.execute("INSERT INTO signups VALUES (1, ?)", [30 * step])


@contextmanager
def fault_world(folder: Path) -> Iterator[FaultWorld]:
    """The world after its first run, all sources moved on. Waits pass at once."""
    services = _services()
    kept = folder / "kept"
    kept.mkdir()
    with pytest.MonkeyPatch.context() as patch, Sandbox(services) as sandbox:
        patch.setattr(RetryPolicy, "_sleep", _no_wait)
        patch.setattr(sandbox._server, "handle_error", lambda *_: None)  # clients that stop waiting hang up
        patch.setenv("OKRSYNC_NOW", NOW)
        patch.setenv("FAULT_TOKEN", "sandbox-token")
        patch.setenv("FAULT_MAIL", "demo@example.com")
        patch.setenv("FAULT_SECRET", SECRET)
        sheets_of(sandbox).tokens.pem = service_key()
        info = sheets_of(sandbox).service_account_info(sandbox.service_url("sheets"))
        patch.setenv("FAULT_KEY", json.dumps(info))
        patch.chdir(kept)
        (kept / "okrsync.yaml").write_text(
            CONFIG.format(url=sandbox.url, points="customfield_10016", app=_APP, site=SITE), "utf-8"
        )
        world = FaultWorld(sandbox, kept)
        _move(sandbox.services, kept, 1)
        assert run_guarded(["sync"]) == 0
        world.before = world.cells()
        _move(sandbox.services, kept, 2)
        world.moved = {name: service.dump() for name, service in sandbox.services.items()}
        (folder / "tried").mkdir()
        world.restore(folder / "tried")
        patch.chdir(folder / "tried")
        assert run_guarded(["sync"]) == 0
        world.right = world.cells()
        assert set(world.before) >= set(IDS)
        assert all(world.before[key] != world.right[key] for key in IDS)
        yield world


def _no_wait(retries: RetryPolicy, seconds: float) -> None:
    retries._quota.slept_until = retries._now() + seconds


def point_away(name: str, url: str) -> None:
    """Let a connection of the config in the current folder lead elsewhere."""
    text = Path("okrsync.yaml").read_text("utf-8")
    changed, count = re.subn(rf"(?m)^(  {name}: .*url: )http:[^,]+", rf"\g<1>{url}", text)
    assert count == 1
    Path("okrsync.yaml").write_text(changed, "utf-8")


def no_such_host(patch: pytest.MonkeyPatch) -> None:
    """Name resolution fails for one host, as it does where there is no such name; nothing leaves the machine."""
    real = socket.getaddrinfo

    def look_up(host: Any, *given: Any, **more: Any) -> Any:
        if host in (NO_HOST, NO_HOST.encode()):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *given, **more)

    patch.setattr(socket, "getaddrinfo", look_up)


def write_elsewhere(patch: pytest.MonkeyPatch, url: str) -> None:
    """The sheet can be read; when it is to be written, its address leads elsewhere."""
    real = SheetsClient.batch_update

    def update(client: SheetsClient, *given: Any) -> Any:
        client._http.base = url
        return real(client, *given)

    patch.setattr(SheetsClient, "batch_update", update)


def be_impatient(name: str) -> None:
    """A connection's time-out is short."""
    text = Path("okrsync.yaml").read_text("utf-8")
    changed, count = re.subn(rf"(?m)^(  {name}: {{type: \w+, )", r"\g<1>timeout: 0.3s, ", text)
    assert count == 1
    Path("okrsync.yaml").write_text(changed, "utf-8")


@contextmanager
def hanging(world: FaultWorld, service: str, match: str, *, arrived: bool) -> Iterator[None]:
    """Requests whose path holds `match` get no answer before the end; with `arrived` they are carried out at once."""
    over = threading.Event()
    hung: list[Request] = []
    gone = threading.Semaphore(0)
    target = world.sandbox.services[service]
    handle = target.handle

    def hang(request: Request) -> None:
        if match in request.path:
            hung.append(request)
            if arrived:
                handle(request)
            over.wait(60)

    def answer(request: Request) -> Response:
        """Nothing is carried out late: it would hit the next test's sheet."""
        if not any(request is one for one in hung):
            return handle(request)
        gone.release()
        return Response(503)

    world.sandbox.hooks[service] = hang
    vars(target)["handle"] = answer
    try:
        yield
    finally:
        over.set()
        for _ in hung:
            gone.acquire(timeout=60)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else is writing to the database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield


def half_an_hour_on() -> str:
    """An instant as GitHub names it."""
    return str(int((datetime.now(UTC) + timedelta(minutes=30)).timestamp()))
