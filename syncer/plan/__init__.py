"""What a run would change in the OKR sheet, and what forbids it. Pure."""
