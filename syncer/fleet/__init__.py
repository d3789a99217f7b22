"""Many workspaces at once: which they are, what keeps them from each other, and one sync of all."""
