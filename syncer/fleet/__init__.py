"""Many workspaces at once: which they are, one sync of all, their state, and workers that share a queue."""
