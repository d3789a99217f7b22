"""The record of runs, and the folder it is kept in."""
