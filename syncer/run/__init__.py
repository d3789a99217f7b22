"""A plan into the sheet: written, verified, put right, and undone."""
