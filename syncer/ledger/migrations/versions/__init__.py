"""Alembic revisions; `syncer.ledger.tables.REVISIONS` lists them, oldest first."""
