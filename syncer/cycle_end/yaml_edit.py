"""Edit single entries of a YAML text and keep all other lines, including comments, unchanged. Pure.

Based on the positions of PyYAML's nodes. ruamel.yaml does not fit: its round trip changes indentation and spaces in
braces, joins folded lines and drops comments in braces.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import yaml

from config.loading.yaml_nodes import joined

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Entry(NamedTuple):
    """Entry of a path: its value, and the position of its key or its item's dash, from 0."""

    value: yaml.Node
    line: int
    column: int


class YamlText:
    """Editor of a YAML text with entries by dotted path. Edits are collected and applied by `text`."""

    def __init__(self, text: str, flows: Iterable[str] = ()) -> None:
        """Parse the text; `flows` are paths to be edited, converted to block style where they are in braces."""
        self._parse(text)
        self._spread({path[: dot.start()] for path in flows for dot in re.finditer(r"^|\.|$", path)})
        if self._edits:
            self._parse(self.text())

    def _parse(self, text: str) -> None:
        self._text = text
        self._lines = text.splitlines()
        self._edits: list[tuple[int, int, list[str]]] = []
        self._entries: dict[str, _Entry] = {}
        if root := yaml.compose(text, Loader=_LOADER):
            self._note("", _Entry(root, 0, 0))

    def _note(self, path: str, entry: _Entry) -> None:
        self._entries[path] = entry
        node = entry.value
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._note(joined(path, key.value), _Entry(value, key.start_mark.line, key.start_mark.column))
        elif isinstance(node, yaml.SequenceNode):
            dash = node.start_mark.column
            for number, item in enumerate(node.value, 1):
                line = item.start_mark.line
                while not node.flow_style and self._lines[line][dash : dash + 1] != "-":
                    line -= 1
                self._note(joined(path, str(number)), _Entry(item, line, dash))

    def _spread(self, paths: set[str]) -> None:
        """Convert entries with these paths from flow to block style, but not other collections within them."""
        found = [
            (entry, node)
            for path, entry in self._entries.items()
            if path in paths and isinstance(node := entry.value, yaml.CollectionNode) and node.flow_style and node.value
        ]
        for _, node in found:
            node.flow_style = False
        until = 0
        for entry, node in found:
            start, end = node.start_mark, node.end_mark
            if start.index < until:
                continue  # it was spread with the one around it
            until = end.index
            body = [*_comments(self._text[start.index : until]), *_block_lines(node)]
            head, tail = self._lines[start.line][: start.column], self._lines[end.line][end.column :]
            if head.strip(" -"):  # a key
                lines = [head.rstrip() + tail, *_indented(body, entry.column + 2)]
            else:
                lines = [head + body[0] + tail, *_indented(body[1:], start.column)]
            self._edits.append((start.line, end.line + 1, lines))

    def has(self, path: str) -> bool:
        """Whether the text has an entry at that path."""
        return path in self._entries

    def _extent(self, path: str) -> tuple[int, int, int]:
        """Return (first line, end, column) of an entry, half-open, including indented comments below it."""
        value, start, column = self._entries[path]
        end = max(_last_line(value), start) + 1
        while not self._lines[end - 1].strip():
            end -= 1
        for number in range(end, len(self._lines)):
            line = self._lines[number].lstrip(" ")
            if line and not line.startswith("#"):
                break
            if line and len(self._lines[number]) - len(line) > column:
                end = number + 1
        return start, end, column

    def replace(self, path: str, line: str) -> None:
        """Replace an entry by one line."""
        start, end, column = self._extent(path)
        self._edits.append((start, end, [self._lines[start][:column] + line]))

    def drop(self, path: str) -> None:
        """Remove an entry."""
        start, end, _ = self._extent(path)
        self._edits.append((start, end, []))

    def comment_out(self, path: str, note: str) -> None:
        """Turn an entry into comments below a note."""
        start, end, column = self._extent(path)
        head, first = self._lines[start][:column].rstrip(), self._lines[start][column:]
        more = [line[min(column, len(line) - len(line.lstrip())) :] for line in self._lines[start + 1 : end]]
        comments = _indented([f"# {line}".rstrip() for line in (note, first, *more)], column)
        self._edits.append((start, end, [head, *comments] if head else comments))

    def remove(self, path: str, note: str) -> None:
        """Replace an entry and the comments directly above it by a note."""
        start, end, column = self._extent(path)
        while start and self._lines[start - 1].startswith(" " * column + "#"):
            start -= 1
        self._edits.append((start, end, _indented([f"# {note}"], column)))

    def add(self, path: str, lines: list[str], *, below: str = "") -> None:
        """Add lines to a mapping, after the key `below` if it exists, else at the end."""
        value, _, column = self._entries[path]
        key = joined(path, below)
        _, end, _ = self._extent(key if self.has(key) else path)
        inside = value.start_mark.column if isinstance(value, yaml.MappingNode) else column + 2
        self._edits.append((end, end, _indented(lines, inside)))

    def text(self, head: Iterable[str] = ()) -> str:
        """Return the text with all edits, below the lines of `head`."""
        lines = list(self._lines)
        last_first = sorted(enumerate(self._edits), key=lambda edit: (-edit[1][0], -edit[1][1], -edit[0]))
        for _, (start, end, new) in last_first:
            lines[start:end] = new
        return "\n".join([*head, *lines]) + "\n"


def _comments(source: str) -> list[str]:
    """Return the comments inside a flow collection, which PyYAML ignores."""
    between = (source[one.end_mark.index : after.start_mark.index] for one, after in pairwise(yaml.scan(source)))
    return [comment for text in between for comment in re.findall("#.*", text)]


def _block_lines(node: yaml.Node) -> list[str]:
    return yaml.serialize(node, Dumper=yaml.SafeDumper, allow_unicode=True, width=10**6).splitlines()


def _last_line(node: yaml.Node) -> int:
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.line) - (not node.end_mark.column)


def _indented(lines: Iterable[str], column: int) -> list[str]:
    return [" " * column + line for line in lines]
