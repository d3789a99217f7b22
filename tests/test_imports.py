"""Packages are plain, start-up stays light, and a stranger's module in the way is named."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = ("config", "connectors", "syncer")
HEAVY = (
    "jira",
    "github",
    "gspread",
    "google",
    "duckdb",
    "sqlalchemy",
    "alembic",
    "openpyxl",
    "httpx",
    "requests",
    "pydantic",
    "jinja2",
    "rich",
    "holidays",
)


PACKAGES = sorted(str(path.parent.relative_to(ROOT)) for top in TOP_LEVEL for path in (ROOT / top).rglob("__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_hold_a_docstring_only(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_help_imports_no_vendor_library() -> None:
    code = f"import sys, syncer.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_stranger_named_config_is_told_about(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "syncer", "--version"], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 1
    assert str(tmp_path / "config.py") in done.stderr
    assert "Traceback" not in done.stderr
