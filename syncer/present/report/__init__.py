"""The report: a page, tables, a picture of the cycle so far."""
