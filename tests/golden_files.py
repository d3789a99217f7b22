"""Texts that are kept word for word. `OKRSYNC_GOLDEN=write pytest` writes them anew; then read the diff."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check_golden(name: str, text: str) -> None:
    """Compare a text with its golden file."""
    path = FOLDER / name
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        path.write_text(text, "utf-8")
    assert path.exists(), f"no golden file {name}; run OKRSYNC_GOLDEN=write pytest"
    assert text == path.read_text("utf-8")
