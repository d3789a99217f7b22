"""The config's reference page is the models', and its example loads."""

import os
import re
from pathlib import Path

import pytest
import yaml

from config.loading.loader import load_config
from config.models import KNOWN_OPTIONS, Workspace
from config_page import reference_page
from connectors import registry

DOCS = Path(__file__).resolve().parent.parent / "docs"
EXAMPLE = DOCS / "example.yaml"


def test_the_page_is_made_from_the_models() -> None:
    fresh = reference_page(EXAMPLE.read_text("utf-8"))
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        (DOCS / "configuration.md").write_text(fresh, "utf-8")
    assert (DOCS / "configuration.md").read_text("utf-8") == fresh, "OKRSYNC_GOLDEN=write pytest writes it anew"


def test_every_option_has_a_row() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    rows = {"type", *re.findall(r"^- `(\w+)` \(", page, re.MULTILINE)}
    assert rows | set(re.findall(r"^## `(\w+)`$", page, re.MULTILINE)) >= KNOWN_OPTIONS


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]+)\)", page)
    assert links
    assert set(links) <= anchors


def test_the_example_loads_and_has_every_top_level_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = EXAMPLE.read_text("utf-8")
    for name in re.findall(r"\$(\w+)", text):
        monkeypatch.setenv(name, "x" * 9)
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "sales.yaml").write_text("objectives: {O2: {title: More}}\n", "utf-8")
    (tmp_path / "okrsync.yaml").write_text(text, "utf-8")
    assert len(load_config(tmp_path / "okrsync.yaml", registry.tables).key_results) == 3
    assert set(yaml.safe_load(text)) == set(Workspace.model_fields)


def test_every_example_of_the_page_is_a_part_of_that_config() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    parts = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[1:]
    assert [next(iter(yaml.safe_load(part))) for part in parts] == list(Workspace.model_fields)
