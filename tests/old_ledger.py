"""A ledger as okrsync's first revision left it, with a run in it."""

import sqlite3
from pathlib import Path
from unittest.mock import patch

from alembic import command

from syncer.ledger.ledger import open_ledger

VALUES = 200


def make_old_ledger(path: Path) -> None:
    """A ledger of revision 0001 that holds one run and 200 values of another workspace."""
    upgrade = command.upgrade
    with patch("alembic.command.upgrade", lambda config, _head: upgrade(config, "0001")):
        open_ledger(str(path.resolve()), path.parent).close()
    at = "2026-10-01 01:00:00.000000"
    with sqlite3.connect(path) as direct:
        direct.execute(
            "INSERT INTO runs VALUES ('run-001', 'w', 'sync', ?, ?, 'c0ffee', '0.1.0', 0, '{}', 'done', ?)",
            (at, at, at),
        )
        direct.executemany(
            "INSERT INTO key_result_values "
            "VALUES ('run-001', ?, '2026-10-01', ?, '1', '0', '0', '0', 'on_track', '', 's')",
            [(f"OLD{n}", at) for n in range(VALUES)],
        )
    direct.close()


def old_values(path: Path) -> tuple[str, int]:
    """The revision of a ledger, and how many of the old run's values it holds."""
    with sqlite3.connect(path) as direct:
        revision = direct.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        count = direct.execute("SELECT count(*) FROM key_result_values WHERE run = 'run-001'").fetchone()[0]
    direct.close()
    return str(revision), int(count)
