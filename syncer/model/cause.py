"""Why a key result or a KPI is unknown: the code beside the words of its reason."""

from enum import StrEnum


class Cause(StrEnum):
    """What kind of reason it is."""

    READ_FAILED = "read_failed"
    """A source could not be read."""
    NO_GOAL = "no_goal"
    """What config and sheet state makes no goal."""
    NOT_TYPED = "not_typed"
    """The number that people type in the sheet is missing, or is none."""
    NO_VALUE = "no_value"
    """The sources were read, and what came gives no number."""
    NOT_RECORDED = "not_recorded"
    """The ledger has no reading of the days that count."""
    DUPLICATE_ID = "duplicate_id"
    """Its id stands in several rows of the sheet."""
