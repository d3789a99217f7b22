"""The clock of a run, which the environment may replace."""

import os
from datetime import datetime, tzinfo

from config.errors import OkrsyncError
from config.message import Message

CLOCK = "OKRSYNC_NOW"
"""Environment variable that replaces the clock, for reproducible runs."""


def clock_now(zone: tzinfo) -> datetime:
    """Return the time in a zone, of the clock that OKRSYNC_NOW may replace. Raises OkrsyncError."""
    stated = os.environ.get(CLOCK)
    if not stated:
        return datetime.now(zone)
    try:
        return datetime.fromisoformat(stated).astimezone(zone)
    except (ValueError, OverflowError):
        raise OkrsyncError(
            Message("reading the clock from {clock}", clock=CLOCK),
            Message("'{stated}' is not a point in time", stated=stated),
            effect="Nothing was read or written.",
            advice="Write it as in OKRSYNC_NOW=2026-11-16T09:30+08:00, or unset it.",
        ) from None
