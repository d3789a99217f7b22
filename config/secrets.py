"""References to secrets in environment variables, files and the keyring. Values are read when a client is built."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from config.message import Message
from config.plain_text import SHORTEST, keep_secret

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

    def reveal(self) -> str:
        """Return the value and register it to be masked in all output; the path of an existing file is not masked.

        Raises UnsetSecretError: the value is missing, unreadable or, unless `may_be_short`, too short to be masked.
        """
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
        Message("a secret never stands in the config; write a reference such as $NAME, file:path or keyring:a/b")
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
