"""Sources and OKR sheets: protocols, registry, HTTP and retries; a folder per service."""
