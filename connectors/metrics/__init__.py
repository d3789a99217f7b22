"""Numbers over HTTP: JSON endpoints and Prometheus."""
