"""Application default credentials: what is asked on a machine without a key file, and that nothing may hang."""

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.auth import _cloud_sdk
from google.auth.transport.requests import Request

from config.errors import AuthError, SheetError
from config.models import GoogleSheetsConnection
from connectors import registry
from connectors.google_sheets.auth import READ_ONLY, log_in
from connectors.http import Policy
from connectors.registry import Context
from syncer.sheet.place import parse_place, read_place


class Metadata:
    """What stands where a machine of Google's has its metadata server. Without `flavour` it is any web server."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.flavour = True
        self.hangs = False
        self.over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                if outer.hangs:
                    outer.over.wait(60)
                    return
                body = json.dumps({"access_token": "from-metadata", "expires_in": 3600, "token_type": "Bearer"})
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                if outer.flavour:
                    self.send_header("Metadata-Flavor", "Google")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Metadata]:
    """A machine without key files; to start a program, to sleep, or to wait for three seconds would fail."""
    made = Metadata()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("GCE_METADATA_IP", made.address)
    monkeypatch.setenv("GCE_METADATA_MTLS_MODE", "none")
    monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", made.address)
    monkeypatch.setattr("google.auth.compute_engine._metadata.detect_gce_residency_linux", lambda: False)
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "NO_GCE_CHECK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(subprocess, "check_output", forbidden)
    monkeypatch.setattr("time.sleep", forbidden)
    yield made
    made.over.set()
    made.server.shutdown()
    made.server.server_close()


def forbidden(*given: Any, **_: Any) -> None:
    raise AssertionError(given)


def context(tmp_path: Path) -> Context:
    return Context(tmp_path, Policy(tries=1))


CONNECTION = GoogleSheetsConnection(type="google_sheets")


def test_without_a_key_the_metadata_server_is_asked_once(metadata: Metadata, tmp_path: Path) -> None:
    metadata.flavour = False
    used = context(tmp_path)
    with pytest.raises(AuthError, match="there are no application default credentials"):
        log_in("g", CONNECTION, used, READ_ONLY)
    assert metadata.asked == ["/"]
    assert used.meter.count("g", "token") == 1


def test_a_metadata_server_that_hangs_is_given_up(
    metadata: Metadata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata.hangs = True
    waited: list[float] = []
    real: Any = Request.__call__

    def impatient(self: Any, *given: Any, **more: Any) -> Any:
        waited.append(more["timeout"])
        return real(self, *given, **{**more, "timeout": 0.2})

    monkeypatch.setattr(Request, "__call__", impatient)
    with pytest.raises(AuthError, match="there are no application default credentials"):
        log_in("g", CONNECTION, context(tmp_path), READ_ONLY)
    assert waited == [3]


def test_no_metadata_server_at_all(metadata: Metadata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCE_METADATA_IP", "127.0.0.1:1")
    with pytest.raises(AuthError, match="there are no application default credentials") as caught:
        registry.open_source("google_sheets", CONNECTION, context(tmp_path))
    assert "GOOGLE_APPLICATION_CREDENTIALS" in caught.value.advice
    assert metadata.asked == []


def test_on_a_machine_of_googles_the_metadata_server_gives_the_credentials(metadata: Metadata, tmp_path: Path) -> None:
    assert log_in("g", CONNECTION, context(tmp_path), READ_ONLY).scope == READ_ONLY
    assert metadata.asked[0] == "/"


def test_gclouds_file_is_read_without_gcloud(metadata: Metadata, tmp_path: Path) -> None:
    place = Path(_cloud_sdk.get_application_default_credentials_path())  # type: ignore[no-untyped-call] # none there
    place.parent.mkdir()
    info = {"type": "authorized_user", "client_id": "an-id", "client_secret": "a-secret", "refresh_token": "a-token"}
    place.write_text(json.dumps(info), "utf-8")
    found = log_in("g", CONNECTION, context(tmp_path), READ_ONLY)
    assert found.credentials.refresh_token == "a-token"
    assert metadata.asked == []


def test_a_draft_without_credentials_names_the_variable_of_the_key(
    metadata: Metadata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_SERVICE_ACCOUNT", raising=False)
    metadata.flavour = False
    place = parse_place("https://docs.google.com/spreadsheets/d/1AbC/edit#gid=0")
    with pytest.raises(SheetError, match="there are no application default credentials") as caught:
        read_place(place, context(tmp_path))
    assert "set GOOGLE_SERVICE_ACCOUNT to the path of its key" in caught.value.advice
