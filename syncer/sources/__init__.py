"""Measures to reads, and their rows to values (DuckDB)."""
