"""docs/json.md and its examples are made of the schemas and the demo; the examples validate."""

import json
import os
import re
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from command_kit import Shell
from config.languages import Language
from demo_kit import demo_workspace
from json_kit import faults, schemas
from json_page import ERROR, EXAMPLES, PAGE, RUN, SECTIONS, Section, examples, file_of, page

FREE = ("values", "cells")
"""Objects whose keys are a rule's, or the sheet's columns."""


def test_the_page_is_up_to_date(shell: Shell) -> None:
    def run(command: tuple[str, ...]) -> Any:
        if command[0] == "record":
            config = Path("okrsync.yaml")
            config.write_text(
                config.read_text("utf-8").replace("measures:\n", "measures:\n  nps: {from: pushed}\n"), "utf-8"
            )
        text = re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", RUN, shell.run(*command, "--format", "json").out)
        return json.loads(re.sub(r"http://127\.0\.0\.1:\d+", "https://acme.example", text))

    with demo_workspace(shell.folder):
        found = examples(run)
    wanted = {PAGE: page(found), **{EXAMPLES / name: _dumped(example) for name, example in found.items()}}
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        EXAMPLES.mkdir(exist_ok=True)
        for path, text in wanted.items():
            path.write_text(text, "utf-8")
    written = {path: path.read_text("utf-8") for path in (PAGE, *EXAMPLES.glob("*.json"))}
    assert written == wanted, "write them again: OKRSYNC_GOLDEN=write pytest tests/test_docs_json.py"


def _dumped(data: Any) -> str:
    return f"{json.dumps(data, ensure_ascii=False, indent=2)}\n"


def test_each_schema_has_an_example() -> None:
    assert {section.schema for section in (ERROR, *SECTIONS)} == set(schemas()) - {"plan", "common"}


def with_one_key_more(data: Any) -> Iterator[Any]:
    """The same, each time with a key that nobody documents in another of its objects."""
    if isinstance(data, dict):
        yield {**data, "undocumented": 1}
    pairs = list(data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ())
    for place, value in pairs:
        for changed in with_one_key_more(value) if place not in FREE else ():
            again = copy(data)
            again[place] = changed
            yield again


@pytest.mark.parametrize("section", [ERROR, *SECTIONS], ids=file_of)
def test_the_examples_validate_and_no_key_more_would(section: Section) -> None:
    example = json.loads((EXAMPLES / file_of(section)).read_text("utf-8"))
    assert faults(section.schema, example) == []
    for changed in with_one_key_more(example):
        assert faults(section.schema, changed), changed


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_demo_validates(shell: Shell, language: Language) -> None:
    with demo_workspace(shell.folder, language):
        for command in ("check", "sources", "dry-run", "sync", "status", "history", "report", "lint", "close", "undo"):
            assert faults(command, json.loads(shell.run(command, "--format", "json").out)) == []
        Path("okrsync.yaml").write_text(
            Path("okrsync.yaml").read_text("utf-8").replace("okr_sheet:", "okr_sheet:\n  history_tab: Weeks"), "utf-8"
        )
        plan = json.loads(shell.run("dry-run", "--format", "json").out)
    assert faults("dry-run", plan) == []
    assert plan["history"]
