"""GitLab.com and GitLab Self-Managed as a source."""
