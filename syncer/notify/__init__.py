"""Digests, alerts and reminders: to whom, how often, and what was sent already."""
