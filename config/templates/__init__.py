"""Templates of `okrsync init`: configs and data by language."""
