"""Bad answers of Microsoft 365 in a whole run: a message with four parts, unknown values, other sources untouched."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from command_kit import Shell
from golden_files import check_golden
from microsoft_kit import SECRET, SHARED, SITE, Microsoft, OnlineFile
from sandbox_kit import Fault, Sandbox

HTML = {"Content-Type": "text/html"}
CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet: {sheet}
connections:
  office:
    type: microsoft
    tenant: {tenant}
    client_id: 6731de76-14a6-49ae-97bc-6eba6914391e
    client_secret: $MICROSOFT_SECRET
    url: {url}/graph/v1.0
    token_url: {url}/login
measures:
  revenue:
    from: office.rows
    link: {link}
    value: sum(amount)
  visits:
    from: files.rows
    path: visits.csv
    value: sum(n)
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {{title: Revenue, baseline: 0, target: 1000, measure: revenue}}
      KR2: {{title: Visits, baseline: 0, target: 100, measure: visits}}
"""
DEALS, OKRS = f"{SITE}/deals.xlsx", f"{SITE}/okrs.xlsx"
LOCAL, ONLINE = "{file: okrs.xlsx}", f'{{connection: office, link: "{OKRS}"}}'


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


class World:
    """Microsoft 365 on loopback, and a workspace that it spoils."""

    def __init__(self, shell: Shell, sandbox: Sandbox, microsoft: Microsoft) -> None:
        self.shell = shell
        self.sandbox = sandbox
        self.microsoft = microsoft

    def state(
        self, sheet: str, tenant: str = "contoso.onmicrosoft.com", link: str = DEALS, language: str = "en"
    ) -> None:
        stated = {"sheet": sheet, "tenant": tenant, "link": link, "language": language}
        Path("okrsync.yaml").write_text(CONFIG.format(url=self.sandbox.url, **stated), "utf-8")

    def prepare(self, sheet: str) -> None:
        """A sheet with good numbers, which then move."""
        self.state(sheet)
        Path("visits.csv").write_text("id,n\na,40\n", "utf-8")
        assert self.shell.run("init", ".", "--sheet", "--yes").code == 0
        assert self.shell.run("sync").code == 0
        assert self.current(sheet) == [379.5, 40]
        Path("visits.csv").write_text("id,n\na,60\n", "utf-8")

    def current(self, sheet: str) -> list[object]:
        """The current values of the sheet."""
        data = Path("okrs.xlsx").read_bytes() if sheet == LOCAL else self.microsoft.files[OKRS].data
        tab = load_workbook(io.BytesIO(data))["OKRs"]
        column = [cell.value for cell in tab[1]].index("Current value")
        return [row[column].value for row in tab.iter_rows(min_row=2) if str(row[0].value).startswith("KR")]

    def deals(self, file: OnlineFile) -> None:
        """Put another file in place of the source's."""
        self.microsoft.files[DEALS] = file


@pytest.fixture
def world(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("MICROSOFT_SECRET", SECRET)
    deals = OnlineFile("deals.xlsx", workbook(("stage", "amount"), ("won", 379.5)))
    microsoft = Microsoft({DEALS: deals, OKRS: OnlineFile("okrs.xlsx", workbook())})
    with Sandbox(microsoft.services) as sandbox:
        yield World(shell, sandbox, microsoft)


SOURCES: dict[str, Callable[[World, pytest.MonkeyPatch], object]] = {
    "a wrong secret": lambda _, patch: patch.setenv("MICROSOFT_SECRET", "48d31887-id-of-the-secret"),
    "an unknown tenant": lambda world, _: world.state(LOCAL, tenant="contso.onmicrosoft.com"),
    "no grant on the site": lambda world, _: setattr(world.microsoft, "granted", False),
    "a link to a folder": lambda world, _: world.deals(OnlineFile("deals", folder=True)),
    "a link to nothing": lambda world, _: world.state(LOCAL, link=SHARED),
    "a file that is not a workbook": lambda world, _: world.deals(OnlineFile("deals.xlsx", b"stage,amount\n")),
    "an old xls": lambda world, _: world.deals(OnlineFile("deals.xls", b"\xd0\xcf\x11\xe0" * 99)),
    "a workbook with a password": lambda world, _: world.deals(OnlineFile("deals.xlsx", b"\xd0\xcf\x11\xe0" * 99)),
    "a file that is too big": lambda world, _: world.deals(OnlineFile("deals.xlsx", b"", size=300_000_000)),
    "HTML where JSON is due": lambda world, _: world.sandbox.faults.append(
        Fault("graph", "", 200, b"<html>Sign in</html>", HTML)
    ),
    "HTML where the file is due": lambda world, _: world.sandbox.faults.append(
        Fault("download", "", 200, b"<html>Sign in</html>", HTML)
    ),
    "HTML in place of a token": lambda world, _: world.sandbox.faults.append(
        Fault("login", "", 200, b"<html>Sign in</html>", HTML)
    ),
    "a throttle of an hour": lambda world, _: world.sandbox.faults.append(
        Fault("graph", "", 429, b"{}", {"Retry-After": "3600"}, times=99)
    ),
}


@pytest.mark.parametrize("case", SOURCES)
def test_bad_sources(world: World, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    world.prepare(LOCAL)
    SOURCES[case](world, monkeypatch)
    said = world.shell.output_of(("sync",))
    assert world.current(LOCAL) == [379.5, 60], "unknown keeps its number, and the other source is written"
    assert "okrsync.yaml:14" in said
    assert SECRET not in said
    check_golden(f"microsoft_{case.replace(' ', '_')}.txt", f"# {case}\n{said}")


def _saved_meanwhile(world: World) -> None:
    file = world.microsoft.files[OKRS]

    def hook(request: object) -> None:
        if getattr(request, "method", "") == "PUT":
            file.save(file.data)

    world.sandbox.hooks["graph"] = hook


def _locked(world: World) -> None:
    file = world.microsoft.files[OKRS]
    file.save(file.data)
    file.locked = True


SHEETS: dict[str, Callable[[World], object]] = {
    "changed meanwhile": _saved_meanwhile,
    "locked": _locked,
    "an answer that is lost": lambda world: world.sandbox.faults.append(
        Fault("graph", f"{world.microsoft.files[OKRS].id}/content", 504, b"", skip=1)
    ),
    "a sheet without a grant": lambda world: setattr(world.microsoft, "granted", False),
    "a sheet that is gone": lambda world: world.microsoft.files.pop(OKRS),
    "a sheet with a password": lambda world: setattr(world.microsoft.files[OKRS], "data", b"\xd0\xcf\x11\xe0" * 99),
}


@pytest.mark.parametrize("case", SHEETS)
def test_bad_sheets(world: World, case: str) -> None:
    world.prepare(ONLINE)
    file = world.microsoft.files[OKRS]
    SHEETS[case](world)
    said = world.shell.output_of(("sync",))
    assert "exit 1" in said
    if case != "a sheet with a password":
        world.microsoft.files[OKRS] = file
        assert world.current(ONLINE) == [379.5, 40], "nothing was written"
    check_golden(f"microsoft_{case.replace(' ', '_')}.txt", f"# {case}\n{said}")


@pytest.mark.parametrize("case", ["locked", "changed meanwhile"])
def test_in_chinese(world: World, case: str) -> None:
    world.prepare(ONLINE)
    SHEETS[case](world)
    world.state(ONLINE, language="zh-TW")
    said = world.shell.run("sync").err
    assert ("活頁簿已鎖定" if case == "locked" else "讀取之後又有人儲存了它") in said
    assert "未寫入" in said or "沒有寫入" in said, said
