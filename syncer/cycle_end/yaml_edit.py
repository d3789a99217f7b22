"""Changes single entries of a YAML text and leaves every other line, comments included, as it was. Pure."""

import re
from collections.abc import Iterable, Mapping

import yaml

from config.loading.yaml_nodes import Node, parse_document
from config.places import Place

_VALUE = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^'"\s#:][^:]*?)\s*:\s+(?P<value>\S.*)?$""")


class _PlainDumper(yaml.SafeDumper):
    """Every scalar is a text, written without quotes wherever YAML can tell it from its surroundings."""

    yaml_implicit_resolvers: dict[str, object] = {}  # noqa: RUF012 - the name is the library's

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's signature
        return True


_PlainDumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))


class YamlText:
    """A YAML file as lines, and where each dotted path stands. Edits are collected and applied by `text`."""

    def __init__(self, text: str, file: str, flows: Iterable[str] = ()) -> None:
        """`flows` are paths whose entries will be edited: where they stand in braces, they are spread over lines."""
        self.file = file
        self._parse(text)
        self._spread(frozenset(flows))
        self._edits: list[tuple[int, int, list[str]]] = []

    def _parse(self, text: str) -> None:
        document = parse_document(text.encode(), self.file)
        self.root: dict[str, Node] = document.root
        self.places: Mapping[str, Place] = document.places
        self.lines = text.splitlines()

    def _spread(self, paths: frozenset[str]) -> None:
        while flow := next((path for path in self.places if self._in_braces(path) and _touches(path, paths)), None):
            start, end = self.extent(flow)
            head, column = self._head(flow)
            node = self._node(flow)
            dumped = yaml.dump(node, Dumper=_PlainDumper, allow_unicode=True, sort_keys=False, width=10_000)
            body = dumped.splitlines()
            if flow.rpartition(".")[2].isdecimal() and head.endswith("- "):
                lines = [head + body[0], *(" " * column + line for line in body[1:])]
            else:
                lines = [head.rstrip(), *(" " * (column + 2) + line for line in body)]
            self._parse("\n".join([*self.lines[:start], *lines, *self.lines[end:]]) + "\n")

    def _in_braces(self, path: str) -> bool:
        node = self._node(path)
        nested = isinstance(node, dict) or (isinstance(node, list) and any(isinstance(item, dict) for item in node))
        place = self.places[path]
        line = self.lines[place.line - 1][place.column - 1 :]
        if not nested or line.startswith("- "):
            return False
        if line.startswith(("{", "[")):
            return True
        match = _VALUE.match(line)
        return match is not None and (match["value"] or "").startswith(("{", "["))

    def _head(self, path: str) -> tuple[str, int]:
        """What stays of the first line of an entry that is spread, and its column."""
        place = self.places[path]
        line, column = self.lines[place.line - 1], place.column - 1
        if line[column:].startswith(("{", "[")):
            return line[:column], column
        match = _VALUE.match(line[column:])
        assert match is not None  # noqa: S101 - it was found in braces by the same pattern
        return line[: column + match.start("value")], column

    def _node(self, path: str) -> Node:
        node: Node = self.root
        rest = path
        while rest:
            if isinstance(node, list):
                step, _, rest = rest.partition(".")
                node = node[int(step) - 1]
            elif isinstance(node, dict):
                step = max((key for key in node if rest == key or rest.startswith(f"{key}.")), key=len)
                node, rest = node[step], rest[len(step) + 1 :]
            else:
                return None
        return node

    def has(self, path: str) -> bool:
        """Whether the file states it."""
        return path in self.places

    def column(self, path: str) -> int:
        """Where its key stands, or the dash of an item, counted from 0."""
        place = self.places[path]
        before = self.lines[place.line - 1][: place.column - 1].rstrip()
        if path.rpartition(".")[2].isdecimal() and before.endswith("-"):
            return len(before) - 1
        return place.column - 1

    def inner_column(self, path: str) -> int:
        """Where the keys below it stand, or would stand."""
        below = [self.places[one].column - 1 for one in self.places if one.startswith(f"{path}.")]
        return min(below, default=self.column(path) + 2)

    def extent(self, path: str) -> tuple[int, int]:
        """Its lines, half-open, counted from 0; comments below it belong to it where they are set deeper."""
        place = self.places[path]
        column, end = self.column(path), place.line
        dashes = self.lines[place.line - 1][column:].startswith("-")
        index = end
        while index < len(self.lines):
            line = self.lines[index]
            bare = line.lstrip(" ")
            here = len(line) - len(bare)
            if bare and not bare.startswith("#"):
                if here < column or (here == column and (dashes or not bare.startswith("-"))):
                    break
                end = index + 1
            elif bare and here > column:
                end = index + 1
            index += 1
        return place.line - 1, end

    def replace(self, path: str, line: str) -> None:
        """Put one line in its place."""
        start, end = self.extent(path)
        self._edits.append((start, end, [self.lines[start][: self.column(path)] + line]))

    def comment_out(self, path: str, note: str) -> None:
        """Keep it as comments below a note."""
        start, end = self.extent(path)
        column = self.column(path)
        first = self.lines[start][:column].rstrip()
        indent = " " * column
        kept = [f"{indent}# {line[column:]}".rstrip() for line in self.lines[start:end]]
        dash = [first] if first.endswith("-") else []
        self._edits.append((start, end, [*dash, f"{indent}# {note}", *kept]))

    def remove(self, path: str, note: str = "") -> None:
        """Take it away, with the comments right above it; a note stays."""
        start, end = self.extent(path)
        indent = " " * self.column(path)
        while start and self.lines[start - 1].startswith(f"{indent}#"):
            start -= 1
        self._edits.append((start, end, [f"{indent}# {note}"] if note else []))

    def add_below(self, path: str, lines: Iterable[str], column: int) -> None:
        """Add lines after it."""
        _, end = self.extent(path)
        self._edits.append((end, end, [" " * column + line for line in lines]))

    def add_inside(self, path: str, lines: Iterable[str], column: int) -> None:
        """Add lines right below its key."""
        start = self.places[path].line
        self._edits.append((start, start, [" " * column + line for line in lines]))

    def text(self, head: Iterable[str] = ()) -> str:
        """The text with all edits, below the lines of `head`."""
        lines = list(self.lines)
        last_first = sorted(enumerate(self._edits), key=lambda edit: (-edit[1][0], -edit[1][1], -edit[0]))
        for _, (start, end, new) in last_first:
            lines[start:end] = new
        return "\n".join([*head, *lines]) + "\n"


def _touches(path: str, paths: frozenset[str]) -> bool:
    """Whether one of the paths is this one or lies below it."""
    return any(path == one or one.startswith(f"{path}.") for one in paths)
