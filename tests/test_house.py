"""The table of folders in CONTRIBUTING.md: in the order of imports, in the words of their docstrings."""

import ast
import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "CONTRIBUTING.md"
LONGEST = 300
"""Lines of a module; longer ones are split."""
HEAD = "| folder | what lives there |\n|---|---|\n"


def layers() -> list[str]:
    """The folders of `syncer/`, lowest first, as import-linter has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (inside,) = [one for one in contracts if one.get("containers") == ["syncer"]]
    names = [name.strip() for layer in reversed(inside["layers"]) for name in layer.split("|")]
    return [name for name in names if (ROOT / "syncer" / name).is_dir()]


def folders() -> list[str]:
    found = ["config", *sorted(str(one.parent.relative_to(ROOT)) for one in ROOT.glob("config/*/__init__.py"))]
    found += ["connectors", *sorted(str(one.parent.relative_to(ROOT)) for one in ROOT.glob("connectors/*/__init__.py"))]
    return [*found, "syncer", *(f"syncer/{name}" for name in layers())]


def table() -> str:
    rows = []
    for folder in folders():
        docstring = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text("utf-8"))) or ""
        rows.append(f"| `{folder}/` | {docstring.splitlines()[0]} |\n")
    return HEAD + "".join(rows)


def test_the_table_is_made_of_the_folders_docstrings() -> None:
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(HEAD)
    after = rest[rest.index("\n\n") + 1 :] if not rest.startswith("\n") else rest
    fresh = before + table() + after
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        PAGE.write_text(fresh, "utf-8")
    assert PAGE.read_text("utf-8") == fresh


def test_every_folder_of_syncer_has_its_place() -> None:
    there = {one.parent.name for one in (ROOT / "syncer").glob("*/__init__.py")}
    assert there == set(layers())


def test_no_module_is_longer_than_300_lines() -> None:
    modules = [one for name in ("config", "connectors", "syncer") for one in (ROOT / name).rglob("*.py")]
    lengths = {str(one.relative_to(ROOT)): len(one.read_text("utf-8").splitlines()) for one in modules}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
