"""Value expressions: parsed, checked against a table's columns and printed anew, before any network."""
