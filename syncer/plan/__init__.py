"""The assessment against the sheet: rows, conflicts, guards. Pure."""
