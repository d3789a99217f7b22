"""What a backfill computed, day by day."""

from syncer.i18n import translate
from syncer.present.history_text import sparkline
from syncer.present.number_text import reason_text, show_percent
from syncer.run.backfill import Backfilled


def backfill_text(done: Backfilled, language: str) -> str:
    """For people."""
    lines = [f"{done.key_result}  {sparkline([record.progress for record in done.filled])}".rstrip(), ""]
    lines += [
        f"{record.day}  {show_percent(record.progress):>7}  {reason_text(record.reason, language)}".rstrip()
        for record in done.filled
    ]
    filled, kept = len(done.filled), len(done.kept)
    lines.append(
        translate(
            language,
            "{filled} days computed again and recorded as backfilled; {kept} kept as runs recorded them.",
            filled=filled,
            kept=kept,
        )
    )
    return "\n".join(lines) + "\n"
