"""Reason codes for a key result or a KPI without a value; the reason itself is a message."""

from enum import StrEnum


class Cause(StrEnum):
    """Reason code of an unknown value."""

    READ_FAILED = "read_failed"
    """A source could not be read."""
    NO_GOAL = "no_goal"
    """The config and the sheet together define no valid goal."""
    NOT_TYPED = "not_typed"
    """The manually entered number is missing or not a number."""
    NO_VALUE = "no_value"
    """The sources were read, but the rows yield no number."""
    NOT_RECORDED = "not_recorded"
    """The ledger has no reading for the days concerned."""
    DUPLICATE_ID = "duplicate_id"
    """The sheet has several rows with the key result's id."""
