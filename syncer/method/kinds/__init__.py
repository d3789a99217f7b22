"""Kinds of key results: one class per kind, with all behaviour specific to that kind."""
