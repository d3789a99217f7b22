"""A DuckDB that can reach nothing: no files, no network, no extensions, a bounded memory, its settings locked."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LOCKED: Mapping[str, str] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "temp_directory": "",
    "lock_configuration": "true",
}


def open_database(*, memory: str, threads: int) -> "DuckDBPyConnection":
    """An empty database in memory. `memory` is DuckDB's own notation, such as 1GB; nothing spills to disk."""
    import duckdb

    return duckdb.connect(":memory:", config={**_LOCKED, "memory_limit": memory, "threads": str(threads)})


@cache
def expression_db() -> "DuckDBPyConnection":
    """The process's one database without rows, for parsing, binding and arithmetic. Use a cursor() of it."""
    return open_database(memory="512MB", threads=1)
