"""Reads for measures, and their rows as values (DuckDB)."""
