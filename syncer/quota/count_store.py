"""Counts that workspaces on one account ask once, in PostgreSQL: a query is claimed, counted, and kept for a minute."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from config.dataclass import dataclass
from connectors.accounts import Account
from syncer.sources.shared_counts import Counted

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    from syncer.quota.store import QuotaStore

_FRESH_SECONDS = 60
"""How long a count is given to other workspaces."""
_CLAIM_SECONDS = 30
"""How long a workspace has to count what it claimed, before another asks as well."""
_FORGET_SECONDS = 600

_FIND = """
SELECT query, workspace, reading FROM shared_counts
WHERE account = %s AND query = ANY(%s) AND workspace <> %s
AND read_at > clock_timestamp() - make_interval(secs => %s)
"""
_CLAIM = """
INSERT INTO shared_counts AS kept (account, query, workspace, claimed_until)
SELECT %s, query, %s, clock_timestamp() + make_interval(secs => %s) FROM unnest(%s::text[]) AS query
ON CONFLICT (account, query) DO UPDATE
SET workspace = excluded.workspace, claimed_until = excluded.claimed_until, reading = NULL, read_at = NULL
WHERE kept.workspace = excluded.workspace OR kept.claimed_until < clock_timestamp()
AND (kept.read_at IS NULL OR kept.read_at <= clock_timestamp() - make_interval(secs => %s))
RETURNING query
"""
_KEEP = """
UPDATE shared_counts SET reading = %s, read_at = clock_timestamp(), claimed_until = clock_timestamp()
WHERE account = %s AND query = %s AND workspace = %s
"""
_RELEASE = """
UPDATE shared_counts SET claimed_until = clock_timestamp()
WHERE account = %s AND query = ANY(%s) AND workspace = %s
"""
_FORGET = "DELETE FROM shared_counts WHERE claimed_until < clock_timestamp() - make_interval(secs => %s)"


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Counts of accounts for one run of a workspace. A database that does not answer has none, and takes none."""

    store: "QuotaStore"
    workspace: str

    def find(self, account: Account, queries: Sequence[str]) -> Mapping[str, Counted]:
        """Return the counts that other workspaces got within a minute."""

        def found(pool: "ConnectionPool[Any]", name: str) -> dict[str, Counted]:
            with pool.connection() as connection:
                values = (name, list(queries), self.workspace, _FRESH_SECONDS)
                rows = connection.execute(_FIND, values).fetchall()
            return {query: Counted(workspace, reading) for query, workspace, reading in rows}

        return self.store.ask_about(account, found, {})

    def claim(self, account: Account, queries: Sequence[str]) -> frozenset[str]:
        """Return those that this workspace is to ask, since no other does."""

        def claimed(pool: "ConnectionPool[Any]", name: str) -> frozenset[str]:
            with pool.connection() as connection:
                connection.execute(_FORGET, (_FORGET_SECONDS,))
                values = (name, self.workspace, _CLAIM_SECONDS, sorted(queries), _FRESH_SECONDS)
                return frozenset(query for (query,) in connection.execute(_CLAIM, values).fetchall())

        return self.store.ask_about(account, claimed, frozenset(queries))

    def keep(self, account: Account, readings: Mapping[str, str]) -> None:
        """Keep counts that this workspace got."""

        def kept(pool: "ConnectionPool[Any]", name: str) -> None:
            rows = [(reading, name, query, self.workspace) for query, reading in sorted(readings.items())]
            with pool.connection() as connection, connection.cursor() as cursor:
                cursor.executemany(_KEEP, rows)

        self.store.ask_about(account, kept, None)

    def release(self, account: Account, queries: Sequence[str]) -> None:
        """Let others ask what this workspace could not count."""

        def released(pool: "ConnectionPool[Any]", name: str) -> None:
            with pool.connection() as connection:
                connection.execute(_RELEASE, (name, list(queries), self.workspace))

        self.store.ask_about(account, released, None)
