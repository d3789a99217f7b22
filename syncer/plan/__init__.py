"""Plan changes of the sheet from an assessment: rows, conflicts, guards. Pure."""
