"""The demo's workspace against a running sandbox, at a fixed instant: for tests of whole runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path

from config.languages import Language
from connectors.sandbox import world
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.server import Request
from sandbox_kit import Sandbox
from workspace_kit import TAIPEI

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=TAIPEI)


@contextmanager
def demo_workspace(folder: Path, language: Language = "en") -> Iterator[Sandbox]:
    """A sandbox with the demo's data, and its config and secrets in `folder`."""
    services = world.sample_services(date(2026, 10, 1), NOW, language)
    with Sandbox(services) as sandbox:
        sheets_of(sandbox).tokens.pem = service_key()
        (folder / "secrets").mkdir()
        for name, text in world.secret_files(services, sandbox.url).items():
            (folder / "secrets" / name).write_text(text, "utf-8")
        (folder / "okrsync.yaml").write_text(world.demo_config(sandbox.url, "2026-Q4", language), "utf-8")
        yield sandbox


@cache
def service_key() -> str:
    """The private key of a service account, the same all session: to make and to check one takes its time."""
    service = SheetsService()
    service.service_account_info("http://127.0.0.1")
    return service.tokens.pem


def sheets_of(sandbox: Sandbox) -> SheetsService:
    """The sandbox's Google Sheets."""
    service = sandbox.services["sheets"]
    assert isinstance(service, SheetsService)
    return service


def close_issue(sandbox: Sandbox, key: str) -> None:
    """Somebody closes a Jira issue."""
    path = f"/_sandbox/jira/issues/{key}"
    answer = sandbox.answer(Request("POST", path, {}, {}, b'{"status": "Done"}', sandbox.url))
    assert answer.status == 200
