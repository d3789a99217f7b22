"""Definitions, values and history to an assessment; no I/O, no clock."""
