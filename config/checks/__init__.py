"""What a schema cannot see in a config."""
