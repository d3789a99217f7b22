"""Instant queries of a Prometheus server."""
