"""Frozen data that every stage shares: cells, history, plan."""
