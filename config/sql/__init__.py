"""Value expressions: parsed, checked against a table's columns and printed, before any network."""
