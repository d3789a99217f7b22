"""Read the config file and the files it includes as one tree, with the file and line of each path."""

import hashlib
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from config.dataclass import dataclass
from config.errors import Problem
from config.findings import Place
from config.loading.yaml_nodes import MAX_BYTES, Document, Node, joined, parse_document
from config.message import Message
from config.suggest import did_you_mean

DEFAULT = "okrsync.yaml"
"""Name of a config that no option and no variable names."""


SECTIONS = ("objectives", "key_results", "measures")
"""Sections that an included file may have."""


@dataclass(frozen=True, slots=True)
class WorkspaceFiles:
    """All files of a workspace, merged. `hash` is the SHA-256 of their names and contents, in hexadecimal.

    `complete` is False when a file is no YAML or cannot be read, or an include matches no file: references to the
    missing content would then be reported wrongly.
    """

    root: dict[str, Node]
    places: dict[str, Place]
    problems: tuple[Problem, ...]
    hash: str
    complete: bool


def shown(path: Path) -> str:
    """Format a path for a message: relative where it is below the current folder."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def read_workspace_files(path: Path) -> WorkspaceFiles:
    """Read the config at `path` and the files it includes. Never raises: faults are in `problems`."""
    merge = _Merge(path.absolute().parent)
    document = merge.read(path)
    merge.root = document.root
    merge.places.update(document.places)
    for step, pattern in _patterns(document.root.get("include")):
        merge.include(step, pattern, path)
    return WorkspaceFiles(merge.root, merge.places, tuple(merge.problems), merge.digest.hexdigest(), merge.complete)


def _patterns(node: Node | None) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield "include", node
    elif isinstance(node, list):
        for number, item in enumerate(node, 1):
            if isinstance(item, str):
                yield f"include.{number}", item


@dataclass(slots=True)
class _Merge:
    base_dir: Path
    root: dict[str, Node] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    complete: bool = True
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def read(self, path: Path) -> Document:
        file = shown(path)
        try:
            self.seen.add(path.resolve())
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except (OSError, ValueError) as exc:
            problem = Problem(file, 0, "", Message("cannot be read ({kind})", kind=type(exc).__name__))
            self.complete = False
            self.problems.append(problem)
            return Document({}, {}, (problem,), readable=False)
        name = path.absolute().relative_to(self.base_dir).as_posix()
        self.digest.update(f"{name}\0{len(data)}\0".encode() + data)
        document = parse_document(data, file)
        self.problems.extend(document.problems)
        self.complete = self.complete and document.readable
        return document

    def report(self, place: Place, path: str, message: str) -> None:
        self.problems.append(Problem(place.file, place.line, path, message))

    def include(self, step: str, pattern: str, main: Path) -> None:
        place = self.places.get(step, Place(shown(main)))
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            self.report(place, step, Message("is outside the config's folder; included files must be below it"))
            self.complete = False
            return
        try:
            files = sorted(file for file in self.base_dir.glob(pattern) if file.is_file())
        except (ValueError, IndexError, OSError):
            files = []
        if not files:
            self.report(place, step, Message("no file matches '{pattern}' below the config's folder", pattern=pattern))
            self.complete = False
        for file in files:
            if not file.resolve().is_relative_to(self.base_dir.resolve()):
                self.report(
                    place, step, Message("'{file}' is a link to a place outside the config's folder", file=shown(file))
                )
                self.complete = False
            elif file.resolve() not in self.seen:
                self.add(self.read(file))

    def add(self, document: Document) -> None:
        for section, node in document.root.items():
            if section not in SECTIONS:
                near = did_you_mean(section, SECTIONS) or Message("; it brings {sections}", sections=SECTIONS)
                self.report(
                    document.places[section], section, Message("does not belong in an included file{near}", near=near)
                )
            elif isinstance(node, dict):
                self.add_section(section, node, document)
            elif node is not None:
                self.report(document.places[section], section, Message("must hold entries by name, one a line"))
        for path, place in document.places.items():
            self.places.setdefault(path, place)

    def add_section(self, section: str, entries: dict[str, Node], document: Document) -> None:
        if self.root.get(section) is None:
            self.root[section] = {}
        merged = self.root[section]
        if not isinstance(merged, dict):
            return
        for name, node in entries.items():
            path = joined(section, name)
            if name in merged:
                self.report(
                    document.places[path],
                    path,
                    Message("appears more than once; first at {places}", places=self.places[path]),
                )
            else:
                merged[name] = node
