"""Sandboxed DuckDB in memory: no files, network or extensions, bounded memory, settings locked."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.sql.engine import DuckDBPyConnection

_LOCKED: Mapping[str, str] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "temp_directory": "",
    "lock_configuration": "true",
}


def open_database(*, memory: str, threads: int) -> "DuckDBPyConnection":
    """Open an empty database in memory that never spills to disk. `memory`: a DuckDB `memory_limit` such as 1GB."""
    from config.sql import engine

    return engine.connect(":memory:", config={**_LOCKED, "memory_limit": memory, "threads": str(threads)})


@cache
def expression_db() -> "DuckDBPyConnection":
    """Return the process-wide database without tables, for parsing, binding and arithmetic; take a cursor() of it."""
    return open_database(memory="512MB", threads=1)
