"""Google Sheets: a source of rows and cells, and the OKR sheet."""
