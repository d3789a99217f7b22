"""Advice for a config that is checked alone but uses connections of a fleet."""

import os
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from pathlib import Path

from config.connections import BUILT_IN, FILES
from config.loading.workspace_files import shown
from config.loading.yaml_nodes import MAX_BYTES, parse_document
from config.message import Message
from config.models import Measure, Workspace
from config.terms import FLEET_VARIABLE, MANIFEST_NAME


def advice_on_fleet(workspace: Workspace, measures: Collection[Measure], base_dir: Path) -> str:
    """Return how to run a config whose unknown connections a manifest above it declares; empty where none does."""
    used = {measure.connection for measure in measures} | {workspace.okr_sheet.connection or FILES}
    unknown = used - workspace.connections.keys() - {*BUILT_IN}
    for manifest in (folder / MANIFEST_NAME for folder in (base_dir, *base_dir.parents)):
        names = sorted(unknown & _connections(manifest)) if unknown else []
        if not names:
            continue
        place = shown(manifest)
        if os.environ.get(FLEET_VARIABLE):
            return Message(
                "{names}: declared in {manifest}. List this config under its `workspaces`.", names=names, manifest=place
            )
        setting = f"{FLEET_VARIABLE}={place}"
        return Message(
            "{names}: declared in {manifest}. Run the command with {setting}.",
            names=names,
            manifest=place,
            setting=setting,
        )
    return ""


def _connections(manifest: Path) -> AbstractSet[str]:
    try:
        with manifest.open("rb") as stream:
            stated = parse_document(stream.read(MAX_BYTES + 1), shown(manifest)).root.get("connections")
    except OSError:
        return frozenset()
    return stated.keys() if isinstance(stated, dict) else frozenset()
