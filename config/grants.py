"""What the manifest of a fleet grants to one workspace: references to secrets, and files outside of its folder."""

import re
from pathlib import Path

from config.dataclass import dataclass
from config.message import Message

_VARIABLE = re.compile(r"\$(?:\{(.*)\}|(.*))")
_PATTERN = re.compile(r"\$[A-Za-z_][\w*]*|keyring:[^/]+/.+|file:[^~*][^*]*")
DEFAULT_CREDENTIALS = "$GOOGLE_APPLICATION_CREDENTIALS"
"""Stands for Google's application default credentials: they belong to the machine, not to the workspace."""


@dataclass(frozen=True, slots=True)
class Grants:
    """Secrets and files that a workspace may use.

    Attributes:
        manifest: the manifest that grants them; its relative paths start at its folder.
        home: the folder of the workspace's config, in which every file may be used that is no link out of it.
        secrets: such as `$TEAM_A_*`, `keyring:team-a/*` and `file:secrets/team-a`: a file, or a folder with all below.
        files: further files and folders, for measures, certificates and the OKR sheet.
        database: the reference of the fleet's database, which every workspace may have as its ledger; empty for none.
    """

    manifest: Path
    home: Path
    secrets: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    database: str = ""

    def has_secret(self, reference: str) -> bool:
        """Return whether a reference to a secret is granted; nothing is read to find out."""
        if reference.startswith("file:"):
            return self.has_key_file(reference.removeprefix("file:"))
        return any(_matches(reference, pattern) for pattern in self.secrets)

    def has_key_file(self, place: str) -> bool:
        """Return whether a file with a secret is granted. Links are followed: what they lead to counts."""
        return self._is_below(place, [one.removeprefix("file:") for one in self.secrets if one.startswith("file:")])

    def has_file(self, place: str | Path) -> bool:
        """Return whether a file without secrets may be used. Links are followed: what they lead to counts."""
        return self._is_below(place, (str(self.home), *self.files))

    def has_ledger(self, ledger: str) -> bool:
        """Return whether a ledger is a file that may be used, the fleet's database, or one in a granted variable."""
        if ledger.startswith("$"):
            return ledger == self.database or self.has_secret(ledger)
        return "://" not in ledger and self.has_file(ledger)

    @property
    def outside(self) -> Message:
        """What is wrong with a file that may not be used."""
        return Message(
            "is outside the config's folder; {manifest} can grant it under `files`", manifest=self.manifest.name
        )

    def _is_below(self, place: str | Path, folders: list[str] | tuple[str, ...]) -> bool:
        try:
            found = (self.home / Path(place).expanduser()).resolve()
            return any(found.is_relative_to((self.manifest.parent / one).resolve()) for one in folders)
        except (OSError, ValueError, RuntimeError):
            return False  # endless links, a NUL, no such home: it cannot be read either


def parse_grant(text: str) -> str:
    """Check a pattern of references to secrets. Raises ValueError."""
    pattern = text.removesuffix("/*") if text.startswith("file:") else text
    if not _PATTERN.fullmatch(pattern):
        raise ValueError(Message("must be such as $TEAM_A_*, keyring:team-a/* or file:secrets/team-a"))
    return pattern


def _matches(reference: str, pattern: str) -> bool:
    kind = "keyring:" if reference.startswith("keyring:") else "$"
    if not pattern.startswith(kind):
        return False
    name = _VARIABLE.sub(lambda found: found[1] or found[2], reference) if kind == "$" else reference[len(kind) :]
    parts = map(re.escape, pattern[len(kind) :].split("*"))
    return re.fullmatch(".*".join(parts), name) is not None
