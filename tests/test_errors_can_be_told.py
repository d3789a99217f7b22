"""Whatever an error says can be said in the workspace's language, because none of it is put together beforehand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogues import PARTS, ROOT, is_error

_WORDS = re.compile(r"[a-z]{2,}")
_CODE = re.compile(r"`[^`]*`")
_PROBLEMS = ("ValueError", "GoalError", "ExpressionError", "Problem", "MisfitError")
_REPORTS = ("add", "report")
SOURCES = [
    path
    for package in ("config", "connectors", "syncer")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "sandbox" not in path.parts and path.parent != ROOT / "syncer" / "method"
]


def texts_of_errors(tree: ast.Module) -> Iterator[ast.expr]:
    """What stands where an error, or a problem of a config, is told."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg=name, value=value) if name in PARTS:
                yield value
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in PARTS:
                yield value
        if is_error(node):
            yield from node.args
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in _PROBLEMS or (name in _REPORTS and len(node.args) > 1):
                yield from node.args[-1:]


def put_together(tree: ast.Module) -> list[int]:
    """The lines of errors' texts with words and values in one string, which nobody can translate any more."""
    found = []
    for text in texts_of_errors(tree):
        for part in (text.body, text.orelse) if isinstance(text, ast.IfExp) else (text,):
            if isinstance(part, ast.JoinedStr):
                words = "".join(str(each.value) for each in part.values if isinstance(each, ast.Constant))
                if _WORDS.search(_CODE.sub("", words)):
                    found.append(part.lineno)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_error_is_put_together(path: Path) -> None:
    lines = put_together(ast.parse(path.read_text("utf-8")))
    assert not lines, f"write Message('... {{name}} ...', name=name) in {path.relative_to(ROOT)}, lines {lines}"


@pytest.mark.parametrize(
    "code",
    [
        'raise SourceError("reading", f"there is no {name}")',
        'raise SheetError("reading", "nothing", advice=f"Look at {place}.")',
        'saw = f"{count} rows were received"',
        'findings.add(path, f"unknown team {name}")',
        'raise ValueError(f"{text} is not a date")',
    ],
)
def test_it_would_be_found(code: str) -> None:
    assert put_together(ast.parse(code)) == [1]


def test_what_holds_no_words_needs_none() -> None:
    assert not put_together(ast.parse('saw = f"{kind}: {exc}"\nraise SourceError(f"GET {path}", f"HTTP {status}")'))
