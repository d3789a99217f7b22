"""Write files with mode 0600 and detect secret files readable by others."""

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
"""Environment variable in which Google's libraries look for a key file when the config names none."""


def write_private(path: Path, text: str) -> None:
    """Write a file, created with mode 0600; an existing file keeps its mode. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def exposed_secrets(workspace: "Workspace", base_dir: Path) -> list[tuple[str, Path]]:
    """Find key files of secrets that every user of this machine may read, as (dotted path in the config, file).

    Only the mode of a key file is read, not its content.
    """
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
    """Yield every secret of the config with its dotted path."""
    for section in ("connections", "notify"):
        models: dict[str, Model] = getattr(workspace, section)
        for name, model in models.items():
            for field in type(model).model_fields:
                value = getattr(model, field)
                for key, secret in (value if isinstance(value, dict) else {"": value}).items():
                    if isinstance(secret, Secret):
                        yield ".".join(filter(None, (section, name, field, key))), secret


def _key_file(secret: Secret, base_dir: Path) -> Path | None:
    """Return the file that a reference names, or whose path is the value of its variable; None where there is none."""
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
