"""The config language as strict models, its errors, messages, secrets and templates."""
