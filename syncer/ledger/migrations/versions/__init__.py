"""The revisions, oldest first: `syncer.ledger.tables.REVISIONS`."""
