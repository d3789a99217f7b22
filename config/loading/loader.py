"""Load a config file as a checked workspace: text, tree, models, then checks across models."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from config.checks.measures import TableLookup
from config.checks.sheet import check_secrets
from config.checks.terms import check_terms
from config.checks.workspace import check
from config.connections import CONNECTION_TYPES, type_names
from config.dataclass import dataclass
from config.errors import ConfigError, Problem
from config.expressions import Expression
from config.findings import Findings, Place, find_place
from config.key_results import KeyResultEntry, KpiEntry
from config.loading.anchoring import anchored
from config.loading.fleet_advice import advice_on_fleet
from config.loading.model_problems import Stated, dotted, faults
from config.loading.workspace_files import DEFAULT, read_workspace_files, shown
from config.loading.yaml_nodes import Node, joined
from config.measure_models import QUERY_KEYS
from config.message import Message
from config.models import Measure, Workspace
from config.sql.parsing import parsing_ahead
from config.suggest import nearest
from config.terms import ALONE, Terms

Steps = tuple[str | int, ...]

_ENTRIES = ("connections", "measures", "objectives", "key_results", "teams", "notify", "kpis", "cycles")
_LISTS = ("parts", "steps")
"""Options that are errors when empty; any other option without a value is treated as left out."""
_TEXTS = frozenset({str})


def validate_workspace(
    root: dict[str, Node], tables: TableLookup, findings: Findings, terms: Terms = ALONE
) -> Workspace | None:
    """Validate a tree as a Workspace; None where the models reject it, with every fault added to `findings` once."""
    emptied: set[str] = set()
    stated = _without_empties(root, (), emptied)
    query_keys = _query_keys_of_packages(stated, tables, terms)
    try:
        return Workspace.model_validate(stated, context={QUERY_KEYS: query_keys})
    except ValidationError as error:
        reported = {problem.path for problem in findings.problems if problem.path}
        for path, message in faults(error, Stated(stated, emptied=frozenset(emptied)), query_keys):
            if path not in reported:
                findings.add(path, message)
        return None


def _query_keys_of_packages(root: dict[str, Node], tables: TableLookup, terms: Terms) -> frozenset[str]:
    """Return the query keys of tables from other packages, for the connection types that the config can use."""
    connections = root.get("connections")
    stated = connections.values() if isinstance(connections, dict) else ()
    kinds = {kind for one in stated if isinstance(one, dict) and isinstance(kind := one.get("type"), str)}
    kinds |= {one.type for one in terms.connections.values()}
    meant = {nearest(kind, type_names()) for kind in kinds - CONNECTION_TYPES.keys()}  # a typing error is reported once
    foreign = [kind for kind in meant if kind and kind not in CONNECTION_TYPES]
    return frozenset(key.name for kind in foreign for table in tables(kind, None).values() for key in table.query)


def _without_empties(root: dict[str, Node], steps: Steps, emptied: set[str]) -> dict[str, Node]:
    """Return a tree without keys that have no value; entries without a value become entries without options."""
    if _TEXTS.issuperset(map(type, root.values())):
        return root
    kept: dict[str, Node] = {}
    for key, node in root.items():
        if node is None and key in _LISTS:
            kept[key] = []
        elif node is None and not _holds_entries(steps):
            emptied.add(joined(dotted(steps), key))
        elif isinstance(node, str):
            kept[key] = node
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


__all__ = ["Config", "KeyResultEntry", "KpiEntry", "TableLookup", "find_config", "load_config"]

VARIABLE = "OKRSYNC_CONFIG"


@dataclass(frozen=True, slots=True)
class Config:
    """A loaded and checked config.

    Attributes:
        workspace: the validated models.
        path: the config file.
        base_dir: the config's folder, at which relative paths start.
        measures: every measure by name; an inline measure of a key result has a name such as `KR3#1`.
        measure_paths: the dotted path of each measure, by the same names.
        expressions: the checked expressions, by the same names.
        key_results: in the order of the file.
        kpis: in the order of the file.
        places: file, line and column of each dotted path.
        terms: those on which the workspace is part of a fleet.
        hash: SHA-256 over the names and contents of the config and its includes, in hexadecimal.
    """

    workspace: Workspace
    path: Path
    base_dir: Path
    measures: Mapping[str, Measure]
    measure_paths: Mapping[str, str]
    expressions: Mapping[str, Expression]
    key_results: tuple[KeyResultEntry, ...]
    kpis: tuple[KpiEntry, ...]
    places: Mapping[str, Place]
    terms: Terms
    hash: str

    def place_of(self, measure: str) -> Place:
        """Return the position of a measure, its file relative to the config's folder."""
        place = find_place(self.places, self.measure_paths.get(measure, ""), Place(shown(self.path)))
        file = Path(place.file).absolute()
        inside = file.is_relative_to(self.base_dir)
        return place._replace(file=file.relative_to(self.base_dir).as_posix()) if inside else place

    def name_measures(self, names: Iterable[str]) -> Message:
        """Return the names of measures, each with its position, as `measure bugs (okrsync.yaml:12)`."""
        places = [Message("{name} ({place})", name=name, place=self.place_of(name)) for name in names]
        return Message("measure {places}", "measures {places}", places=places, count=len(places))


def find_config(given: Path | None) -> Path:
    """Find the config file: `given` (-c), else $OKRSYNC_CONFIG, else ./okrsync.yaml. Raises ConfigError if missing."""
    named = os.environ.get(VARIABLE, "")
    path = given or Path(named or DEFAULT)
    if path.is_file():
        return path
    if path.is_dir():
        raise ConfigError(
            [Problem(shown(path), 0, "", Message("is a folder"))],
            advice=Message("Name the file in it: -c {path}", path=path / DEFAULT),
        )
    by_variable = Message(" (named by ${variable})", variable=VARIABLE) if named and not given else ""
    raise ConfigError(
        [Problem(shown(path), 0, "", Message("there is no such file{by_variable}", by_variable=by_variable))],
        advice="Create one with `okrsync init`, or pass yours with `-c FILE`.",
    )


def load_config(path: Path, tables: TableLookup, *, secrets: bool = True, terms: Terms = ALONE) -> Config:
    """Load and check the config at `path`, without any network; `terms` are those of the fleet that it is part of.

    Raises ConfigError with every problem that the models find or, where the models accept the file, every problem of
    references, expressions and goals.

    With `secrets` False, secrets that are not set are no problem, for commands that open no connection.
    """
    base_dir = path.absolute().parent
    with parsing_ahead() as parse_ahead:
        files = read_workspace_files(path)
        parse_ahead(_expressions(files.root))
        findings = Findings({**terms.places, **files.places}, shown(path))
        findings.extend(files.problems)
        if not files.root and not files.complete:
            raise ConfigError(findings.problems)
        stated = validate_workspace(files.root, tables, findings, terms)
        if stated is None or not files.complete:
            raise ConfigError(findings.problems)
        own = with_base_dir(stated, base_dir, terms)
        workspace = own.model_copy(update={"connections": {**terms.connections, **own.connections}})
        checked = check(workspace, base_dir, tables, findings)
    granted = check_terms(own, checked, terms, findings)
    if secrets and granted:
        check_secrets(workspace, checked.measures.values(), findings)
    if findings.problems:
        raise ConfigError(findings.problems, advice=advice_on_fleet(workspace, checked.measures.values(), base_dir))
    return Config(
        workspace=workspace,
        path=path,
        base_dir=base_dir,
        measures=checked.measures,
        measure_paths=checked.measure_paths,
        expressions=checked.expressions,
        key_results=checked.key_results,
        kpis=checked.kpis,
        places=files.places,
        terms=terms,
        hash=files.hash,
    )


def _expressions(node: Node) -> Iterator[str]:
    """Yield the texts of all options called `value`: the expressions, before models know which are."""
    if isinstance(node, dict):
        for key, below in node.items():
            if isinstance(below, dict):
                yield from _expressions(below)
            elif key == "value" and isinstance(below, str):
                yield below


def with_base_dir(workspace: Workspace, base_dir: Path, terms: Terms = ALONE) -> Workspace:
    """Return the workspace with `file:` references that start at the config's folder, and within a fleet's limits."""
    connections = {name: anchored(one, base_dir, terms) for name, one in workspace.connections.items()}
    recipients = {name: anchored(one, base_dir, terms) for name, one in workspace.notify.items()}
    return workspace.model_copy(update={"connections": connections, "notify": recipients})
