"""A fleet: the workspaces that a manifest or a folder names."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from glob import glob
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from config.connection_types import Connection
from config.connections import AnyConnection
from config.dataclass import dataclass
from config.errors import ConfigError, Problem
from config.fields import Id, Model, Name, Seconds, SecretText, Texts, as_list
from config.findings import Findings
from config.grants import Grants, parse_grant
from config.languages import Language
from config.loading.anchoring import anchored
from config.loading.model_problems import Stated, faults
from config.loading.workspace_files import DEFAULT as CONFIG_NAME
from config.loading.workspace_files import shown
from config.loading.yaml_nodes import MAX_BYTES, Document, Node, parse_document
from config.message import Message
from config.reach import Reach, parse_network
from config.secrets import Secret
from config.terms import ALONE, FLEET_VARIABLE, MANIFEST_NAME, Terms


def _address(text: str) -> str:
    parse_network(text)
    return text


def _variable(secret: Secret) -> Secret:
    """Keep a reference that a config can have as its `ledger`."""
    if not secret.reference.startswith("$"):
        raise ValueError(Message("must be the name of an environment variable, such as $OKRSYNC_DATABASE"))
    return secret


Grant = Annotated[str, AfterValidator(parse_grant)]
Address = Annotated[str, AfterValidator(_address)]


class Entry(Model):
    """Workspaces of a fleet, and what is granted to each of them beyond the fleet's connections."""

    path: str = Field(description="A config or a glob, relative to the manifest, such as teams/*/okrsync.yaml.")
    id: Id | None = Field(
        None, description="The id of the one workspace at `path`; any other that claims it is left out."
    )
    secrets: Annotated[tuple[Grant, ...], BeforeValidator(as_list)] = Field(
        (), description="Secrets that they may use: $TEAM_A_*, keyring:team-a/*, file:secrets/team-a."
    )
    files: Texts = Field((), description="Files and folders outside of their own that they may use.")


_Entry = Annotated[Entry, BeforeValidator(lambda stated: {"path": stated} if isinstance(stated, str) else stated)]


class Manifest(Model):
    """The manifest of a fleet, `fleet.yaml`."""

    workspaces: tuple[_Entry, ...] = Field(
        min_length=1, description="Configs: paths or globs, relative to the manifest, such as teams/*/okrsync.yaml."
    )
    connections: dict[Name, AnyConnection] = Field(
        default_factory=dict, description="Connections that the workspaces use by their names."
    )
    allow_addresses: Annotated[tuple[Address, ...], BeforeValidator(as_list)] = Field(
        (), description="Addresses that are not public and may be reached: 10.0.0.0/8, jira.internal."
    )
    at_once: int = Field(4, ge=1, le=64, description="How many workspaces are synced side by side.")
    jitter: Seconds = Field(
        0.0, ge=0, le=3600, description="Each workspace begins after a random wait of at most this: 30s."
    )
    database: Annotated[SecretText, AfterValidator(_variable)] | None = Field(
        None, description="The PostgreSQL database of `fleet run`, which is the workspaces' ledger: $OKRSYNC_DATABASE."
    )
    schedule: str = Field(
        "0 8 * * 1-5", description="When `fleet run` syncs: a cron expression in each workspace's time zone."
    )
    schedules: dict[str, str] = Field(default_factory=dict, description="Other cron expressions, by workspace id.")
    late_after: Seconds | None = Field(
        None, gt=0, description="A workspace without a good run for so long is late in `fleet status`: 26h."
    )
    language: Language | None = Field(None, description="The language of the summary; left out: the environment's.")

    @property
    def limits_workspaces(self) -> bool:
        """Whether a workspace may use only what is granted to it: as soon as anything is shared or granted."""
        granted = any(entry.secrets or entry.files for entry in self.workspaces)
        return bool(granted or self.connections or self.allow_addresses)


@dataclass(frozen=True, slots=True)
class Fleet:
    """The workspaces of a fleet: their configs, each once, in the order of the manifest, and the terms of each.

    `problems` has the entries that match no usable file; they do not keep the other workspaces from being used.
    """

    path: Path
    manifest: Manifest
    terms: Mapping[Path, Terms]
    problems: tuple[Problem, ...] = ()

    @property
    def configs(self) -> tuple[Path, ...]:
        """The configs."""
        return tuple(self.terms)


def find_fleet(given: Path | None) -> Fleet:
    """Find the workspaces of a manifest, or of a folder: of its `fleet.yaml`, else every okrsync.yaml below it.

    Left out: `fleet.yaml` in the current folder, else the folder itself. Raises ConfigError: no manifest that can be
    read, or no workspace at all.
    """
    place = given or Path()
    if place.is_dir():
        manifest = place / MANIFEST_NAME
        return _of_manifest(manifest) if manifest.exists() else _of_folder(place)
    return _of_manifest(place)


def _of_folder(folder: Path) -> Fleet:
    pattern = f"**/{CONFIG_NAME}"
    configs = tuple(sorted(folder.glob(pattern)))
    visible = tuple(one for one in configs if not any(part.startswith(".") for part in one.relative_to(folder).parts))
    if not visible:
        saw = Message(
            "contains no {manifest}, and no {config} in its subfolders", manifest=MANIFEST_NAME, config=CONFIG_NAME
        )
        advice = Message("List the workspaces in a {manifest}; docs/fleet.md shows one.", manifest=MANIFEST_NAME)
        raise ConfigError([Problem(shown(folder), 0, "", saw)], advice=advice)
    return Fleet(folder, Manifest(workspaces=(Entry(path=pattern),)), dict.fromkeys(visible, ALONE))


def terms_of(config: Path) -> Terms:
    """Return the terms of a config by the fleet that OKRSYNC_FLEET names; none where it names none, or lists it not.

    Raises ConfigError: the manifest cannot be used.
    """
    place = os.environ.get(FLEET_VARIABLE)
    found = find_fleet(Path(place)).terms if place else {}
    return next((terms for file, terms in found.items() if file.resolve() == config.resolve()), ALONE)


def _of_manifest(path: Path) -> Fleet:
    document = _document(path)
    findings = Findings(document.places, shown(path))
    findings.extend(document.problems)
    manifest = None if findings.problems else _manifest(document, findings)
    if manifest is None:
        raise ConfigError(findings.problems)
    entries = _entries(manifest, path, findings)
    if not entries:
        raise ConfigError(findings.problems)
    return Fleet(path, manifest, _terms(entries, manifest, path, document), findings.problems)


def _document(path: Path) -> Document:
    try:
        with path.open("rb") as stream:
            return parse_document(stream.read(MAX_BYTES + 1), shown(path))
    except FileNotFoundError:
        raise ConfigError(
            [Problem(shown(path), 0, "", Message("there is no such file"))],
            advice=Message("Name a manifest or a folder of workspaces: --fleet {manifest}", manifest=MANIFEST_NAME),
        ) from None
    except OSError as exc:
        raise ConfigError(
            [Problem(shown(path), 0, "", Message("cannot be read ({kind})", kind=type(exc).__name__))]
        ) from exc


def _manifest(document: Document, findings: Findings) -> Manifest | None:
    stated: dict[str, Node] = {key: node for key, node in document.root.items() if node is not None}
    try:
        return Manifest.model_validate(stated)
    except ValidationError as error:
        for option, message in faults(error, Stated(stated, Manifest)):
            findings.add(option, message)
        return None


def _entries(manifest: Manifest, path: Path, findings: Findings) -> dict[Path, list[Entry]]:
    """Return each config once, with all entries that match it; report the entries that match none."""
    found: dict[Path, list[Entry]] = {}
    names: dict[Path, Path] = {}
    for number, entry in enumerate(manifest.workspaces, 1):
        files = list(_files(entry.path, path.parent))
        if not files:
            findings.add(f"workspaces.{number}", Message("no file matches '{pattern}'", pattern=entry.path))
        if entry.id and len(files) > 1:
            message = Message("`id` is of one workspace, and '{pattern}' matches several", pattern=entry.path)
            findings.add(f"workspaces.{number}.id", message)
            entry = entry.model_copy(update={"id": None})  # noqa: PLW2901 - whose it is, is not known
        for file in files:
            if manifest.limits_workspaces and file.resolve().parent != file.parent.resolve():
                message = Message("'{file}' is a link to a place outside the config's folder", file=shown(file))
                findings.add(f"workspaces.{number}", message)
                continue
            found.setdefault(names.setdefault(file.resolve(), file), []).append(entry)
    return found


def _files(pattern: str, folder: Path) -> Iterator[Path]:
    names = sorted(glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207 - takes absolute paths too
    return (folder / name for name in names if (folder / name).is_file())


def _terms(
    entries: Mapping[Path, Sequence[Entry]], manifest: Manifest, path: Path, document: Document
) -> dict[Path, Terms]:
    """Return the terms of each config: what all entries that match it grant."""
    ids = {file: next((one.id for one in matching if one.id), "") for file, matching in entries.items()}
    if not manifest.limits_workspaces:
        return {file: replace(ALONE, id=ids[file]) for file in entries}
    folder = path.absolute().parent
    connections = {name: _lent(one, folder) for name, one in manifest.connections.items()}
    places = {option: place for option, place in document.places.items() if option.startswith("connections.")}
    reach = Reach(manifest.allow_addresses)
    made = {}
    for file, matching in entries.items():
        secrets = tuple(one for entry in matching for one in entry.secrets)
        files = tuple(one for entry in matching for one in entry.files)
        grants = Grants(path.absolute(), file.absolute().parent, secrets, files, str(manifest.database or ""))
        made[file] = Terms(connections, places, grants, reach, ids[file])
    return made


def _lent(connection: Connection, folder: Path) -> Connection:
    """Return a connection of the fleet: its paths start at the manifest's folder, whoever uses it."""
    made = anchored(connection, folder, ALONE)
    return made.model_copy(update={"ca_bundle": str(folder / made.ca_bundle)}) if made.ca_bundle else made
