"""docs/json.md is made of the schemas and the demo; its examples validate."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from command_kit import Shell
from demo_kit import demo_workspace
from json_kit import faults
from json_page import PAGE, SECTIONS, page


def test_the_page_is_up_to_date(shell: Shell) -> None:
    def run(command: tuple[str, ...]) -> Any:
        return json.loads(shell.run(*command, "--format", "json").out)

    with demo_workspace(shell.folder):
        text = page(run)
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        PAGE.write_text(text, "utf-8")
    assert PAGE.read_text("utf-8") == text, "write it anew: OKRSYNC_GOLDEN=write pytest tests/test_docs_json.py"


def test_its_examples_validate() -> None:
    parts = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    shown = [part for part in parts if "```json" in part]
    assert len(shown) == len(SECTIONS) + 1
    for part in shown:
        [schema], [example] = (
            re.findall(r"Schema: \[([\w-]+)\.", part),
            re.findall(r"```json\n(.*?)```", part, re.DOTALL),
        )
        assert faults(schema, json.loads(example)) == [], part[:40]


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_demo_validates(shell: Shell, language: Any) -> None:
    with demo_workspace(shell.folder, language):
        for command in ("dry-run", "sync", "status", "report", "lint", "close"):
            assert faults(command, json.loads(shell.run(command, "--format", "json").out)) == []
        Path("okrsync.yaml").write_text(
            Path("okrsync.yaml").read_text("utf-8").replace("okr_sheet:", "okr_sheet:\n  history_tab: Weeks"), "utf-8"
        )
        plan = json.loads(shell.run("dry-run", "--format", "json").out)
    assert faults("dry-run", plan) == []
    assert plan["history"]
