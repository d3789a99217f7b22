"""Jira on loopback."""
