"""The end of a cycle: scores, decisions, the next config."""
