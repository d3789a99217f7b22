import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from config.models import KNOWN_OPTIONS
from config_schema import workspace_schema, write_schema
from config_workspaces import EXAMPLE, HEAD

DOCS = Path(__file__).parent.parent / "docs" / "okrsync.schema.json"
VALIDATOR = Draft202012Validator(workspace_schema())


def faults(text: str) -> list[str]:
    """What an editor, which reads YAML with types, underlines."""
    return [f"{error.json_path}: {error.message[:60]}" for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def test_it_is_a_schema() -> None:
    assert list(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(workspace_schema())) == []


def test_the_file_in_docs_is_up_to_date(tmp_path: Path) -> None:
    write_schema(tmp_path / "schema.json")
    fresh = (tmp_path / "schema.json").read_text("utf-8")
    assert DOCS.read_text("utf-8") == fresh, (
        "write it anew: config_schema.write_schema(Path('docs/okrsync.schema.json'))"
    )
    assert json.loads(fresh) == workspace_schema()


def test_the_designs_example_validates() -> None:
    assert faults(EXAMPLE) == []


@pytest.mark.parametrize(
    "added",
    [
        "key_results:\n  KR1: {target: 8, baseline: 1.5, title: 2026, weight: 2, partial: true, owner: 12}\n",
        "key_results:\n  KR1:\n    measure: {from: jira.issues, jql: x, value: count(*), header_row: 3}\n",
        "key_results:\n  KR1:\n    parts: [{measure: bugs, target: 10}]\n    target:\n",
        "key_results:\n  KR1:\nteams:\n  core:\nobjectives:\n  O1:\n",
        "safety: {max_drop: 0.25, max_rise: 50pp, min_rows: 3}\ninclude: teams/*.yaml\n",
        "include: [a.yaml, b.yaml]\nledger: x.db\n",
        "kpis:\n  k:\n    measure: {from: pushed}\n",
    ],
)
def test_numbers_may_be_numbers_and_options_may_stand_empty(added: str) -> None:
    assert faults(HEAD + added) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (HEAD + "okr_shet: x\n", "$"),
        (HEAD + "language: zh\n", "$.language"),
        (HEAD + "kpis:\n  k:\n    measure: {from: files.rows, path: x.csv}\n", "$.kpis.k"),
        (HEAD + "key_results:\n  KR1: {kind: increse}\n", "$.key_results.KR1"),
        (HEAD + "key_results:\n  KR 1: {}\n", "$.key_results"),
        (HEAD.replace("cycle: 2026-Q4\n", ""), "$"),
        (HEAD.replace("cycle: 2026-Q4", "cycle: {name: x}"), "$.cycle"),
        (HEAD.replace("    url: https://acme.atlassian.net\n", ""), "$.connections.jira"),
    ],
)
def test_editors_underline_what_is_wrong(text: str, place: str) -> None:
    assert [fault.partition(": ")[0] for fault in faults(text)] == [place]


def test_every_option_is_described() -> None:
    schema = workspace_schema()
    models = [schema, *schema["$defs"].values()]
    described = {
        name
        for model in models
        for name, option in model["properties"].items()
        if option.keys() & {"description", "$ref"}
    }
    assert described - {"type"} == KNOWN_OPTIONS - {"type"}
