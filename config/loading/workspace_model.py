"""A tree of texts as a workspace. What cannot be used is reported and left out, so that the rest is checked too."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from config.findings import Findings
from config.loading.model_problems import Fault, dotted, faults, meant, node_at
from config.loading.yaml_nodes import Node, joined
from config.models import Workspace

Steps = tuple[str | int, ...]

_ENTRIES = ("connections", "measures", "objectives", "key_results", "teams", "notify", "kpis", "cycles")
_LISTS = ("parts", "steps")
"""Options that say nothing without an entry; another option without a value is as good as not there."""
_STAND_INS: dict[str, Node] = {"cycle": "2026", "timezone": "UTC", "okr_sheet": {"file": "okrs.xlsx"}}
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A workspace without its faulty entries.

    `left_out` holds the steps to each of them, such as ("measures", "bugs"): their names are known, their contents
    are not. `workspace` is None where nothing could be made of the tree.
    """

    workspace: Workspace | None
    left_out: frozenset[Steps]

    def lacks(self, *steps: str) -> bool:
        """Whether this entry, or all around it, was left out."""
        return any(steps[: length + 1] in self.left_out for length in range(len(steps)))

    def names_left_out(self, section: str) -> frozenset[str]:
        """The names of the entries of a section that were left out, wherever the section stands."""
        return frozenset(str(steps[-1]) for steps in self.left_out if len(steps) > 1 and steps[-2] == section)


def draft_workspace(root: dict[str, Node], findings: Findings) -> Draft:
    """Validate the tree; report every fault once; leave out as little as possible."""
    emptied: set[str] = set()
    stated = _without_empties(root, (), emptied)
    left_out: set[Steps] = set()
    reported = {problem.path for problem in findings.problems if problem.path}
    for _ in range(_MOST_ROUNDS):
        try:
            return Draft(Workspace.model_validate(stated), frozenset(left_out))
        except ValidationError as error:
            for fault in list(faults(error, stated, frozenset(emptied))):
                if fault.path not in reported:
                    findings.add(fault.path, fault.message)
                    reported.add(fault.path)
                _repair(stated, fault, left_out)
    return Draft(None, frozenset(left_out))


def _without_empties(root: dict[str, Node], steps: Steps, emptied: set[str]) -> dict[str, Node]:
    """A copy in which a key without a value is not there; an entry without one is there and states nothing."""
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


def _repair(stated: dict[str, Node], fault: Fault, left_out: set[Steps]) -> None:
    if fault.kind == "extra_forbidden":
        _rename(stated, fault.steps)
        return
    steps = _smallest_entry(fault.steps)
    around = node_at(steps[:-1], stated)
    if not isinstance(around, dict):
        return
    left_out.add(steps)
    around.pop(str(steps[-1]), None)
    if len(steps) == 1 and steps[0] in _STAND_INS:
        around[str(steps[0])] = _STAND_INS[str(steps[0])]


def _rename(stated: dict[str, Node], steps: Steps) -> None:
    """Take an unknown option for the one that was meant, so that it is not called missing as well."""
    around, name = node_at(steps[:-1], stated), str(steps[-1])
    if isinstance(around, dict) and name in around:
        known = meant(steps, stated)
        node = around.pop(name)
        if known is not None and node is not None:
            around.setdefault(known, node)


def _smallest_entry(steps: Sequence[str | int]) -> Steps:
    """What to leave out for a fault: a key result, a measure, a field of an objective, or a whole option."""
    if steps[0] == "objectives" and len(steps) > 1:
        length = 4 if len(steps) > 3 and steps[2] == "key_results" else 3  # noqa: PLR2004 - objectives.O1.key_results.KR1
    else:
        length = 2 if steps[0] in _ENTRIES else 1
    return tuple(steps[:length])
