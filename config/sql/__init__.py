"""Parse, check and print value expressions, without any network."""
