"""GitHub and GitHub Enterprise as a source."""
