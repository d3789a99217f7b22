"""The commands: arguments, exit codes and output; no logic."""
