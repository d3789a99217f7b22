"""The faces of a result: text, JSON and markdown."""
