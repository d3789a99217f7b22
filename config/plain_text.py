"""Sanitize texts for output: mask secrets, remove control characters and bidirectional overrides."""

import re
from urllib.parse import quote

HIDDEN = "***"
"""Replacement for a masked secret."""

SHORTEST = 6
"""Minimum length in characters of a masked value; shorter ones occur inside ordinary words.

Credentials shorter than this are refused (`config/secrets.py`).
"""

_MOST = 1000
_LINE_OF_A_KEY = 20
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
_secrets: dict[str, None] = {}


def keep_secret(*values: str) -> None:
    """Register values to mask in all output: secrets, and values made of them such as access tokens or Basic headers.

    The lines of a multi-line key are registered one by one, and each value also in its URL-encoded form. The latest
    1,000 values are kept, so that memory stays bounded in a long-running process.
    """
    for value in values:
        lines = [line for line in value.split("\n") if len(line) >= _LINE_OF_A_KEY and line != value]
        for part in (value.strip(), *lines):
            if len(part) >= SHORTEST:
                _secrets[part] = None
                _secrets[quote(part, safe="")] = None
    while len(_secrets) > _MOST:
        del _secrets[next(iter(_secrets))]


def without_secrets(text: str) -> str:
    """Replace every secret registered in this process by `***`, the longest first."""
    for secret in sorted([known for known in list(_secrets) if known in text], key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def plain(text: str) -> str:
    """Mask secrets and replace control characters other than line feeds by spaces.

    Terminal escapes, zero-width characters and bidirectional overrides (Unicode TR 36, 2.3) become spaces too.
    """
    shown = without_secrets(text)
    return shown if shown.isprintable() else _UNPRINTABLE.sub(" ", shown)


LONGEST = 1000
"""Maximum length in characters of a text from outside that is shown on one line."""


def one_line(text: str) -> str:
    """Format a text from outside as one line of at most LONGEST characters, without secrets or control characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
