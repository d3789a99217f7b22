"""TLS over real sockets, with an authority of our own: refused without `ca_bundle`, accepted with it, never off."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError, SourceError
from config.microsoft_connection import MicrosoftConnection
from config.models import GitHubConnection, GoogleSheetsConnection, HttpConnection, JiraConnection
from config.secrets import Secret
from connectors import registry
from connectors.http import Policy, UntrustedError
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.github.state import repository
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.jira.sample import sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from fault_world import Figures
from jira_kit import INSTANTS, NOW, Store, counted
from microsoft_kit import CLIENT, SECRET, SITE, TENANT, Microsoft, OnlineFile
from sandbox_kit import Sandbox
from tls_kit import certificates, relaying
from workspace_kit import HEAD, load

SERVICES = ("jira", "github", "google_sheets", "http", "microsoft")
READS = {
    "jira": counted("project = CORE"),
    "github": Read("r", "issues", {"search": "repo:o/r"}, count_only=True),
    "google_sheets": Read("r", "cell", {"spreadsheet": "book", "cell": "S!A1"}, ("value",), instants=INSTANTS),
    "http": Read("r", "json", {"url": "/x"}),
    "microsoft": Read("r", "rows", {"link": f"{SITE}/a.csv"}, count_only=True),
}


class Secured:
    """The services behind TLS, and connections to them."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.url = sandbox.url.replace("http:", "https:")

    def read(self, service: str, **stated: Any) -> Reading | ReadError:
        """One read, sent once."""
        context = Context(self.folder, Policy(tries=1))
        source = registry.open_source(service, self.connection(service, **stated), context)
        try:
            (answer,) = source.read([READS[service]], Store())
        finally:
            source.close()
        return answer

    def connection(self, service: str, **stated: Any) -> Any:
        token = {"token": Secret("$TLS_TOKEN")}
        if service == "jira":
            given = {"url": f"{self.url}/jira", "email": "demo@example.com", **token, **stated}
            return JiraConnection(type="jira", **given)
        if service == "github":
            return GitHubConnection(type="github", **{"url": f"{self.url}/github", **token, **stated})
        if service == "http":
            return HttpConnection(type="http", **{"url": f"{self.url}/http", **token, **stated})
        if service == "microsoft":
            app = {"tenant": TENANT, "client_id": CLIENT, "client_secret": Secret("$TLS_SECRET")}
            given = {"url": f"{self.url}/graph/v1.0", "token_url": f"{self.url}/login", **app, **stated}
            return MicrosoftConnection(type="microsoft", **given)
        given = {"url": f"{self.url}/sheets", "token_url": f"{self.url}/sheets/token", **stated}
        return GoogleSheetsConnection(type="google_sheets", service_account=Secret("$TLS_KEY"), **given)


@pytest.fixture
def secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secured]:
    issues = sample_issues(NOW.date().replace(month=10, day=1), NOW)
    sheets = SheetsService(Book.of_values("book", "Book", {"S": [[41]]}))
    jira = JiraSandbox(issues, cloud=True, time_zone="Asia/Taipei", now=lambda: NOW)
    online = Microsoft({f"{SITE}/a.csv": OnlineFile("a.csv", b"n\n1\n")}, whole=True)
    sandbox = Sandbox([jira, GitHubService({"o/r": repository("o/r")}), sheets, Figures(), *online.services])
    server = sandbox._server
    server.socket = certificates(tmp_path).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    monkeypatch.setattr(server, "handle_error", lambda *_: None)  # a client that does not trust us hangs up
    monkeypatch.chdir("/")  # `ca_bundle` starts at the config, wherever the command was started
    monkeypatch.setenv("TLS_TOKEN", "sandbox-token")
    monkeypatch.setenv("TLS_SECRET", SECRET)
    with sandbox:
        made = Secured(tmp_path, sandbox)
        monkeypatch.setenv("TLS_KEY", json.dumps(sheets.service_account_info(f"{made.url}/sheets")))
        yield made


@pytest.mark.parametrize("service", SERVICES)
def test_an_unknown_authority_is_refused(secured: Secured, service: str) -> None:
    answer = secured.read(service)
    assert isinstance(answer, ReadError)
    assert "ca_bundle" in answer.error.advice
    assert isinstance(answer.error, UntrustedError)
    assert secured.sandbox.requests() == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_ca_bundle_is_trusted(secured: Secured, service: str) -> None:
    answer = secured.read(service, ca_bundle="ca.pem")
    assert isinstance(answer, Reading), str(answer.error)
    assert secured.sandbox.requests()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_of_the_environment_are_trusted(
    secured: Secured, service: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv(name, str(secured.folder / "ca.pem"))
    answer = secured.read(service)
    assert isinstance(answer, Reading), str(answer.error)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_ca_bundle_precedes_the_environment(
    secured: Secured, service: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = secured.folder / "other"
    other.mkdir()
    certificates(other)
    monkeypatch.setenv(name, str(other / "ca.pem"))
    answer = secured.read(service, ca_bundle="ca.pem")
    assert isinstance(answer, Reading), str(answer.error)
    monkeypatch.setenv(name, str(secured.folder / "ca.pem"))
    assert isinstance(secured.read(service, ca_bundle="other/ca.pem"), ReadError)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("inside_tls", [False, True])
def test_a_proxy_passes_on_what_it_cannot_read(
    secured: Secured, service: str, inside_tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with relaying(secured.folder / "server.pem" if inside_tls else None) as relay:
        monkeypatch.setenv("HTTPS_PROXY", relay.url.replace("://", "://me:pass@"))
        answer = secured.read(service, ca_bundle="ca.pem")
    assert isinstance(answer, Reading), str(answer.error)
    host = secured.url.removeprefix("https://")
    assert {lines[0].rpartition(" ")[0] for lines in relay.asked} == {f"CONNECT {host}"}
    for lines in relay.asked:
        assert "Proxy-Authorization: Basic bWU6cGFzcw==" in lines
        assert not any(line.lower().startswith("authorization") for line in lines)


@pytest.mark.parametrize("service", SERVICES)
def test_another_authority_is_not(secured: Secured, service: str) -> None:
    other = secured.folder / "other"
    other.mkdir()
    certificates(other)
    assert isinstance(secured.read(service, ca_bundle="other/ca.pem"), ReadError)
    assert secured.sandbox.requests() == []


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("stated", ["", "false", "none.pem", "server-less.pem"])
def test_no_ca_bundle_turns_tls_off(secured: Secured, service: str, stated: str) -> None:
    (secured.folder / "server-less.pem").write_text("", "utf-8")
    try:
        answer = secured.read(service, ca_bundle=stated)
    except SourceError:
        answer = None
    assert not isinstance(answer, Reading)
    assert secured.sandbox.requests() == []


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("value", ["", "/dev/null"])
def test_no_variable_turns_tls_off(
    secured: Secured, service: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    try:
        answer = secured.read(service)
    except (SourceError, OSError):
        answer = None
    assert not isinstance(answer, Reading)
    assert secured.sandbox.requests() == []


@pytest.mark.parametrize("option", ["verify: false", "insecure: true", "tls: off", "ssl_verify: no"])
def test_no_option_turns_tls_off(tmp_path: Path, option: str) -> None:
    text = f"{HEAD}connections:\n  shop: {{type: http, url: https://a.test, {option}}}\n"
    with pytest.raises(ConfigError, match="unknown option"):
        load(tmp_path, text)
