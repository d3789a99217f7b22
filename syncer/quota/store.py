"""Quota of accounts in PostgreSQL: what each may still use, and until when a service wants no request.

Buckets are those of pyrate-limiter, with a table each: a request is counted in the last `seconds` of the database's
clock, whatever process sends it. Accounts are named by a salted hash, from which no credential can be recovered.
"""

import atexit
import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.accounts import Account, Limit
from syncer.ledger.store import Place

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    from syncer.quota.bucket import Bucket

T = TypeVar("T")

_AWAY_SECONDS = 30.0
"""How long a database that did not answer is not asked again; requests are not limited meanwhile."""
_OPEN_SECONDS = 5.0
_FIRST_SECONDS = 1.0
"""How long the others stay behind a run that goes first after the end of its wait."""
_HASH_COST = 2**14

_SALT = "INSERT INTO quota_salt (one, salt) VALUES (1, %s) ON CONFLICT DO NOTHING"
_KEPT_SALT = "SELECT salt FROM quota_salt"
_HELD = """
SELECT extract(epoch FROM not_before - clock_timestamp()), extract(epoch FROM others_after - clock_timestamp())
FROM quota_holds WHERE account = %s AND resource = %s
"""
_HOLD = """
INSERT INTO quota_holds AS held (account, resource, {column})
VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (account, resource) DO UPDATE SET {column} = greatest(held.{column}, excluded.{column})
"""
_NOT_BEFORE, _OTHERS_AFTER = (_HOLD.format(column=column) for column in ("not_before", "others_after"))


class QuotaStore:
    """Quota of accounts in one database. Thread-safe; opened when it is first used.

    A database that does not answer limits nothing: without it, no run can write anyway.
    """

    def __init__(self, address: str, limits: Mapping[str, Limit] | None = None) -> None:
        """`limits` replaces the documented limits by resource, for tests."""
        self._address = address
        self._limits = limits
        self._lock = threading.Lock()
        self._pool: ConnectionPool[Any] | None = None
        self._salt = b""
        self._names: dict[Account, str] = {}
        self._buckets: dict[tuple[Account, str], Bucket] = {}
        self._away_until = 0.0

    def take(self, account: Account, resource: str, weight: int, *, first: bool) -> float:
        """Count a request and return 0; or count nothing and return the seconds after which to ask again.

        A run that goes `first` and has to wait keeps the others behind it.
        """

        def taken(pool: "ConnectionPool[Any]") -> float:
            name = self._name(pool, account)
            with pool.connection() as connection:
                not_before, others_after = connection.execute(_HELD, (name, resource)).fetchone() or (None, None)
            held = max(float(not_before or 0), 0.0 if first else float(others_after or 0))
            if held > 0:
                return held
            bucket = self._bucket(pool, account, resource)
            wait = bucket.take(weight) if bucket else 0.0
            if wait and first:
                with pool.connection() as connection:
                    connection.execute(_OTHERS_AFTER, (name, resource, wait + _FIRST_SECONDS))
            return wait

        return self._answer(taken, 0.0)

    def hold(self, account: Account, resource: str, seconds: float) -> None:
        """Let nobody use a resource of an account for so many seconds."""

        def held(pool: "ConnectionPool[Any]") -> None:
            name = self._name(pool, account)
            with pool.connection() as connection:
                connection.execute(_NOT_BEFORE, (name, resource, seconds))

        self._answer(held, None)

    def ask_about(self, account: Account, asked: "Callable[[ConnectionPool[Any], str], T]", otherwise: T) -> T:
        """Return what the database answers about an account, given its name there; `otherwise` while it does not."""
        return self._answer(lambda pool: asked(pool, self._name(pool, account)), otherwise)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            self._pool = None
            self._buckets.clear()

    def _answer(self, asked: "Callable[[ConnectionPool[Any]], T]", otherwise: T) -> T:
        """Return what the database answers; `otherwise` while it does not."""
        import psycopg

        if monotonic() < self._away_until:
            return otherwise
        try:
            return asked(self._opened())
        except psycopg.Error:
            self._away_until = monotonic() + _AWAY_SECONDS
            return otherwise

    def _opened(self) -> "ConnectionPool[Any]":
        from psycopg_pool import ConnectionPool

        with self._lock:
            if self._pool is None:
                self._pool = ConnectionPool(
                    self._address,
                    kwargs={"options": "-c timezone=UTC"},  # the buckets' times have no zone
                    min_size=0,
                    max_size=4,
                    timeout=_OPEN_SECONDS,
                    num_workers=1,
                    check=ConnectionPool.check_connection,
                    open=True,
                )
            return self._pool

    def _name(self, pool: "ConnectionPool[Any]", account: Account) -> str:
        """Return the account's name: a hash that is salted, slow and too short to tell a credential by."""
        with self._lock:
            known = self._names.get(account)
            if known is None:
                if not self._salt:
                    with pool.connection() as connection:
                        connection.execute(_SALT, (secrets.token_hex(32),))
                        row = connection.execute(_KEPT_SALT).fetchone()
                    self._salt = bytes.fromhex(row[0]) if row else b""
                credential = f"{account.service} {account.credential}".encode()
                known = hashlib.scrypt(credential, salt=self._salt, n=_HASH_COST, r=8, p=1, dklen=8).hex()
                self._names[account] = known
            return known

    def _bucket(self, pool: "ConnectionPool[Any]", account: Account, resource: str) -> "Bucket | None":
        from syncer.quota.bucket import Bucket

        limit = (account.limits if self._limits is None else self._limits).get(resource)
        if limit is None:
            return None
        with self._lock:
            known = self._buckets.get((account, resource))
            if known is None:
                known = self._buckets[account, resource] = Bucket(pool, f"{self._names[account]}_{resource}", limit)
            return known


@cache
def store_at(address: str) -> QuotaStore:
    """Return this process's store at the address of a database."""
    made = QuotaStore(address)
    atexit.register(made.close)
    return made


def store_of(place: Place) -> QuotaStore | None:
    """Return the store in a ledger's database; None for a file, or where the fleet's packages are not installed."""
    from importlib.util import find_spec

    if place.url is None or not all(map(find_spec, ("psycopg", "psycopg_pool", "pyrate_limiter"))):
        return None
    return store_at(place.url.set(drivername="postgresql").render_as_string(hide_password=False))
