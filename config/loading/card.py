"""The head of a config: id, name, cycle and ledger, read without the rest, so that hundreds are read in a second."""

import re
from collections.abc import Mapping
from pathlib import Path

from config.cycles import parse_cycle
from config.dataclass import dataclass
from config.errors import ConfigError, Problem
from config.grants import Grants
from config.identity import OWN_LEDGER
from config.loading.workspace_files import shown
from config.loading.yaml_nodes import MAX_BYTES, Node, parse_document
from config.message import Message

_KEYS = re.compile(rb"^[\"']?(?:workspace|cycle|ledger)[\"']?:.*\n?(?:(?:[ \t].*)?(?:#.*)?\n)*", re.MULTILINE)
"""A top-level key with its value: its line, and those below it that are indented, empty or comments."""


@dataclass(frozen=True, slots=True)
class Card:
    """What identifies a workspace, and where its ledger is. `cycle` is a name; `grants` are those of a fleet."""

    file: Path
    id: str
    name: str
    cycle: str
    ledger: str
    grants: Grants | None = None


def read_card(file: Path, grants: Grants | None = None) -> Card:
    """Read the head of a config, whatever is wrong with the rest. Raises ConfigError where it names no id or cycle."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES).replace(b"\r\n", b"\n")
    except OSError as exc:
        raise _error(file, Message("cannot be read ({kind})", kind=type(exc).__name__)) from exc
    root = parse_document(b"".join(_KEYS.findall(data)), shown(file)).root
    stated = root.get("workspace")
    identity = stated if isinstance(stated, dict) else {}
    key, cycle = _text(identity.get("id")), _cycle(root.get("cycle"))
    if not key or not cycle:
        raise _error(file, Message("has no workspace id, or no cycle"))
    return Card(file, key, _text(identity.get("name")) or key, cycle, _text(root.get("ledger")) or OWN_LEDGER, grants)


def _cycle(node: Node) -> str:
    """Return the cycle's name; a name that gives no days is one of `cycles`."""
    if isinstance(node, Mapping):
        return _text(node.get("name"))
    try:
        return parse_cycle(node).name
    except ValueError:
        return _text(node)


def _text(node: Node) -> str:
    return node.strip() if isinstance(node, str) else ""


def _error(file: Path, saw: str) -> ConfigError:
    advice = Message("`okrsync check -c {file}` says what is wrong with it.", file=shown(file))
    return ConfigError([Problem(shown(file), 0, "", saw)], advice=advice)
