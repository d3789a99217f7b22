"""Google Sheets on loopback."""
