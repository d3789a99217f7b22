"""The frozen data that every stage shares."""
