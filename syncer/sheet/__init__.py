"""The OKR sheet: its columns and rows, opened or made from nothing."""
