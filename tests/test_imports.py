"""Packages are plain, start-up stays light, and a stranger's module in the way is named."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_kit import Shell, make_one_key_result

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = ("config", "connectors", "syncer")
HEAVY = (
    "jira",
    "github",
    "gspread",
    "google",
    "_duckdb",
    "duckdb",
    "sqlalchemy",
    "alembic",
    "openpyxl",
    "httpx",
    "requests",
    "tenacity",
    "pydantic",
    "jinja2",
    "rich",
    "holidays",
)
NETWORK = ("httpx", "httpcore", "requests", "urllib3", "jira", "github", "gspread", "google")
LEFT_OUT = {
    "--help": (*HEAVY, "hashlib", "syncer.present.faults"),
    "check": (*NETWORK, "duckdb", "openpyxl", "sqlalchemy", "alembic", "jinja2", "rich", "holidays", "syncer.compute",
              "syncer.plan", "syncer.sheet", "syncer.make_sheet", "syncer.model", "syncer.ledger.records"),
    "dry-run": (*NETWORK, "duckdb", "openpyxl", "sqlalchemy", "alembic", "jinja2", "syncer.make_sheet"),
    "status": (*NETWORK, "duckdb", "openpyxl", "sqlalchemy", "alembic", "jinja2", "syncer.make_sheet"),
    "explain KR1": (*NETWORK, "openpyxl", "alembic", "jinja2", "syncer.make_sheet"),
    "history KR1": (*NETWORK, "openpyxl", "alembic", "jinja2", "syncer.make_sheet"),
    "fleet status": (*NETWORK, "_duckdb", "duckdb", "openpyxl", "alembic", "jinja2", "syncer.run.pipeline",
                     "syncer.compute", "syncer.plan"),
}  # fmt: skip
"""What a command does not import in a workspace without services."""
AFTER_THE_FIRST_REQUESTS = (
    *NETWORK, "openpyxl", "sqlalchemy", "syncer.compute", "syncer.plan", "syncer.sheet", "syncer.run.pipeline",
    "syncer.ledger.ledger", "syncer.present.plan_text", "syncer.present.json_values",
)  # fmt: skip
"""What a run imports while the sources answer."""
PACKAGES = sorted(str(path.parent.relative_to(ROOT)) for top in TOP_LEVEL for path in (ROOT / top).rglob("__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_hold_a_docstring_only(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)


@pytest.mark.parametrize("command", LEFT_OUT)
def test_a_command_imports_only_what_it_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    make_one_key_result(Shell(tmp_path, capsys, monkeypatch))
    code = (
        "import sys; from syncer.cli import run_guarded; "
        f"print(run_guarded({command.split()!r}), [name for name in {LEFT_OUT[command]!r} if name in sys.modules])"
    )
    done = run_python(code)
    assert done.stdout.splitlines()[-1] == "0 []", done.stdout


@pytest.mark.parametrize("command", ["dry-run", "sync"])
def test_a_run_asks_before_it_imports_what_comes_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    make_one_key_result(Shell(tmp_path, capsys, monkeypatch))
    code = f"""
import sys
from syncer.cli import run_guarded
from syncer.sources import read_sources

begin = read_sources.side_by_side

def noted(*given):
    print([name for name in {AFTER_THE_FIRST_REQUESTS!r} if name in sys.modules], file=sys.stderr)
    return begin(*given)

read_sources.side_by_side = noted
sys.exit(run_guarded([{command!r}]))
"""
    assert run_python(code).stderr.splitlines()[0] == "[]"


def test_a_foreign_package_named_config_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "syncer", "--version"], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 1
    assert str(tmp_path / "config.py") in done.stderr
    assert "Traceback" not in done.stderr
