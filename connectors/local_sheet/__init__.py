"""The OKR sheet in a local file: XLSX or CSV."""
