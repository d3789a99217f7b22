"""Cells in rows and columns, whichever service they come from."""
