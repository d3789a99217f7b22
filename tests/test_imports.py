"""Imports go one way: config <- connectors <- syncer; and start-up stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {"config": {"config"}, "connectors": {"config", "connectors"}, "syncer": {"config", "connectors", "syncer"}}
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
    "jinja2",
    "rich",
    "holidays",
)


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add((node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_go_one_way(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        wrong = imported(path) & (set(ALLOWED) - ALLOWED[package])
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(wrong)}"


PACKAGES = sorted(str(path.parent.relative_to(ROOT)) for top in ALLOWED for path in (ROOT / top).rglob("__init__.py"))


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
