"""Sync, dry-run, undo, backfill: one pipeline."""
