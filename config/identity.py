"""Identity of a workspace: its id and name in the config, a new id, and whether its ledger is its own."""

import os
import re
import secrets
import unicodedata
from pathlib import Path

from pydantic import Field

from config.fields import Id, Model

NO_ID = "-"
"""Stands for the id of a workspace whose config states none; not a valid id."""

OWN_LEDGER = ".okrsync/ledger.db"
"""The ledger of a config that states none, relative to its folder."""

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and digits that are not mistaken for one another."""
_RANDOM_LETTERS = 4
_LONGEST_FOLDER = 40
NAMELESS = "okrs"
"""Stands for a folder's name that gives no id, or that is empty."""


class Identity(Model):
    """What identifies a workspace, wherever its config and its sheet are."""

    id: Id | None = Field(
        None,
        description="Identifies the history, lock and own tab; `okrsync init` makes one. Needed in a shared ledger.",
    )
    name: str | None = Field(
        None, min_length=1, description="The title of reports, digests and messages; default: the id."
    )


def new_workspace_id(folder: str) -> str:
    """Create an id from a folder's name and a random part, such as `acme-okrs-7f3k`."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_FOLDER].strip("-")
    return f"{words or NAMELESS}-{random_part()}"


def random_part() -> str:
    """Return a few random letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM_LETTERS))


def id_line(folder: Path) -> str:
    """Return the config line that gives the workspace in `folder` a new id."""
    return f"workspace: {{id: {new_workspace_id(folder.resolve().name)}}}"


def has_server(ledger: str) -> bool:
    """Whether the config's `ledger` is a database on a server; nothing is loaded to find out."""
    location = os.environ.get(ledger.strip("${}"), "") if ledger.startswith("$") else ledger
    return location.strip().startswith("postgres")


def has_own_ledger(ledger: str, base_dir: Path) -> bool:
    """Whether the config's `ledger` is a file in the config's own folder, which no other workspace uses."""
    if "://" in ledger or ledger.startswith("$"):
        return False
    try:
        return (base_dir / Path(ledger).expanduser()).resolve().is_relative_to(base_dir.resolve())
    except (OSError, RuntimeError):
        return False
