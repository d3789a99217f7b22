"""Alembic migrations of the ledger's tables, one revision per file."""
