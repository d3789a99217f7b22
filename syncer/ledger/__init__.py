"""Record of runs: tables and queries."""
