"""The OKR sheet in a workbook on SharePoint: the contract of local workbooks, and whole runs."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from openpyxl import Workbook, load_workbook

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from config.errors import SheetError, StaleSheetError, UncertainWriteError
from config.microsoft_connection import MicrosoftConnection
from config.secrets import Secret
from connectors.http import Policy
from connectors.microsoft.okr_sheet import OnlineWriter, open_reader, open_writer
from connectors.okr_sheet import AskedTabs, CellWrite, SheetReader, SheetWriter
from connectors.registry import Context
from kill_kit import KILLED, Warm
from microsoft_kit import CLIENT, SECRET, SHARED, SITE, TENANT, Microsoft, OnlineFile, refusal
from sandbox_kit import Fault, Sandbox
from sheet_contract import ROWS, TAB, batch_for
from syncer.sheet.place import parse_place
from test_local_okr_sheet import LocalContract

OKRS = f"{SITE}/okrs.xlsx"
Opened = TypeVar("Opened", bound=SheetReader)


def workbook(*rows: tuple[Any, ...], tab: str = TAB) -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.title = tab
    for row in rows:
        book.active.append([float(item) if isinstance(item, Decimal) else item for item in row])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def changed(data: bytes, row: int, column: int, value: Any) -> bytes:
    """A workbook in which a person changed a cell, counted from 1."""
    book = load_workbook(io.BytesIO(data))
    assert book.active is not None
    book.active.cell(row, column).value = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


_PROPERTIES = "customXml/item9.xml"


def as_stored(data: bytes) -> bytes:
    """What SharePoint makes of an uploaded workbook: it puts properties of the library in, and packs it again."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in set(old.namelist()) - {_PROPERTIES}:
            new.writestr(name, old.read(name))
        new.writestr(
            _PROPERTIES,
            "<p:properties xmlns:p='http://schemas.microsoft.com/office/2006/metadata/properties'/>",
        )
    return made.getvalue()


@pytest.fixture
def microsoft() -> Microsoft:
    return Microsoft({OKRS: OnlineFile("okrs.xlsx", workbook(*ROWS))}, stored=as_stored)


@pytest.fixture
def sandbox(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("MICROSOFT_SECRET", SECRET)
    with Sandbox(microsoft.services) as made:
        yield made


class OnlinePlace:
    """A workbook on loopback."""

    local = True

    def __init__(self, sandbox: Sandbox, microsoft: Microsoft, folder: Path) -> None:
        self.file = microsoft.files[OKRS]
        self._folder = folder
        self._opened: list[SheetReader] = []
        self._connection = MicrosoftConnection(
            type="microsoft", tenant=TENANT, client_id=CLIENT, client_secret=Secret("$MICROSOFT_SECRET"),
            url=f"{sandbox.url}/graph/v1.0", token_url=f"{sandbox.url}/login",
        )  # fmt: skip

    def reader(self) -> SheetReader:
        return self._kept(open_reader("office", self._connection, OKRS, AskedTabs(), self._context()))

    def writer(self) -> SheetWriter:
        return self._kept(open_writer("office", self._connection, OKRS, AskedTabs(), self._context()))

    def close(self) -> None:
        for one in self._opened:
            one.close()

    def _kept(self, made: Opened) -> Opened:
        self._opened.append(made)
        return made

    def edit(self, row: int, column: int, text: str) -> None:
        self.file.save(changed(self.file.data, row + 1, column + 1, text))

    def _context(self) -> Context:
        return Context(self._folder, Policy(sleep=lambda _seconds: None))


@pytest.fixture(name="place")
def online_place(sandbox: Sandbox, microsoft: Microsoft, tmp_path: Path) -> Iterator[OnlinePlace]:
    made = OnlinePlace(sandbox, microsoft, tmp_path)
    yield made
    made.close()


class TestContract(LocalContract):
    """The contract of local workbooks."""


def write_one(place: OnlinePlace, number: int = 9) -> Decimal:
    writer = place.writer()
    after = writer.write(batch_for(writer.read(), CellWrite(TAB, 1, 2, Decimal(number))))
    value = after.tabs[TAB].cell(1, 2).value
    assert isinstance(value, Decimal)
    return value


def current(file: OnlineFile) -> object:
    book = load_workbook(io.BytesIO(file.data))
    return book[TAB].cell(2, 3).value


def test_the_image_has_the_address_for_people(place: OnlinePlace) -> None:
    image = place.reader().read()
    assert (image.title, image.link) == ("okrs.xlsx", OKRS)
    assert image.place == f"{place.file.drive}/{place.file.id}"


def test_all_tabs_without_another_download(place: OnlinePlace, sandbox: Sandbox) -> None:
    book = load_workbook(io.BytesIO(place.file.data))
    book.create_sheet("More").append(["x"])
    data = io.BytesIO()
    book.save(data)
    place.file.data = data.getvalue()
    reader = place.reader()
    assert list(reader.read().tabs) == [TAB]
    assert list(reader.read_all().tabs) == [TAB, "More"]
    assert len(sandbox.requests("download")) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_an_upload_that_has_to_wait_is_sent_again(place: OnlinePlace, sandbox: Sandbox, status: int) -> None:
    sandbox.faults.append(Fault("graph", "content", status, b"{}", {"Retry-After": "3"}, skip=1))
    assert write_one(place) == 9


def test_an_upload_that_arrived_before_a_503_is_not_taken_for_another_persons(
    place: OnlinePlace, sandbox: Sandbox
) -> None:
    sandbox.faults.append(Fault("graph", "content", 503, b"{}", {"Retry-After": "3"}, skip=1, after=True))
    with pytest.raises(UncertainWriteError, match="not known"):
        write_one(place)
    assert current(place.file) == 9


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "body": b""},
        {"status": 504, "body": b"<html>"},
        {"status": 503, "body": b"{}"},
        {"status": 200, "body": b"{}" * 99, "cut": 7},
        {"status": 200, "body": b"<html>proxy</html>", "headers": {"Content-Type": "text/html"}},
    ],
)
@pytest.mark.parametrize("arrived", [False, True])
def test_a_lost_answer(place: OnlinePlace, sandbox: Sandbox, fault: dict[str, object], arrived: bool) -> None:
    sandbox.faults.append(Fault("graph", "content", skip=1, after=arrived, **fault))  # type: ignore[arg-type]
    with pytest.raises(UncertainWriteError, match="Whether the write arrived is not known"):
        write_one(place)
    assert current(place.file) == (9 if arrived else 1)
    assert len([one for one in sandbox.requests("graph") if one.method == "PUT"]) == 1, "it is not sent again"


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (412, "resourceModified", StaleSheetError, "it was saved after it was read"),
        (403, "accessDenied", SheetError, r"\*write\* on this site"),
        (404, "itemNotFound", SheetError, "itemNotFound"),
        (307, "", SheetError, "HTTP 307"),
        (409, "nameAlreadyExists", SheetError, "nameAlreadyExists"),
        (413, "requestEntityTooLarge", SheetError, "requestEntityTooLarge"),
        (507, "insufficientStorage", SheetError, "insufficientStorage"),
    ],
)
def test_a_refused_upload(
    place: OnlinePlace, sandbox: Sandbox, status: int, code: str, kind: type[SheetError], words: str
) -> None:
    sandbox.faults.append(Fault("graph", "content", status, refusal(status, code, "no").body, skip=1, times=9))
    with pytest.raises(kind, match=words) as raised:
        write_one(place)
    assert type(raised.value) is kind
    assert raised.value.effect == "Nothing was written."
    assert current(place.file) == 1


def test_who_has_to_close_it(place: OnlinePlace) -> None:
    place.file.locked = True
    with pytest.raises(SheetError, match="Ann Chen changed it last") as raised:
        write_one(place)
    assert "locked: it is open in Excel, or checked out" in raised.value.saw


def test_a_read_after_the_write_that_fails(place: OnlinePlace, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault("download", status=404, skip=1, times=9))
    with pytest.raises(UncertainWriteError, match="its current content is not known"):
        write_one(place)
    assert current(place.file) == 9


@pytest.mark.parametrize(("name", "words"), [("okrs.xls", "not '.xls'"), ("okrs.csv", "not '.csv'")])
def test_only_workbooks(place: OnlinePlace, sandbox: Sandbox, name: str, words: str) -> None:
    place.file.name = name
    with pytest.raises(SheetError, match=words):
        place.reader().read()
    assert not sandbox.requests("download")


def test_a_workbook_with_a_password(place: OnlinePlace) -> None:
    place.file.data = b"\xd0\xcf\x11\xe0" + b"EncryptedPackage" * 99
    with pytest.raises(SheetError, match="has a password"):
        place.reader().read()


def test_what_is_no_empty_workbook_is_not_replaced(place: OnlinePlace) -> None:
    writer = place.writer()
    assert isinstance(writer, OnlineWriter)
    writer.read()
    place.edit(1, 1, "a person was here")
    with pytest.raises(StaleSheetError):
        writer.replace_whole(b"")


CONFIG = """\
workspace: {id: known-7f3k}
cycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}
timezone: Asia/Taipei
okr_sheet: {connection: office, link: "LINK"}
connections:
  office:
    type: microsoft
    tenant: contoso.onmicrosoft.com
    client_id: 6731de76-14a6-49ae-97bc-6eba6914391e
    client_secret: $MICROSOFT_SECRET
    url: URL/graph/v1.0
    token_url: URL/login
measures:
  revenue: {from: office.rows, link: "SITE/deals.csv", value: sum(amount)}
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {title: Revenue, baseline: 0, target: 300, measure: revenue}
"""


class Workspace:
    """A workspace with its sheet on loopback, made and synced once; then the number moved."""

    def __init__(self, shell: Shell, sandbox: Sandbox, microsoft: Microsoft, link: str = OKRS) -> None:
        self.shell = shell
        self.sandbox = sandbox
        self.microsoft = microsoft
        self.file = microsoft.files[OKRS]
        text = CONFIG.replace("LINK", link).replace("URL", sandbox.url).replace("SITE", SITE)
        (shell.folder / "okrsync.yaml").write_text(text, "utf-8")
        self.amount(40)

    def amount(self, number: int) -> None:
        """Change what the source says."""
        self.microsoft.files[f"{SITE}/deals.csv"] = OnlineFile("deals.csv", f"amount\n{number}\n".encode())

    def value(self) -> object:
        """The current value in the sheet."""
        tab = load_workbook(io.BytesIO(self.file.data))["OKRs"]
        headers = [cell.value for cell in tab[1]]
        [row] = [row for row in tab.iter_rows(min_row=2) if row[0].value == "KR1"]
        return row[headers.index("Current value")].value

    def uploads(self) -> int:
        """How many uploads were sent."""
        return sum(one.method == "PUT" for one in self.sandbox.requests("graph"))

    def made(self) -> "Workspace":
        """Make the sheet, sync, and let the number move."""
        self.file.data = workbook(tab="Sheet1")
        assert self.shell.run("init", "--sheet", "--yes").code == 0
        assert VERIFIED in self.shell.run("sync").out
        assert self.value() == 40
        self.amount(60)
        return self


@pytest.fixture
def workspace(shell: Shell, sandbox: Sandbox, microsoft: Microsoft) -> Workspace:
    return Workspace(shell, sandbox, microsoft)


def test_from_an_empty_workbook_to_a_second_sync(workspace: Workspace) -> None:
    shell, file = workspace.shell, workspace.file
    file.data = workbook(tab="Sheet1")
    assert "okrs.xlsx is empty; `okrsync init --sheet` would fill it" in shell.run("check", "--online").out
    assert "it is empty. Nothing was written.\nTo fill it, run `okrsync init --sheet`" in shell.run("dry-run").err
    assert "okrs.xlsx" in shell.run("init", "--sheet", "--yes").out
    assert "No problems." in shell.run("check").out
    assert shell.run("check", "--online").code == 0
    before = workspace.uploads()
    assert "40" in shell.run("dry-run").out
    assert workspace.uploads() == before
    assert VERIFIED in shell.run("sync").out
    assert (workspace.value(), workspace.uploads()) == (40, before + 1)
    assert NOTHING_TO_WRITE in shell.run("sync").out
    assert workspace.uploads() == before + 1
    assert "On track" in shell.run("status").out or "KR1" in shell.run("status").out


@pytest.mark.parametrize("tabs", ["[OKRs]", "[Core, Sales]"])
def test_an_empty_workbook_without_the_tabs_of_the_config(workspace: Workspace, tabs: str) -> None:
    shell = workspace.shell
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace('link: "https', f'tabs: {tabs}, link: "https', 1), "utf-8")
    workspace.file.data = workbook(tab="Sheet1")
    assert "would fill it" in shell.run("check", "--online").out
    done = shell.run("init", "--sheet", "--yes")
    assert done.code == 0, done.err
    assert VERIFIED in shell.run("sync").out


def test_a_sharing_link(shell: Shell, sandbox: Sandbox, microsoft: Microsoft) -> None:
    microsoft.files[SHARED] = microsoft.files[OKRS]
    Workspace(shell, sandbox, microsoft, SHARED).made()
    assert VERIFIED in shell.run("sync").out
    assert "e=4xYz" not in shell.run("dry-run", "--requests").out


def test_requests_of_a_sync(workspace: Workspace) -> None:
    workspace.made()
    shown = workspace.shell.run("sync", "--requests").out
    counts = {kind: int(number) for kind, number in re.findall(r"office +([a-z]+) +(\d+) ×", shown)}
    assert counts == {"token": 2, "file": 4, "download": 6, "upload": 1}, shown


def test_what_a_person_changed_is_kept(workspace: Workspace) -> None:
    workspace.made()
    tab = load_workbook(io.BytesIO(workspace.file.data))["OKRs"]
    column = [cell.value for cell in tab[1]].index("Current value") + 1
    row = next(cell.row for cell in tab["A"] if cell.value == "KR1")
    assert row is not None
    workspace.file.save(changed(workspace.file.data, row, column, 55))
    assert workspace.shell.run("sync").code == 4
    assert workspace.value() == 55
    assert workspace.shell.run("sync", "--overwrite", "KR1").code == 0
    assert workspace.value() == 60


def saves_meanwhile(workspace: Workspace) -> Callable[[object], None]:
    """A person saves the workbook once, right before the upload arrives."""
    left = [True]

    def hook(request: object) -> None:
        if getattr(request, "method", "") == "PUT" and left:
            left.clear()
            workspace.file.save(changed(workspace.file.data, 40, 2, "a note of Ann's"))

    return hook


def test_somebody_saves_between_read_and_write(workspace: Workspace) -> None:
    workspace.made().sandbox.hooks["graph"] = saves_meanwhile(workspace)
    assert workspace.shell.run("sync").code == 0
    assert workspace.value() == 60
    assert load_workbook(io.BytesIO(workspace.file.data))["OKRs"].cell(40, 2).value == "a note of Ann's"


def test_a_lost_answer_in_a_run(workspace: Workspace) -> None:
    workspace.made().sandbox.faults.append(Fault("graph", "content", 500, b"", skip=2, after=True))
    done = workspace.shell.run("sync")
    assert done.code == 0, done.err
    assert workspace.value() == 60
    assert workspace.uploads() == 3
    assert NOTHING_TO_WRITE in workspace.shell.run("sync").out


def test_a_write_that_never_arrived(workspace: Workspace) -> None:
    workspace.made().sandbox.faults.append(Fault("graph", "content", 500, b"", skip=2))
    done = workspace.shell.run("sync")
    assert done.code == 1
    assert "not known" in done.err
    assert workspace.shell.run("sync").code == 0
    assert workspace.value() == 60


def test_a_copy_of_the_workbook_is_refused(workspace: Workspace) -> None:
    workspace.made()
    workspace.microsoft.files[f"{SITE}/copy.xlsx"] = OnlineFile("copy.xlsx", workspace.file.data)
    config = Path("okrsync.yaml")
    original = config.read_text("utf-8")
    config.write_text(original.replace("okrs.xlsx", "copy.xlsx"), "utf-8")
    done = workspace.shell.run("sync")
    assert done.code == 1
    assert "another workbook than the one that the ledger knows" in done.err
    workspace.microsoft.files[f"{SITE}/moved/okrs.xlsx"] = workspace.microsoft.files.pop(OKRS)
    config.write_text(original.replace("okrs.xlsx", "moved/okrs.xlsx"), "utf-8")
    assert workspace.shell.run("sync").code == 0, "the same file in another folder"


def test_undo(workspace: Workspace) -> None:
    shell = workspace.made().shell
    assert shell.run("sync").code == 0
    assert workspace.value() == 60
    done = shell.run("undo")
    assert done.code == 0, done.err
    assert workspace.value() == 40


def test_the_end_of_the_cycle(workspace: Workspace) -> None:
    shell, files = workspace.made().shell, workspace.microsoft.files
    assert shell.run("sync").code == 0
    shell.at("2027-01-04T09:30:00+08:00")
    done = shell.run("close", "--next", "next.yaml")
    assert done.code == 0, done.err
    assert f"link: {SITE}/okrs-2027-Q1.xlsx" in Path("next.yaml").read_text("utf-8").replace('"', "").replace("'", "")
    made = load_workbook(io.BytesIO(files[f"{SITE}/okrs-2027-Q1.xlsx"].data))["OKRs"]
    assert "KR id" in [cell.value for cell in made[1]]
    assert VERIFIED in shell.run("sync", "-c", "next.yaml").out
    Path("next.yaml").unlink()
    done = shell.run("close", "--next", "next.yaml")
    assert done.code == 1
    assert "there is a file of that name already" in done.err
    assert not Path("next.yaml").exists()


@pytest.mark.parametrize("arrived", [False, True])
def test_a_lost_answer_at_the_end_of_the_cycle(workspace: Workspace, arrived: bool) -> None:
    shell = workspace.made().shell
    shell.at("2027-01-04T09:30:00+08:00")
    workspace.sandbox.faults.append(Fault("graph", "2027-Q1", 504, b"", after=arrived))
    done = shell.run("close", "--next", "next.yaml")
    assert done.code == 1
    assert "Whether the write arrived is not known" in done.err
    assert (f"{SITE}/okrs-2027-Q1.xlsx" in workspace.microsoft.files) is arrived


def test_the_end_of_the_cycle_of_a_sharing_link(shell: Shell, sandbox: Sandbox, microsoft: Microsoft) -> None:
    microsoft.files[SHARED] = microsoft.files[OKRS]
    Workspace(shell, sandbox, microsoft, SHARED).made()
    shell.at("2027-01-04T09:30:00+08:00")
    done = shell.run("close", "--next", "next.yaml")
    assert done.code == 1
    assert "does not tell the folder of the workbook" in done.err


@pytest.mark.parametrize("step", ["begin", "intent", "upload", "uploaded", "record"])
def test_kills_lose_nothing(workspace: Workspace, step: str) -> None:
    workspace.made()
    with Warm() as warm:
        assert warm.run(step).returncode == KILLED
    assert workspace.value() == (60 if step in ("uploaded", "record") else 40)
    assert workspace.shell.run("sync").code == 0
    assert workspace.value() == 60
    assert NOTHING_TO_WRITE in workspace.shell.run("sync").out


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("connection: office, ", "", "`link` needs `connection`"),
        ("connection: office", "connection: offic", "unknown connection 'offic'; did you mean 'office'?"),
        ("connection: office, link: ", "connection: office, spreadsheet: ", "it must be google_sheets"),
        ("link: ", "file: okrs.xlsx, link: ", "set one of `file`"),
        ("https://contoso", "http://contoso", "write https://"),
    ],
)
def test_configs(workspace: Workspace, before: str, after: str, words: str) -> None:
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace(before, after, 1), "utf-8")
    done = workspace.shell.run("check")
    assert words in done.out + done.err


PEOPLES = [
    ("Objective", "Key result", "Owner", "Baseline", "Target", "Current value"),
    ("Grow", "Revenue", "Ann", 0, 300, 40),
    ("Grow", "Customers", "Bo", 0, 30, 4),
]


def test_a_config_is_drafted_from_a_workbook(
    shell: Shell, sandbox: Sandbox, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    microsoft.files[OKRS].data = workbook(*PEOPLES, tab="Q4")
    done = shell.run("init", ".", "--from-sheet", OKRS, "--yes")
    assert done.code == 1
    assert "MICROSOFT_TENANT is not set" in done.err
    monkeypatch.setenv("MICROSOFT_TENANT", TENANT)
    monkeypatch.setenv("MICROSOFT_CLIENT_ID", CLIENT)
    monkeypatch.setenv("MICROSOFT_URL", f"{sandbox.url}/graph/v1.0")
    monkeypatch.setenv("MICROSOFT_TOKEN_URL", f"{sandbox.url}/login")
    done = shell.run("init", ".", "--from-sheet", OKRS, "--yes")
    assert done.code == 0, done.err
    config = Path("okrsync.yaml").read_text("utf-8")
    assert OKRS in config
    assert "client_secret: $MICROSOFT_SECRET" in config
    assert SECRET not in config
    tab = load_workbook(io.BytesIO(microsoft.files[OKRS].data))["Q4"]
    assert "KR id" in [cell.value for cell in tab[1]], "the columns that it lacked"
    assert shell.run("sync").code == 0
    assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.parametrize("link", [SHARED, "https://contoso.sharepoint.us/sites/s/Docs/a.xlsx"])
def test_links_to_sharepoint_are_known(link: str) -> None:
    assert parse_place(link).link == link
