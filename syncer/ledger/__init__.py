"""The record of runs: tables and queries."""
