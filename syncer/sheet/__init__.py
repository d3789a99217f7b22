"""The OKR sheet: headers, rows, okrsync's own tab, lookups; codes to cell text and back."""
