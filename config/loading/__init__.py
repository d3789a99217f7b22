"""From the text of a config to a checked workspace."""
