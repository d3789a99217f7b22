"""Alembic environment: run pending revisions in the transaction begun by `syncer.ledger.store`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
