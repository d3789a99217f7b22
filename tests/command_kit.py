"""Runs the command line inside the test's process, and its words made the same on every machine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncer.cli import run_guarded

NOTHING_TO_WRITE = "Nothing to write"
VERIFIED = "Written and verified"
"""How a command that writes ends."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: its exit code and its words."""

    code: int
    out: str
    err: str


class Shell:
    """A folder in which commands run, at a fixed instant."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(folder)
        self.at("2026-11-16T09:30:00+08:00")

    def at(self, instant: str) -> None:
        """Set the clock of the commands."""
        self._monkeypatch.setenv("OKRSYNC_NOW", instant)

    def run(self, *arguments: str) -> Done:
        """Run one command."""
        self._capsys.readouterr()
        code = run_guarded(arguments)
        captured = self._capsys.readouterr()
        return Done(code, captured.out, captured.err)

    def output_of(self, arguments: Sequence[str]) -> str:
        """A command, its exit code and all it said, for a golden file."""
        done = self.run(*arguments)
        text = f"$ okrsync {' '.join(arguments)}\n{done.out}{done.err}exit {done.code}\n"
        text = text.replace(str(self.folder), "FOLDER")
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
        return re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", "RUN", text)


ONE_KEY_RESULT = """\
workspace: {id: known-7f3k}
cycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}
timezone: Asia/Taipei
okr_sheet:
  file: okrs.xlsx
objectives:
  O1:
    title: Known
    key_results:
      KR1:
        title: Visits
        baseline: 0
        target: 10
        measure:
          from: files.rows
          path: rows.csv
          value: count(*)
"""


def make_one_key_result(shell: Shell) -> None:
    """Make a workspace of one key result that counts two rows of a file, and its sheet."""
    (shell.folder / "okrsync.yaml").write_text(ONE_KEY_RESULT, "utf-8")
    (shell.folder / "rows.csv").write_text("visitor\na\nb\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
