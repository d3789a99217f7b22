"""Files in OneDrive and SharePoint as a source: links, downloads, sign-in, faults."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from command_kit import Shell
from config.errors import AuthError
from config.microsoft_connection import MicrosoftConnection
from config.plain_text import plain
from config.secrets import Secret
from connectors import registry
from connectors.http import Policy
from connectors.microsoft import drive_items, links
from connectors.protocol import Read, Reading, Source
from connectors.registry import Context
from microsoft_kit import CLIENT, PROPERTIES, SECRET, SHARED, SITE, TENANT, Microsoft, OnlineFile, refusal
from sandbox_kit import Fault, Sandbox
from source_contract import INSTANTS, Bench, SourceContract, SourceReader

HTML = {"Content-Type": "text/html"}
DEALS = f"{SITE}/deals.xlsx"


def workbook(*rows: tuple[Any, ...], tab: str = "Deals") -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.title = tab
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.fixture
def microsoft() -> Microsoft:
    deals = workbook(("stage", "amount", "signed"), ("signed", 10, "2026-10-07"), ("open", None, None))
    return Microsoft({DEALS: OnlineFile("deals.xlsx", deals), SHARED: OnlineFile("targets.csv", b"team,n\na,1\nb,2\n")})


@pytest.fixture
def sandbox(microsoft: Microsoft) -> Iterator[Sandbox]:
    with Sandbox(microsoft.services) as made:
        yield made


class Reader(SourceReader):
    """Reads of one connection."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.context = Context(folder, Policy(sleep=lambda _seconds: None))
        super().__init__()
        self.stated: dict[str, Any] = {}

    def open(self) -> Source:
        self.context = Context(self.folder, Policy(sleep=lambda _seconds: None))
        stated = {
            "type": "microsoft", "tenant": TENANT, "client_id": CLIENT, "client_secret": Secret("$MICROSOFT_SECRET"),
            "url": f"{self.sandbox.url}/graph/v1.0", "token_url": f"{self.sandbox.url}/login", **self.stated,
        }  # fmt: skip
        return registry.open_source("office", MicrosoftConnection(**stated), self.context)


@pytest.fixture
def reader(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setenv("MICROSOFT_SECRET", SECRET)
    return Reader(sandbox, tmp_path)


def read(link: str = DEALS, *columns: str, **query: str) -> Read:
    return Read("a", "rows", {"link": link, **query}, columns, count_only=not columns, instants=INSTANTS)


class TestContract(SourceContract):
    """The contract of sources."""

    @pytest.fixture
    def bench(self, microsoft: Microsoft, sandbox: Sandbox, reader: Reader) -> Bench:
        none = f"{SITE}/none.csv"
        microsoft.files[none] = OnlineFile("none.csv", b"stage,amount,signed\n")
        fault = Fault("graph", status=500, body={"error": {"code": "x", "message": SECRET}}, times=1000)
        return Bench(
            open=reader.open,
            good=Read("good", "rows", {"link": DEALS}, ("stage", "signed", "amount"), instants=INSTANTS),
            bad={"link": f"{SITE}/deal.xlsx"},
            none={"link": none},
            unknown="amount",
            breaks=lambda: sandbox.faults.append(fault),
            sent=lambda: len(sandbox.requests()),
            secret=SECRET,
        )


def test_a_workbook_and_a_csv(reader: Reader) -> None:
    reading = reader.reading(read(DEALS, "stage", "amount", tab="Deals"))
    assert reader.rows.rows["a"] == [
        {"stage": "signed", "amount": 10, "signed": reader.rows.rows["a"][0]["signed"]},
        {"stage": "open", "amount": None, "signed": None},
    ]
    assert (reading.count, reading.asked, reading.link) == (2, "deals.xlsx tab Deals", f"{SITE}/deals.xlsx")
    assert reader.reading(read(SHARED)).count == 2


def test_a_file_is_downloaded_once_for_all_its_reads(microsoft: Microsoft, reader: Reader, sandbox: Sandbox) -> None:
    reads = [Read(f"r{n}", "rows", {"link": DEALS}, ("amount",), instants=INSTANTS) for n in range(5)]
    assert len(reader.answers(*reads)) == 5
    assert [one.service for one in sandbox.requests()] == ["login", "login", "graph", "graph", "graph", "download"]
    counts = {kind: reader.context.meter.count("office", kind) for kind in ("token", "file", "download")}
    assert counts == {"token": 2, "file": 2, "download": 2}
    assert microsoft.scopes == [f"{sandbox.url}/.default"]


def test_content_without_a_redirect(microsoft: Microsoft, reader: Reader) -> None:
    microsoft.whole = True
    assert reader.reading(read()).count == 2


def test_placeholders_in_a_link(microsoft: Microsoft, reader: Reader) -> None:
    microsoft.files[f"{SITE}/export-2026-11-16.csv"] = OnlineFile("export.csv", b"n\n1\n")
    assert reader.reading(read(f"{SITE}/export-{{today}}.csv")).count == 1


def test_what_is_asked_for_is_in_the_contract_of_graph() -> None:
    assert PROPERTIES.issuperset(drive_items.FIELDS)
    token = links.sharing_token("https://onedrive.live.com/redir?resid=1231244193912!12&authKey=1201919!12921!1")
    assert token == (
        "u!aHR0cHM6Ly9vbmVkcml2ZS5saXZlLmNvbS9yZWRpcj9yZXNpZD0xMjMxMjQ0MTkzOTEyITEyJmF1dGhLZXk9MTIwMTkxOSExMjkyMSEx"
    )


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (DEALS, ("contoso.sharepoint.com", "sites/sales", "Shared Documents/deals.xlsx")),
        (f"{DEALS}?web=1", ("contoso.sharepoint.com", "sites/sales", "Shared Documents/deals.xlsx")),
        ("https://contoso.sharepoint.com/Docs/a/b.csv", ("contoso.sharepoint.com", "", "Docs/a/b.csv")),
        (
            "https://contoso-my.sharepoint.com/personal/ann_contoso_com/Documents/a.xlsx",
            ("contoso-my.sharepoint.com", "personal/ann_contoso_com", "Documents/a.xlsx"),
        ),
        (SHARED, None),
        ("https://contoso.sharepoint.com/:x:/r/sites/sales/Shared%20Documents/a.xlsx", None),
        ("https://contoso.sharepoint.com/sites/s/_layouts/15/Doc.aspx?sourcedoc=%7B1%7D&file=a.xlsx", None),
        ("https://contoso.sharepoint.com", None),
    ],
)
def test_links(link: str, address: tuple[str, str, str] | None) -> None:
    assert links.address_of(link) == (address and links.Address(*address))


def test_what_is_secret_of_a_download() -> None:
    place = "https://contoso.sharepoint.com/sites/the-site-with-a-rather-long-name"
    guid, token = "5f1c2a34-7b1d-4a7e-9d57-0c4a3c1f7a10", "v1.eyJzaXRlaWQiOiIxMjM0%2BNTY3ODkw"
    link = f"{place}/_layouts/15/Doc.aspx?sourcedoc=%7B{guid.upper()}%7D&file=deals.xlsx"
    address = f"{place}/_layouts/15/download.aspx?UniqueId={guid}&tempauth={token}"
    assert links.secrets_of(address, link) == {token, token.replace("%2B", "+")}


def test_the_library_that_holds_a_file() -> None:
    address = links.address_of("https://Contoso.sharepoint.com/teams/x/Shared%20documents/Q4/a%20b.csv")
    assert address is not None
    assert address.libraries == "sites/contoso.sharepoint.com:/teams/x:/drives?$select=id,webUrl"
    place = "https://contoso.sharepoint.com/teams/x"
    drives = [{"id": "1", "webUrl": f"{place}/Shared"}, {"id": "2", "webUrl": f"{place}/Shared%20Documents"}, {}]
    assert address.within(drives) == ("2", "Q4/a b.csv")
    assert address.within(drives[:1]) is None


def test_a_token_that_expires_is_renewed(microsoft: Microsoft, sandbox: Sandbox, reader: Reader) -> None:
    source = reader.open()
    assert isinstance(next(source.read([read()], reader.rows)), Reading)
    microsoft.tokens.clear()
    assert isinstance(next(source.read([read()], reader.rows)), Reading)
    source.close()
    assert len(sandbox.requests("login")) == 3


def test_a_token_that_is_refused_again_and_again(sandbox: Sandbox, reader: Reader) -> None:
    answer = refusal(401, "InvalidAuthenticationToken", "Access token is empty.")
    sandbox.faults.append(Fault("graph", status=401, body=answer.body, times=1000))
    error = reader.error(read())
    assert isinstance(error, AuthError)
    assert "InvalidAuthenticationToken: Access token is empty." in error.saw
    assert len(sandbox.requests("graph")) == 2


def test_the_download_address_is_masked_and_gets_no_token(sandbox: Sandbox, reader: Reader) -> None:
    seen: list[dict[str, str]] = []
    sandbox.hooks["download"] = lambda request: seen.append({**request.headers, "q": request.first("tempauth")})
    sandbox.faults.append(Fault("download", status=403, body=b"<html>tempauth", headers=HTML))
    error = reader.error(read())
    assert "authorization" not in seen[0]
    assert seen[0]["q"] not in repr(error)
    assert "HTTP 403" in error.saw


@pytest.mark.parametrize(
    ("location", "saw"),
    [("", "not https"), ("http://elsewhere.example/x", "not https"), ("ftp://127.0.0.1/x", "not https"),
     ("https://me@elsewhere.example/x", "not https")],
)  # fmt: skip
def test_a_download_goes_to_https_only(sandbox: Sandbox, reader: Reader, location: str, saw: str) -> None:
    sandbox.faults.append(Fault("graph", "content", 302, b"", {"Location": location} if location else {}))
    assert saw in reader.error(read()).saw
    assert not sandbox.requests("download")


@pytest.mark.parametrize(
    ("fault", "saw", "advice"),
    [
        (Fault("graph", "/drives", 200, {"value": [1]}), "not as documented", "Microsoft Graph"),
        (Fault("graph", "/drives", 200, {"value": []}), "no document library", "Copy link"),
        (Fault("graph", "", 404, refusal(404, "itemNotFound", "gone").body), "itemNotFound: gone", "moved or deleted"),
        (Fault("graph", "", 403, refusal(403, "accessDenied", "Access denied").body), "accessDenied", "Sites.Selected"),
        (Fault("graph", "", 400, refusal(400, "invalidRequest", "bad").body), "invalidRequest: bad", "Copy link"),
        (Fault("graph", "", 404, b"<html>", HTML), "an HTML page", "moved"),
        (Fault("graph", "", 200, b"<html>Sign in</html>", HTML), "an HTML page instead of the answer", "proxy"),
        (Fault("graph", "", 302, b"", {"Location": "https://elsewhere.example/"}), "HTTP 302", "Microsoft Graph"),
        (Fault("graph", "", 204, b""), "HTTP 204", "Microsoft Graph"),
        (Fault("graph", "", 200, b"{"), "not as documented", "Microsoft Graph"),
        (Fault("graph", "root:", 200, {"id": "1", "file": {}, "name": 3}), "not as documented", "Microsoft Graph"),
        (Fault("graph", "root:", 200, {"id": "1", "name": "f", "folder": {}}), "a folder", "the file itself"),
        (Fault("download", "", 200, b"<!DOCTYPE html><html>", HTML), "an HTML page instead", "proxy"),
        (Fault("login", "", 200, b"<html>", HTML), "an HTML page instead of JSON", "token_url"),
        (Fault("login", "", 200, {"issuer": "x"}), "not as documented", "token_url"),
        (Fault("login", "/token", 200, {"token_type": "Bearer"}), "not as documented", "token_url"),
        (Fault("login", "/token", 400, b"<html>", HTML), "an HTML page", "client_secret"),
    ],
)
def test_faults(sandbox: Sandbox, reader: Reader, fault: Fault, saw: str, advice: str) -> None:
    sandbox.faults.append(fault)
    error = reader.error(read())
    assert saw in error.saw, error
    assert advice in error.advice, error
    assert "microsoft 'office'" in error.doing
    assert SECRET not in str(error)


@pytest.mark.parametrize("service", ["graph", "download", "login"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_limit_is_waited_for(sandbox: Sandbox, reader: Reader, service: str, status: int) -> None:
    sandbox.faults.append(Fault(service, "", status, b"{}", {"Retry-After": "2"}))
    assert reader.reading(read()).count == 2


def test_a_broken_download_is_repeated(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.faults.append(Fault("download", "", 200, b"x" * 999, cut=500))
    assert reader.reading(read()).count == 2


@pytest.mark.parametrize(
    ("stated", "secret", "saw", "advice"),
    [
        ({}, "an-id-of-a-secret", "AADSTS7000215", "$MICROSOFT_SECRET must hold the client secret's value"),
        ({"tenant": "contso.onmicrosoft.com"}, SECRET, "AADSTS90002", "connections.office.tenant"),
        ({"client_id": "6731de76-0000"}, SECRET, "AADSTS700016", "`client_id` or `tenant`"),
    ],
)
def test_who_may_not_sign_in(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, stated: dict[str, str], secret: str, saw: str, advice: str
) -> None:
    monkeypatch.setenv("MICROSOFT_SECRET", secret)
    reader.stated = stated
    error = reader.error(read())
    assert isinstance(error, AuthError)
    assert saw in error.saw
    assert "Trace ID" not in error.saw
    assert advice in error.advice
    assert secret not in str(error)


def test_sign_in_leads_nowhere_else(sandbox: Sandbox, reader: Reader) -> None:
    ends = dict.fromkeys(("token_endpoint", "authorization_endpoint", "issuer"), "https://login.evil.example/token")
    sandbox.faults.append(Fault("login", "openid-configuration", 200, ends))
    assert "leads away" in reader.error(read()).saw
    assert len(sandbox.requests("login")) == 1


def test_a_file_that_is_too_large_is_not_downloaded(microsoft: Microsoft, sandbox: Sandbox, reader: Reader) -> None:
    microsoft.files[DEALS].size = 101 << 20
    assert "101 MiB, more than 100" in reader.error(read()).saw
    assert not sandbox.requests("download")


def test_without_msal(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "msal", None)
    assert "pip install 'okrsync[microsoft]'" in reader.error(read()).advice


@pytest.mark.parametrize(
    ("name", "data", "saw"),
    [
        ("deals.xls", b"\xd0\xcf\x11\xe0", "not one of"),
        ("deals.xlsx", b"\xd0\xcf\x11\xe0" + b"EncryptedPackage" * 99, "has a password, or is an old .xls"),
        ("deals.xlsx", b"stage,amount\n", "not a workbook"),
        ("deals.docx", workbook(("a",), (1,)), "not one of"),
    ],
)
def test_what_is_no_table(microsoft: Microsoft, reader: Reader, name: str, data: bytes, saw: str) -> None:
    microsoft.files[DEALS] = OnlineFile(name, data)
    assert saw in reader.error(read()).saw


CONFIG = """\
workspace: {id: known-7f3k}
cycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}
timezone: Asia/Taipei
okr_sheet: {file: okrs.csv}
connections:
  office:
    type: microsoft
    tenant: contoso.onmicrosoft.com
    client_id: 6731de76-14a6-49ae-97bc-6eba6914391e
    client_secret: $MICROSOFT_SECRET
    url: URL/graph/v1.0
    token_url: URL/login
measures:
  revenue: {from: office.rows, link: "DEALS", value: sum(amount)}
  gone: {from: office.rows, link: "DEALS.old", value: count(*)}
objectives:
  O1:
    title: Known
    key_results:
      KR1: {title: Revenue, baseline: 0, target: 300, measure: revenue}
      KR2: {title: Gone, baseline: 0, target: 300, measure: gone}
"""


def test_a_wrong_link_costs_itself_alone(sandbox: Sandbox, reader: Reader, shell: Shell) -> None:
    assert reader
    config = CONFIG.replace("URL", sandbox.url).replace("DEALS", DEALS)
    (shell.folder / "okrsync.yaml").write_text(config, "utf-8")
    assert "No problems." in shell.run("check").out
    shown = shell.run("check", "--online").out
    assert "ok    revenue (okrsync.yaml:14) = 10" in shown
    assert "FAIL  gone (okrsync.yaml:15)" in shown
    assert "HTTP 404 (itemNotFound: The site or item could not be found.)" in shown


@pytest.mark.parametrize(
    ("link", "words"),
    [("deals.xlsx", "is not an address"), ("http://contoso.sharepoint.com/x", "write https://")],
)
def test_links_are_addresses(shell: Shell, link: str, words: str) -> None:
    (shell.folder / "okrsync.yaml").write_text(CONFIG.replace("DEALS", link), "utf-8")
    assert words in shell.run("check").err + shell.run("check").out


def test_the_address_for_people_is_not_masked_with_that_of_the_download(sandbox: Sandbox, reader: Reader) -> None:
    """Both begin alike, but for the token at the end of the latter."""
    seen: list[str] = []
    sandbox.hooks["download"] = lambda request: seen.append(request.first("tempauth"))
    reader.reading(read())
    path = "/download/sites/sales/Shared%20Documents/_layouts/15/download.aspx?Translate=false"
    shown = f"{DEALS} {sandbox.url}/download/sites/sales/deals.xlsx {sandbox.url}{path}"
    assert plain(shown) == shown
    assert seen[0] not in plain(f"{shown}&tempauth={seen[0]}")
