"""Grids of cells as typed tables, from any service."""
