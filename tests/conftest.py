"""Fixtures that several test files share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from command_kit import Shell
from config import plain_text
from connectors.sandbox.google_sheets.service import SheetsService
from syncer.words import VARIABLE


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Commands in an empty folder."""
    return Shell(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="session")
def pem() -> str:
    """The private key of a service account: making one takes longer than most tests."""
    service = SheetsService()
    service.service_account_info("http://127.0.0.1")
    return service.tokens.pem


@pytest.fixture(autouse=True)
def _english_until_a_workspace_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the locale of the machine."""
    monkeypatch.setenv(VARIABLE, "en")


@pytest.fixture(autouse=True)
def _secrets_of_one_test_alone() -> Iterator[None]:
    """What one test made a secret is a plain word to the next."""
    before = dict(plain_text._secrets)
    yield
    plain_text._secrets.clear()
    plain_text._secrets.update(before)
