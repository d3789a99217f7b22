"""Loopback Jira, GitHub and Google Sheets for the demo and for tests."""
