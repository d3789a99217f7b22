"""Files that are nobody else's business: written for their owner alone, and found where others may read them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from config.secrets import Secret, UnsetSecretError

if TYPE_CHECKING:
    from config.fields import Model
    from config.models import Workspace

DEFAULT_KEY = "GOOGLE_APPLICATION_CREDENTIALS"
"""Where Google's libraries look for a key when the config names none."""


def write_private(path: Path, text: str) -> None:
    """Write a file that is made with mode 0600; one that stands there keeps its own. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def exposed_secrets(workspace: "Workspace", base_dir: Path) -> list[tuple[str, Path]]:
    """The config's paths and key files of secrets that every user of this machine may read. Nothing is opened."""
    from config.connections import GoogleSheetsConnection  # not at start-up: it brings pydantic

    found = []
    for path, secret in secrets_of(workspace):
        file = _key_file(secret, base_dir)
        if file is not None and _open_to_all(file):
            found.append((path, file))
    keyless = [
        name
        for name, connection in workspace.connections.items()
        if isinstance(connection, GoogleSheetsConnection) and connection.service_account is None
    ]
    default = os.environ.get(DEFAULT_KEY, "")
    if keyless and default and _open_to_all(Path(default)):
        found.append((f"connections.{keyless[0]}", Path(default)))
    return found


def secrets_of(workspace: "Workspace") -> Iterator[tuple[str, Secret]]:
    """Every secret of the config with its path."""
    for section in ("connections", "notify"):
        models: dict[str, Model] = getattr(workspace, section)
        for name, model in models.items():
            for field in type(model).model_fields:
                value = getattr(model, field)
                for key, secret in (value if isinstance(value, dict) else {"": value}).items():
                    if isinstance(secret, Secret):
                        yield ".".join(filter(None, (section, name, field, key))), secret


def _key_file(secret: Secret, base_dir: Path) -> Path | None:
    """The file a reference names, or the one whose path its variable holds."""
    kind, _, place = secret.reference.partition(":")
    if kind == "keyring":
        return None
    if kind != "file":
        try:
            place = secret.reveal()
        except UnsetSecretError:
            return None
        if place.startswith("{"):
            return None
    try:
        path = base_dir / Path(place).expanduser()
        return path if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _open_to_all(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
