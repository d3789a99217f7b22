"""Loopback Jira, GitHub and Google Sheets: the demo, and the other end of every test."""
