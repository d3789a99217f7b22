"""The kinds of key results: one class each, with everything that differs from kind to kind."""
