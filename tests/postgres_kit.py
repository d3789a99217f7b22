"""A private PostgreSQL server on a Unix socket, where PostgreSQL is installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from services_needed import need

ROLE = "okr"
"""The role of initdb, which needs no password on the socket."""
_ACCOUNT = "postgres"
"""Debian's account of PostgreSQL: its programs refuse to run as root."""
_SETTINGS = {"listen_addresses": "''", "fsync": "off", "synchronous_commit": "off", "shared_buffers": "16MB"}


class Server:
    """A running server. Each database has an address of its own."""

    def __init__(self, folder: Path, run: Callable[..., None]) -> None:
        self._folder = folder
        self._run = run
        self._made = 0

    def start(self) -> None:
        """Start it, again after a stop."""
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "-o", f"-k {self._folder} {options}", "start")

    def stop(self) -> None:
        """Stop it at once, as a power cut does."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._made += 1
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE okr{self._made}"))
        engine.dispose()
        return self._url(f"okr{self._made}")

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://{ROLE}@/{database}?host={self._folder}"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, on the path or where Debian has them; None without any."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    found = shutil.which("pg_ctl")
    places = [*([Path(found).resolve()] if found else []), *debian]
    return places[0].parent if places else None


def _account() -> dict[str, Any]:
    """Return whom to run the programs as: whoever runs the tests, or PostgreSQL's account for root."""
    if os.geteuid():
        return {}
    try:
        entry = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        return {}
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def server() -> Iterator[Server]:
    """Start a server in a folder of its own and stop it at the end; skip the tests that need it without PostgreSQL."""
    place, account = programs(), _account()
    runnable = bool(account) or os.geteuid() != 0
    need("postgres", found=bool(place and runnable and find_spec("psycopg")))
    assert place is not None
    folder = Path(tempfile.mkdtemp(prefix="okr-pg-"))  # short: a socket's path has at most 107 bytes
    if account:
        os.chown(folder, account["user"], account["group"])
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [place / program, "-D", data, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL, **account
        )

    running = Server(folder, run)
    try:
        run("initdb", "-U", ROLE, "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder)
