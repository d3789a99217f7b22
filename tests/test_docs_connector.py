"""The guide to connectors, taken at its word: its files and changes in a copy of okrsync, its test, its config."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.sandbox.server import Request, Response, Sandbox
from source_contract import JsonService

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "add-a-connector.md").read_text("utf-8")
MARKER, CONNECTOR, CONTRACT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
DIFFS = re.findall(r"```diff\n--- (\S+)\n(.*?)```", PAGE, re.DOTALL)
[CONFIG] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """okrsync with the guide's connector."""
    home = tmp_path_factory.mktemp("okrsync")
    for package in ("config", "connectors", "syncer"):
        shutil.copytree(ROOT / package, home / package, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "connectors" / "helpdesk").mkdir()
    (home / "connectors" / "helpdesk" / "__init__.py").write_text(MARKER, "utf-8")
    (home / "connectors" / "helpdesk" / "connector.py").write_text(CONNECTOR, "utf-8")
    (home / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "source_contract.py", home / "tests")
    (home / "tests" / "test_connectors_helpdesk.py").write_text(CONTRACT, "utf-8")
    for name, diff in DIFFS:
        before = "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] in " -")
        after = "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] in " +")
        text = (home / name).read_text("utf-8")
        assert text.count(before) == 1, f"{name} has changed: correct the guide"
        (home / name).write_text(text.replace(before, after), "utf-8")
    return home


def run(home: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "PYTHONPATH": str(home), "HELPDESK_TOKEN": "x" * 9, "OKRSYNC_NOW": "2026-11-16T09:30+08:00",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=cwd or home, env=environment
    )


def test_the_connector_is_complete_in_under_60_lines() -> None:
    lines = [line for line in CONNECTOR.splitlines() if line.strip()]
    assert len(lines) < 60


def test_it_holds_to_the_contract(copy: Path) -> None:
    done = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d\d passed", done.stdout, re.MULTILINE), done.stdout


def test_the_types_are_right(copy: Path) -> None:
    done = run(copy, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "connectors/helpdesk/connector.py")
    assert done.returncode == 0, done.stdout


def desk(total: int) -> JsonService:
    """A help desk that says it has so many tickets, and gives one."""
    found = [{"id": "1", "state": "closed", "opened": "2026-10-07T09:00:00+08:00", "reply_hours": 1.75}]

    def answer(request: Request) -> Response:
        return Response(200, {"tickets": found if request.first("page") == "1" else [], "total": total})

    return JsonService("desk", answer)


def write_config(folder: Path, old: str, new: str) -> None:
    assert old in CONFIG
    head = "cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet: {file: okrs.xlsx}\n"
    (folder / "okrsync.yaml").write_text(head + CONFIG.replace(old, new), "utf-8")


def test_its_config_runs(copy: Path, tmp_path: Path) -> None:
    with Sandbox([desk(1)]) as sandbox:
        write_config(tmp_path, "https://help.example.com/api", sandbox.service_url("desk"))
        assert run(copy, "-m", "syncer", "init", "--sheet", cwd=tmp_path).returncode == 0
        done = run(copy, "-m", "syncer", "sync", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"KR1 .* 1\.75 .* 75% .* desk\.tickets reply_hours", done.stdout), done.stdout


def test_a_part_of_the_tickets_is_no_number(copy: Path, tmp_path: Path) -> None:
    with Sandbox([desk(2)]) as sandbox:
        write_config(tmp_path, "https://help.example.com/api", sandbox.service_url("desk"))
        assert run(copy, "-m", "syncer", "init", "--sheet", cwd=tmp_path).returncode == 0
        done = run(copy, "-m", "syncer", "dry-run", cwd=tmp_path)
    assert done.returncode == 4
    assert "fewer tickets came than its total says" in done.stderr


def test_a_wrong_value_of_a_closed_set_is_told_before_anything_is_sent(copy: Path, tmp_path: Path) -> None:
    write_config(tmp_path, "'closed'", "'Closed'")
    done = run(copy, "-m", "syncer", "check", cwd=tmp_path)
    assert done.returncode == 1
    assert "did you mean 'closed'?" in done.stderr
