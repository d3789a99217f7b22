"""How many requests Google will be sent."""

from collections.abc import Sequence
from urllib.parse import quote

from config.models import GoogleSheetsConnection
from connectors.expected import Expected, counted
from connectors.protocol import Read

_SURELY_ONE = 5000
"""So many characters of ranges go into one address; more may be split (`ranges.py`)."""


def expected(_connection: GoogleSheetsConnection, reads: Sequence[Read]) -> list[Expected]:
    """One batch of ranges for each spreadsheet, and one token."""
    ranges: dict[str, set[str]] = {}
    for read in reads:
        text = read.query.get("cell") or read.query.get("range") or ""
        ranges.setdefault(read.query.get("spreadsheet", "").strip(), set()).add(text)
    longest = max((sum(len(quote(text)) + 15 for text in texts) for texts in ranges.values()), default=0)
    return counted(("cells", len(ranges), longest < _SURELY_ONE), ("token", 1, True))
