"""What Alembic runs: the revisions that are due, in the transaction that `syncer.ledger.store` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
