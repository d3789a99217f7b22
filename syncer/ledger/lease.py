"""A lease on a workspace in PostgreSQL, so that of many machines one at a time writes its sheet.

A lease has a token that grows with each holder, and ends by the database's clock unless it is renewed. The token is
checked in the transaction that records what is about to be written: a run that another took over from writes nothing.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, text

from config.dataclass import dataclass
from config.errors import BusyError, LeaseLostError, LedgerError
from config.message import Message
from syncer.ledger.records import Scope
from syncer.ledger.store import Place, writing

SECONDS = 30.0
"""How long a lease lasts after it was last renewed, such as when its process was killed."""

RENEWALS = 4
"""How often it is renewed in that time."""

_TAKE = text("""
INSERT INTO leases AS held (workspace, cycle, token, holder, since, expires)
VALUES (:workspace, :cycle, 1, :holder, clock_timestamp(), clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (workspace, cycle) DO UPDATE
SET token = held.token + 1, holder = excluded.holder, since = excluded.since, expires = excluded.expires
WHERE held.expires <= clock_timestamp()
RETURNING token
""")
_RENEW = text("""
UPDATE leases SET expires = clock_timestamp() + make_interval(secs => :seconds)
WHERE workspace = :workspace AND cycle = :cycle AND token = :token
""")
_END = text("""
UPDATE leases SET expires = clock_timestamp() WHERE workspace = :workspace AND cycle = :cycle AND token = :token
""")
_HOLDER = text("""
SELECT holder, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') AS since
FROM leases WHERE workspace = :workspace AND cycle = :cycle
""")


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write the sheet of a workspace, as long as no other run has a greater token."""

    scope: Scope
    token: int
    seconds: float

    def confirm(self, connection: Connection) -> None:
        """Renew the lease in this transaction. Raises LeaseLostError if another run took over."""
        if not self._execute(connection, _RENEW).rowcount:
            raise LeaseLostError(
                "writing the OKR sheet",
                Message("another run has taken over the workspace ({holder})", holder=_holder(connection, self.scope)),
                effect="Nothing was written by this run.",
                advice="Nothing to do: the other run reads everything again and writes it.",
            )

    def end(self, connection: Connection) -> None:
        """Let others take the workspace at once."""
        self._execute(connection, _END)

    def _execute(self, connection: Connection, statement: Any) -> Any:
        values = {"workspace": self.scope.workspace, "cycle": self.scope.cycle, "token": self.token}
        return connection.execute(statement, values if statement is _END else {**values, "seconds": self.seconds})


@contextmanager
def held_lease(engine: Engine, place: Place, scope: Scope, seconds: float = SECONDS) -> Iterator[Lease]:
    """Take the lease and renew it in a thread until the block ends. Raises BusyError, LedgerError."""
    lease = _take(engine, place, scope, seconds)
    done = threading.Event()
    thread = threading.Thread(target=_keep, args=(engine, place, lease, done), name="okrsync-lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        done.set()
        thread.join()
        with suppress(LedgerError), writing(engine, place, "ending a lease in") as connection:
            lease.end(connection)


def _take(engine: Engine, place: Place, scope: Scope, seconds: float) -> Lease:
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    values = {"workspace": scope.workspace, "cycle": scope.cycle, "holder": holder, "seconds": seconds}
    with writing(engine, place, "taking a lease in") as connection:
        token = connection.execute(_TAKE, values).scalar()
        if token is None:
            raise BusyError(
                "starting a run",
                Message("another run is using this workspace ({holder})", holder=_holder(connection, scope)),
                effect="Nothing was written.",
                advice=Message(
                    "Wait until it has ended; a run that crashed gives the workspace back after {seconds:g} s.",
                    seconds=seconds,
                ),
            )
    return Lease(scope, int(token), seconds)


def _holder(connection: Connection, scope: Scope) -> str:
    row = connection.execute(_HOLDER, scope._asdict()).first()
    return f"{row.holder} since {row.since}" if row else ""


def _keep(engine: Engine, place: Place, lease: Lease, done: threading.Event) -> None:
    """Renew the lease until it ends or another run took over; a database that is away is asked again later."""
    while not done.wait(lease.seconds / RENEWALS):
        with suppress(LedgerError):
            try:
                with writing(engine, place, "renewing a lease in") as connection:
                    lease.confirm(connection)
            except LeaseLostError:
                return  # the run is told so before it writes
