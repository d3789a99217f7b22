"""Load config files as a checked workspace."""
