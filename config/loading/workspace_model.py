"""Validate a tree of texts as a workspace."""

from pydantic import ValidationError

from config.checks.measures import TableLookup
from config.connections import CONNECTION_TYPES, type_names
from config.findings import Findings
from config.loading.model_problems import dotted, faults
from config.loading.yaml_nodes import Node, joined
from config.measure_models import QUERY_KEYS
from config.models import Workspace
from config.suggest import nearest

Steps = tuple[str | int, ...]

_ENTRIES = ("connections", "measures", "objectives", "key_results", "teams", "notify", "kpis", "cycles")
_LISTS = ("parts", "steps")
"""Options that are errors when empty; any other option without a value is treated as left out."""


def validate_workspace(root: dict[str, Node], tables: TableLookup, findings: Findings) -> Workspace | None:
    """Validate a tree as a Workspace; None where the models reject it, with every fault added to `findings` once."""
    emptied: set[str] = set()
    stated = _without_empties(root, (), emptied)
    query_keys = _query_keys_of_packages(stated, tables)
    try:
        return Workspace.model_validate(stated, context={QUERY_KEYS: query_keys})
    except ValidationError as error:
        reported = {problem.path for problem in findings.problems if problem.path}
        for path, message in faults(error, stated, frozenset(emptied), query_keys):
            if path not in reported:
                findings.add(path, message)
        return None


def _query_keys_of_packages(root: dict[str, Node], tables: TableLookup) -> frozenset[str]:
    """Return the query keys of tables from other packages, for the connection types that the config uses."""
    connections = root.get("connections")
    stated = connections.values() if isinstance(connections, dict) else ()
    kinds = {kind for one in stated if isinstance(one, dict) and isinstance(kind := one.get("type"), str)}
    meant = {nearest(kind, type_names()) for kind in kinds - CONNECTION_TYPES.keys()}  # a typing error is told once
    foreign = [kind for kind in meant if kind and kind not in CONNECTION_TYPES]
    return frozenset(key.name for kind in foreign for table in tables(kind, None).values() for key in table.query)


def _without_empties(root: dict[str, Node], steps: Steps, emptied: set[str]) -> dict[str, Node]:
    """Copy a tree without keys that have no value; entries without a value become entries without options."""
    kept: dict[str, Node] = {}
    for key, node in root.items():
        if node is None and key in _LISTS:
            kept[key] = []
        elif node is None and not _holds_entries(steps):
            emptied.add(joined(dotted(steps), key))
        else:
            kept[key] = _copied(node if node is not None else {}, (*steps, key), emptied)
    return kept


def _copied(node: Node, steps: Steps, emptied: set[str]) -> Node:
    if isinstance(node, dict):
        return _without_empties(node, steps, emptied)
    if isinstance(node, list):
        return [_copied(item, (*steps, number), emptied) for number, item in enumerate(node)]
    return node


def _holds_entries(steps: Steps) -> bool:
    return (len(steps) == 1 and steps[0] in _ENTRIES) or (len(steps) == 3 and steps[2] == "key_results")  # noqa: PLR2004
