"""Make a new OKR sheet, and prepare one that exists."""
