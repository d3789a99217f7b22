"""Sanitize texts for output: mask secrets, remove control characters and bidirectional overrides."""

from config.escapes import UNPRINTABLE
from config.masking import without_secrets


def plain(text: str) -> str:
    """Mask secrets and replace control characters other than line feeds by spaces.

    Terminal escapes, zero-width characters and bidirectional overrides (Unicode TR 36, 2.3) become spaces too.
    """
    shown = without_secrets(text)
    return shown if shown.isprintable() else UNPRINTABLE.sub(" ", shown)


LONGEST = 1000
"""Maximum length in characters of a text from outside that is shown on one line."""

_MOST_READ = 50 * LONGEST


def one_line(text: str) -> str:
    """Format a text from outside as one line of at most LONGEST characters, without secrets or control characters."""
    line = " ".join(plain(text[:_MOST_READ]).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
