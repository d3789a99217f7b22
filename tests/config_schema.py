"""JSON Schema (2020-12) of the config, for completion and checks in editors."""

import json
from pathlib import Path
from typing import Any

from config.models import Workspace

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT_OR_OPTIONS = {f"#/$defs/{name}" for name in ("GitHubField", "JiraField", "Over", "Pace")}
"""References to models that may also be written as one text."""


def workspace_schema() -> dict[str, Any]:
    """Generate the JSON Schema of a config file from the models. Deterministic."""
    schema: dict[str, Any] = _for_editors(Workspace.model_json_schema())
    return {"$schema": DIALECT, **schema, "title": "okrsync workspace"}


def write_schema(path: Path) -> None:
    """Write the schema to `path`, as UTF-8 with sorted keys. Raises OSError."""
    path.write_text(json.dumps(workspace_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def _for_editors(node: Any) -> Any:
    """Adapt a schema to editors, which read YAML with types: accept numbers as texts, and entries without options."""
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
