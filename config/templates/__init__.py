"""What `okrsync init` writes: a config and its data per template and language."""
