"""Scores, decisions, and the config of the next cycle."""
