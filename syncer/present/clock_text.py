"""Warning about a system clock that is earlier than the last run."""

from datetime import datetime, timedelta

from syncer.i18n import translate
from syncer.ledger.recall import Recall

ALLOWED = timedelta(minutes=1)
"""Tolerated difference between the clocks of machines that share a ledger."""


def clock_text(known: Recall, now: datetime, language: str) -> str:
    """Return a warning when `now` is more than `ALLOWED` before the last run, else an empty string."""
    if known.last_run is None or now >= known.last_run - ALLOWED:
        return ""
    return translate(
        language,
        "warning: the clock says {now:%Y-%m-%d %H:%M}, but the last run was at {last:%Y-%m-%d %H:%M}. Expected "
        "progress, status and forecast follow the clock: set it right and run again.",
        now=now,
        last=known.last_run.astimezone(now.tzinfo),
    )
