"""DuckDB without its relational API, which takes longer to import (35 ms, 7 MB) than the engine itself (10 ms)."""

try:
    from _duckdb import DuckDBPyConnection, Error, InterruptException, OutOfMemoryException, connect
except ImportError:  # the compiled module has another name
    from duckdb import (  # noqa: TID251 - the same, later
        DuckDBPyConnection,
        Error,
        InterruptException,
        OutOfMemoryException,
        connect,
    )

__all__ = ["DuckDBPyConnection", "Error", "InterruptException", "OutOfMemoryException", "connect"]
