"""Texts from outside, made fit to be shown: no secret, no control character, no letter that turns the line around."""

import re
from urllib.parse import quote

HIDDEN = "***"
"""What stands where a secret stood."""

SHORTEST = 6
"""Shorter values are not looked for: they would be found inside of ordinary words. No credential may be shorter."""

_MOST = 1000
_LINE_OF_A_KEY = 20
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
_secrets: dict[str, None] = {}


def keep_secret(*values: str) -> None:
    """Remember what no text may show: secrets, and what is made of them, such as an access token or a Basic header.

    Of a key of several lines each line counts. The latest 1,000 are remembered, so that a process may run for months.
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
    """The text with every secret that is known in this process replaced by `***`, the longest first."""
    for secret in sorted([known for known in list(_secrets) if known in text], key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def plain(text: str) -> str:
    """The text as it may be shown: secrets hidden; only its line feeds are left of all control characters.

    Terminal escapes, and letters without a width or that change the direction (Unicode TR 36, 2.3), become spaces.
    """
    shown = without_secrets(text)
    return shown if shown.isprintable() else _UNPRINTABLE.sub(" ", shown)


LONGEST = 1000
"""How much of a text from outside is shown, in characters."""


def one_line(text: str) -> str:
    """A text from outside for a terminal: one line of at most 1,000 characters, no secret, no control character."""
    line = " ".join(plain(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
