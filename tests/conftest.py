"""Fixtures that several test files share."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from command_kit import Shell
from config import masking
from demo_kit import service_key
from syncer.i18n import VARIABLE

os.environ["OPENPYXL_LXML"] = "False"  # as syncer/__main__.py does, before a test imports openpyxl


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Commands in an empty folder."""
    return Shell(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="session")
def pem() -> str:
    """The private key of a service account."""
    return service_key()


@pytest.fixture(scope="session", autouse=True)
def _each_key_is_checked_once() -> Iterator[None]:
    """A run and the sandbox both check the key: twice what most other tests take, hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", cache(serialization.load_pem_private_key))
        yield


@pytest.fixture(autouse=True)
def _english_until_a_workspace_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the locale of the machine."""
    monkeypatch.setenv(VARIABLE, "en")


@pytest.fixture(autouse=True)
def _secrets_of_one_test_alone() -> Iterator[None]:
    """What one test made a secret is a plain word to the next."""
    before = dict(masking._known.forms)
    yield
    masking._known.replace(before)
