"""Local files as a source: CSV, XLSX, JSON, JSON lines."""
