"""Fixtures that several test files share."""

from pathlib import Path

import pytest

from command_kit import Shell


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Commands in an empty folder."""
    return Shell(tmp_path, capsys, monkeypatch)
