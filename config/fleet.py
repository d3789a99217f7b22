"""A fleet: the workspaces that a manifest or a folder names."""

from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from config.errors import ConfigError, Problem
from config.fields import Model, Seconds
from config.findings import Findings
from config.languages import Language
from config.loading.loader import DEFAULT as CONFIG_NAME
from config.loading.model_problems import described, dotted, value_message
from config.loading.workspace_files import shown
from config.loading.yaml_nodes import MAX_BYTES, Document, parse_document
from config.message import Message
from config.suggest import did_you_mean

MANIFEST_NAME = "fleet.yaml"


class Manifest(Model):
    """The manifest of a fleet, `fleet.yaml`."""

    workspaces: tuple[str, ...] = Field(
        min_length=1, description="Configs: paths or globs, relative to the manifest, such as teams/*/okrsync.yaml."
    )
    at_once: int = Field(4, ge=1, le=64, description="How many workspaces are synced side by side.")
    jitter: Seconds = Field(
        0.0, ge=0, le=3600, description="Each workspace begins after a random wait of at most this: 30s."
    )
    late_after: Seconds | None = Field(
        None, gt=0, description="A workspace without a good run for so long is late in `fleet status`: 26h."
    )
    language: Language | None = Field(None, description="The language of the summary; left out: the environment's.")


@dataclass(frozen=True, slots=True)
class Fleet:
    """The configs of a fleet, each once, in the order of the manifest.

    `problems` has the entries that match no file; they do not keep the other workspaces from being used.
    """

    path: Path
    manifest: Manifest
    configs: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()


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
            "holds neither {manifest} nor, below it, any {config}", manifest=MANIFEST_NAME, config=CONFIG_NAME
        )
        advice = Message("List the workspaces in a {manifest}; docs/fleet.md shows one.", manifest=MANIFEST_NAME)
        raise ConfigError([Problem(shown(folder), 0, "", saw)], advice=advice)
    return Fleet(folder, Manifest(workspaces=(pattern,)), visible)


def _of_manifest(path: Path) -> Fleet:
    document = _document(path)
    findings = Findings(document.places, shown(path))
    findings.extend(document.problems)
    manifest = None if findings.problems else _manifest(document, findings)
    if manifest is None:
        raise ConfigError(findings.problems)
    configs = tuple(_configs(manifest, path, findings))
    if not configs:
        raise ConfigError(findings.problems)
    return Fleet(path, manifest, configs, findings.problems)


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
    stated = {key: node for key, node in document.root.items() if node is not None}
    try:
        return Manifest.model_validate(stated)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            path = dotted(detail["loc"])
            findings.add(path, _message(detail, path))
        return None


def _message(detail: Any, path: str) -> str:
    if detail["type"] == "extra_forbidden":
        return Message("unknown option{meant}", meant=did_you_mean(path, Manifest.model_fields))
    if detail["type"] in ("missing", "too_short"):
        return Message("is required: {meaning}", meaning=described(Manifest.model_fields["workspaces"]))
    return value_message(detail["type"], detail, detail["loc"], None)


def _configs(manifest: Manifest, path: Path, findings: Findings) -> Iterator[Path]:
    """Yield the files of all entries, each once; report the entries that match none."""
    seen: set[Path] = set()
    for number, pattern in enumerate(manifest.workspaces, 1):
        names = sorted(glob(pattern, root_dir=path.parent, recursive=True))  # noqa: PTH207 - takes absolute paths too
        files = [path.parent / name for name in names if (path.parent / name).is_file()]
        if not files:
            findings.add(f"workspaces.{number}", Message("no file matches '{pattern}'", pattern=pattern))
        for file in files:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file
