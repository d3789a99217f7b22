"""Quota of services, shared by all runs with one PostgreSQL database."""
