"""SQL databases as sources: PostgreSQL, MySQL, MariaDB, SQLite, DuckDB, and what else SQLAlchemy has a dialect for."""
