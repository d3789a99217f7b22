"""Runs of okrsync in processes of their own, which die where `kill_driver.py` is told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

DRIVER = Path(__file__).parent / "kill_driver.py"
KILLED = -9
_OF_TESTS = ("__", "_pytest", "conftest", "execnet", "hypothesis", "pytest", "soak", "test_", "xdist")


class Warm:
    """A process that has imported everything and does each run in a fork of itself."""

    def __init__(self) -> None:
        names = [name for name in sys.modules if not name.startswith(_OF_TESTS) and not name.endswith("_kit")]
        self._process = subprocess.Popen(
            [sys.executable, str(DRIVER), "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._say(names)

    def start(self, step: str = "") -> int:
        """Begin a sync that dies at that step, if one is named; its process id."""
        self._ask(step)
        return int(self._heard())

    def end(self) -> int:
        """Wait for its end: the exit code, or minus the signal."""
        return int(self._heard())

    def run(self, step: str) -> "subprocess.CompletedProcess[str]":
        """A whole sync in the current folder, and all it said."""
        self._ask(step, folder=str(Path.cwd()))
        self._heard()
        code, out, err = json.loads(self._heard())
        return subprocess.CompletedProcess([step], code, out, err)

    def _ask(self, step: str, **more: str) -> None:
        self._say({"step": step, "arguments": ["sync"], "now": os.environ["OKRSYNC_NOW"], **more})

    def _say(self, data: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(data) + "\n")
        self._process.stdin.flush()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
