"""What a schema cannot see."""
