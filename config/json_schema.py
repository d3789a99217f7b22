"""The config language as a JSON Schema (2020-12), so that editors complete and check it while people type."""

import json
from pathlib import Path
from typing import Any

from config.models import Workspace

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT_OR_OPTIONS = {f"#/$defs/{name}" for name in ("JiraField", "Over", "Pace")}
"""Models for which one text may stand."""


def workspace_schema() -> dict[str, Any]:
    """The schema of a config file, made from the models. Deterministic."""
    schema: dict[str, Any] = _for_editors(Workspace.model_json_schema())
    return {"$schema": DIALECT, **schema, "title": "okrsync workspace"}


def write_schema(path: Path) -> None:
    """Write the schema as the file that editors are pointed to."""
    path.write_text(json.dumps(workspace_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def _for_editors(node: Any) -> Any:
    """Editors read YAML with types: a text may look like a number to them, and an option may stand empty."""
    if isinstance(node, list):
        return [_for_editors(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _for_editors(item) for key, item in node.items() if key not in ("discriminator", "default")}
    if kept.get("$ref") in _TEXT_OR_OPTIONS:
        return {"anyOf": [{"type": "string"}, kept]}
    if isinstance(kept.get("title"), str):
        del kept["title"]
    if kept.get("type") == "string" and not {"enum", "const"} & kept.keys():
        kept["type"] = ["string", "number"]
    if "patternProperties" in kept:
        kept["patternProperties"] = {name: _or_empty(entry) for name, entry in kept["patternProperties"].items()}
        kept["additionalProperties"] = False
    elif isinstance(kept.get("additionalProperties"), dict):
        kept["additionalProperties"] = _or_empty(kept["additionalProperties"])
    return kept


def _or_empty(entry: Any) -> Any:
    return {"anyOf": [entry, {"type": "null"}]}
