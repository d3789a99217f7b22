"""A private MariaDB server on a Unix socket, where MariaDB is installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import NullPool, create_engine

from services_needed import need

ROOT = "root"
"""The role of mariadb-install-db, which needs no password on the socket."""
_ACCOUNT = "mysql"
"""Debian's account of MariaDB."""
_SECONDS = 60.0


class Server:
    """A running server. Each database has an address of its own."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._made = 0

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._made += 1
        self.run(f"CREATE DATABASE okr{self._made} CHARACTER SET utf8mb4")
        return self._url(f"okr{self._made}")

    def run(self, sql: str) -> None:
        """Run a statement as the role that may do everything."""
        engine = create_engine(self._url(""), poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql(sql)

    def _url(self, database: str) -> str:
        return f"mysql+pymysql://{ROOT}@localhost/{database}?unix_socket={self._socket}&charset=utf8mb4"


def _account() -> str:
    """Return whom to run the server as: MariaDB's account for root, else whoever runs the tests."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        return pwd.getpwnam(_ACCOUNT).pw_name
    except KeyError:
        return ""


@contextmanager
def server() -> Iterator[Server]:
    """Start a server in a folder of its own and stop it at the end; skip the tests that need it without MariaDB."""
    programs = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    account = _account()
    need("mariadb", found=all(programs) and bool(account) and find_spec("pymysql") is not None)
    folder = Path(tempfile.mkdtemp(prefix="okr-my-"))  # short: a socket's path has at most 107 bytes
    if not os.geteuid():
        shutil.chown(folder, account)
    data, socket = f"--datadir={folder / 'data'}", folder / "socket"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = None
    try:
        made = ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", data]
        subprocess.run([*made, f"--user={account}"], check=True, cwd=folder, **quiet)  # type: ignore[call-overload]
        served = ["mariadbd", "--no-defaults", data, f"--socket={socket}", "--skip-networking", f"--user={account}"]
        process = subprocess.Popen([*served, "--innodb-flush-log-at-trx-commit=0"], cwd=folder, **quiet)  # type: ignore[call-overload]
        _wait_for(socket)
        yield Server(socket)
    finally:
        if process is not None:
            process.terminate()
            process.wait(_SECONDS)
        shutil.rmtree(folder)


def _wait_for(socket: Path) -> None:
    """Wait until the server listens: PyMySQL leaves the socket of a connection that failed to the garbage collector."""
    until = monotonic() + _SECONDS
    while not socket.exists() and monotonic() < until:
        sleep(0.05)
