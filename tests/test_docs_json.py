"""docs/json.md is made of the schemas and the demo; its examples validate."""

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
from json_page import PAGE, RUN, SECTIONS, page

FREE = ("values", "cells")
"""Objects whose keys are a rule's, or the sheet's columns."""


def test_the_page_is_up_to_date(shell: Shell) -> None:
    def run(command: tuple[str, ...]) -> Any:
        text = re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", RUN, shell.run(*command, "--format", "json").out)
        return json.loads(re.sub(r"http://127\.0\.0\.1:\d+", "https://acme.example", text))

    with demo_workspace(shell.folder):
        text = page(run)
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        PAGE.write_text(text, "utf-8")
    assert PAGE.read_text("utf-8") == text, "write it anew: OKRSYNC_GOLDEN=write pytest tests/test_docs_json.py"


def test_it_has_an_example_of_each() -> None:
    assert {schema for schema, _ in examples()} == set(schemas()) - {"plan", "common"}
    assert len(list(examples())) == len(SECTIONS) + 1


def examples() -> Iterator[tuple[str, Any]]:
    """The schema and the JSON of each example."""
    for part in re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE):
        for example in re.findall(r"```json\n(.*?)```", part, re.DOTALL):
            [schema] = re.findall(r"Schema: \[([\w-]+)\.", part)
            yield schema, json.loads(example)


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


@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_its_examples_validate_and_no_key_more_would(schema: str, example: Any) -> None:
    assert faults(schema, example) == []
    for changed in with_one_key_more(example):
        assert faults(schema, changed), changed


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
