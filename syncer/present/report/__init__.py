"""The report on the cycle so far: HTML page, tables, workbook and image."""
