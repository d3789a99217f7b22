"""A new OKR sheet; ids, columns and lookups for one that exists."""
