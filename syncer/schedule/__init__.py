"""When runs happen: foreground, cron, systemd, GitHub Actions, Kubernetes."""
