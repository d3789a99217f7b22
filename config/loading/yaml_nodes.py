"""Parse YAML as a tree of texts with line numbers: a subset without types, tags, anchors and aliases."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

import yaml

from config.dataclass import dataclass
from config.errors import Problem
from config.findings import Place
from config.loading import yaml_faults
from config.message import Message

Node = dict[str, "Node"] | list["Node"] | str | None
"""A mapping, a list, a text, or None for an empty value. Numbers and booleans are texts."""

MAX_BYTES = 5_000_000
_MAX_DEPTH = 32
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file: its tree, the place of each dotted path (items count from 1: `parts.2`), and its problems.

    `readable` is False when the text is no YAML; `root` is empty then.
    """

    root: dict[str, Node]
    places: Mapping[str, Place]
    problems: tuple[Problem, ...] = ()
    readable: bool = True


def joined(path: str, step: str) -> str:
    """Append a step to a dotted path."""
    return f"{path}.{step}" if path else step


def parse_document(data: bytes, file: str) -> Document:
    """Parse the bytes of a file (UTF-8, at most MAX_BYTES). Never raises: all faults are in `problems`."""
    try:
        text = _decode(data)
        return _build(text, file)
    except yaml_faults.FaultyTextError as exc:
        return Document({}, {}, (Problem(file, exc.line, "", str(exc)),), readable=False)


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise yaml_faults.FaultyTextError(Message("is larger than 5 MB; no config is"), 0)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise yaml_faults.FaultyTextError(
            Message("is not UTF-8 from this line on; save the file as UTF-8"), line
        ) from exc
    if found := _UNPRINTABLE.search(text):
        line = len(_LINE_BREAK.findall(text, 0, found.start())) + 1
        raise yaml_faults.FaultyTextError(
            Message("holds a control character (U+{code:04X}); remove it", code=ord(found[0])), line
        )
    return text


@dataclass(slots=True)
class _Open:
    """A mapping or list that is not closed yet. `key` is the event of the key whose value comes next, at `key_path`."""

    path: str
    node: dict[str, Node] | list[Node]
    flow: bool
    key: Any = None
    key_path: str = ""
    count: int = 0


@dataclass(slots=True)
class _Builder:
    file: str
    lines: list[str]
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    roots: list[Node] = field(default_factory=list)

    def report(self, mark: Any, path: str, message: str) -> None:
        self.problems.append(Problem(self.file, mark.line + 1, path, message))

    def note(self, path: str, mark: Any) -> None:
        self.places.setdefault(path, Place(self.file, mark.line + 1, mark.column + 1))

    def take(self, events: Iterable[Any]) -> None:
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                top = self.stack[-1] if self.stack else None
                if top is not None and top.key is None and isinstance(top.node, dict):
                    self.take_key(top, event)
                else:
                    self.take_value(top, event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and self.roots:
                message = Message("a second document begins here; a config is one, without ---")
                self.report(event.start_mark, "", message)
                return

    def take_key(self, top: _Open, event: Any) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise yaml_faults.FaultyTextError(yaml_faults.NO_KEY, event.start_mark.line + 1)
        top.key, top.key_path = event, joined(top.path, event.value)
        for message in yaml_faults.of_key(event, self.lines):
            self.report(event.start_mark, top.key_path, message)
        if isinstance(top.node, dict) and event.value in top.node:
            message = Message("appears more than once; first on line {first}", first=self.places[top.key_path].line)
            self.report(event.start_mark, top.key_path, message)
        self.note(top.key_path, event.start_mark)

    def take_value(self, top: _Open | None, event: Any) -> None:
        mark, path = event.start_mark, self.next_path(top, event)
        for message in yaml_faults.of_event(event):
            self.report(mark, path, message)
        if isinstance(event, yaml.ScalarEvent):
            self.add(top, self.text(event, top, path))
        elif isinstance(event, yaml.CollectionStartEvent):
            node: dict[str, Node] | list[Node] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.add(top, node)
            self.stack.append(_Open(path, node, bool(event.flow_style)))
            if len(self.stack) > _MAX_DEPTH:
                raise yaml_faults.FaultyTextError(Message("is nested too deeply"), mark.line + 1)
        else:
            self.add(top, None)

    def next_path(self, top: _Open | None, event: Any) -> str:
        if top is None or isinstance(top.node, dict):
            return top.key_path if top else ""
        top.count += 1
        path = joined(top.path, str(top.count))
        self.note(path, event.start_mark)
        return path

    def text(self, event: Any, top: _Open | None, path: str) -> str | None:
        if not event.style:
            key = top.key if top else None
            flow = top.path.rpartition(".")[2] if top and top.flow and key is not None else None
            for message in yaml_faults.of_plain(key, event, self.lines, flow=flow, path=path):
                self.report(event.start_mark, path, message)
        return str(event.value) if event.style or event.value else None

    def add(self, top: _Open | None, node: Node) -> None:
        if top is None:
            self.roots.append(node)
        elif isinstance(top.node, list):
            top.node.append(node)
        else:
            top.node.setdefault(top.key.value, node)
            top.key = None


def _build(text: str, file: str) -> Document:
    lines = _LINE_BREAK.split(text)
    builder = _Builder(file, lines)
    try:
        builder.take(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as exc:
        raise yaml_faults.of_syntax(exc, lines) from None
    root = builder.roots[0] if builder.roots else None
    if not isinstance(root, dict):
        seen = Message("is empty") if root is None else Message("is not a config: it has no options")
        builder.problems.append(
            Problem(file, 0, "", Message("{seen}; it begins with a line such as `cycle: 2026-Q4`", seen=seen))
        )
        root = {}
    return Document(root, builder.places, tuple(builder.problems))
