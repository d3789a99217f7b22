"""`-c FILE`: every command that takes a config reads that one, from any folder, as if it ran in the config's own."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from typer.main import get_command

from command_kit import Done, Shell
from syncer import cli
from workspace_kit import HEAD, load

CONFIG = f"""\
{HEAD}
measures:
  deals: {{from: files.rows, path: rows.csv, value: "count(*) filter (day <= {{as_of}})"}}
objectives:
  O1:
    title: One
    key_results:
      KR1: {{title: Sell 4, baseline: 0, target: 4, measure: deals}}
"""
ROWS = "day\n2026-10-05\n2026-11-02\n"
LINES = (
    "init --sheet",
    "check",
    "sources files.rows",
    "dry-run",
    "sync",
    "undo",
    "status",
    "explain KR1",
    "history KR1",
    "backfill KR1 --from 2026-11-02",
    "record",
    "report",
    "notify --preview",
    "lint",
    "close",
    "schedule run",
    "schedule print cron",
)


def taking_a_config(command: Any, name: str = "") -> Iterator[str]:
    """The commands with an option `--config`, those of groups too."""
    for key, one in getattr(command, "commands", {}).items():
        yield from taking_a_config(one, f"{name} {key}".strip())
    if any(param.name == "config" for param in command.params):
        yield name


@pytest.fixture
def company(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A folder whose own config is broken, and a synced workspace in a folder of it."""

    def once(_cron: str, _zone: object, job: Callable[[], int], **_options: object) -> int:
        return job()

    monkeypatch.setattr("syncer.schedule.schedule.run_schedule", once)
    monkeypatch.setattr("syncer.schedule.schedule.stop_on_signals", Event)
    (shell.folder / "okrsync.yaml").write_text("broken: true\n", "utf-8")
    for place in ("team", "twin"):
        (shell.folder / place).mkdir()
        load(shell.folder / place, CONFIG, {"rows.csv": ROWS})
        monkeypatch.chdir(shell.folder / place)
        assert [shell.run(*line.split()).code for line in ("init --sheet", "sync")] == [0, 0]
    monkeypatch.chdir(shell.folder)
    return shell


def words(done: Done, folder: Path, config: str) -> tuple[int, str]:
    """What a command did, without the names that differ."""
    text = (done.out + done.err).replace(str(folder), "FOLDER").replace(f" -c {config}", "").replace("twin", "team")
    return done.code, re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", "RUN", text).replace("team/", "")


def test_no_command_that_takes_a_config_is_left_out() -> None:
    found = set(taking_a_config(get_command(cli.app)))
    assert {line for line in LINES if not any(line.startswith(name) for name in found)} == set()
    assert {name for name in found if not any(line.startswith(name) for line in LINES)} == set()


@pytest.mark.parametrize("line", LINES)
def test_a_config_by_name_is_read_as_in_its_own_folder(
    company: Shell, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    before = sorted(path.name for path in company.folder.iterdir())
    by_name = words(company.run(*line.split(), "-c", "team/okrsync.yaml"), company.folder, "team/okrsync.yaml")
    assert sorted(path.name for path in company.folder.iterdir()) == before
    monkeypatch.chdir(company.folder / "twin")
    option = ("-c", "okrsync.yaml") if line.startswith("sources") else ()
    assert by_name == words(company.run(*line.split(), *option), company.folder, "okrsync.yaml")
    assert by_name[0] == 0


@pytest.mark.parametrize("line", LINES)
def test_a_config_that_does_not_exist_is_no_other(company: Shell, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(company.folder / "team")
    done = company.run(*line.split(), "-c", "nowhere.yaml")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("nowhere.yaml: 1 problem\n  file      there is no such file\n")
