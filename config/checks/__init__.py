"""Checks of a config across its models: references, goals, units, dates."""
