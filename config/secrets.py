"""References to secrets in environment variables, files and the keyring; files readable by their owner alone."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.grants import Grants
from config.masking import SHORTEST, keep_secret
from config.message import Message

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")


class UnsetSecretError(LookupError):
    """A reference whose value is missing, empty, unreadable or too short. The message never holds a value."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference to a secret: `$NAME`, `keyring:service/name` or `file:path` (relative to the config file)."""

    reference: str
    base_dir: Path | None = None
    may_be_short: bool = False
    """Whether fewer than SHORTEST characters are allowed: true for an account name or a tenant id."""
    grants: Grants | None = None
    """What the workspace of this reference may use; None where no fleet limits it."""

    def reveal(self) -> str:
        """Return the value and register it to be masked in all output; the path of an existing file is not masked.

        Raises UnsetSecretError: the value is not granted to the workspace, missing, unreadable or, unless
        `may_be_short`, too short to be masked.
        """
        if self.grants and not self.grants.has_secret(self.reference):
            raise UnsetSecretError(Message("{reference} is not granted to this workspace", reference=self.reference))
        value = self._value()
        if not _is_path(value):
            if len(value) < SHORTEST and not self.may_be_short:
                raise UnsetSecretError(
                    Message(
                        "{reference} holds fewer than {shortest} characters: too few to be hidden in output",
                        reference=self.reference,
                        shortest=SHORTEST,
                    )
                )
            keep_secret(value)
        return value

    def read_key(self, place: str, base_dir: Path) -> str:
        """Return the content of the key file at the path that this secret holds, relative to where it is stated.

        Raises OSError, ValueError, RuntimeError.
        """
        if self.grants and not self.grants.has_key_file(place):
            raise PermissionError(place)
        return ((self.base_dir or base_dir) / Path(place).expanduser()).read_text("utf-8")

    def _value(self) -> str:
        if match := _VARIABLE.fullmatch(self.reference):
            return _from_environment(match[1] or match[2])
        kind, _, rest = self.reference.partition(":")
        if kind == "file":
            return _from_file(self.base_dir or Path(), rest)
        return _from_keyring(rest)

    def __str__(self) -> str:
        return self.reference


def _is_path(value: str) -> bool:
    """Return whether a value is the path of an existing file, such as a key file, which messages have to name."""
    try:
        return Path(value).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False


def parse_secret(text: str, base_dir: Path | None = None) -> Secret:
    """Parse a reference. Raises ValueError for any other text, without repeating it, since it may be a token."""
    kind, _, rest = text.partition(":")
    if _VARIABLE.fullmatch(text) or (kind == "file" and rest) or (kind == "keyring" and "/" in rest):
        return Secret(text, base_dir)
    raise ValueError(
        Message("a secret does not belong in the config; write a reference such as $NAME, file:path or keyring:a/b")
    )


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise UnsetSecretError(Message("the environment variable {name} is not set", name=name))
    return value


def _from_file(base_dir: Path, place: str) -> str:
    try:
        path = base_dir / Path(place).expanduser()
        value = path.read_text("utf-8").strip()
    except (OSError, ValueError, RuntimeError) as exc:
        raise UnsetSecretError(
            Message("the file {place!r} cannot be read ({kind})", place=place, kind=type(exc).__name__)
        ) from None
    if not value:
        raise UnsetSecretError(Message("the file {place!r} is empty", place=place))
    return value


def _from_keyring(place: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError as exc:
        raise UnsetSecretError(Message("keyring is not installed; `pip install okrsync[keyring]`")) from exc
    service, _, name = place.partition("/")
    try:
        value = keyring.get_password(service, name)
    except (keyring.errors.KeyringError, RuntimeError) as exc:
        raise UnsetSecretError(Message("the keyring cannot be opened ({kind})", kind=type(exc).__name__)) from None
    if not value:
        raise UnsetSecretError(Message("the keyring has no password for {place}", place=place))
    return str(value)


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
        file = _key_file(secret, secret.base_dir or base_dir)
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
