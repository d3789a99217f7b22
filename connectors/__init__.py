"""Where numbers come from and the sheet they go to: one module per service."""
