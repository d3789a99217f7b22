"""The revisions, oldest first: `syncer.ledger_tables.REVISIONS`."""
