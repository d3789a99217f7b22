"""Web addresses of spreadsheets and their ranges, such as `.../edit#gid=5&range=A1:F9`. Pure functions."""

import re

from connectors.grids.a1 import parse_area

DOCS = "https://docs.google.com/spreadsheets/d/"
_ADDRESS = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([\w-]+)")
_GID = re.compile(r"[#?&]gid=(\d+)")


def spreadsheet_id(text: str) -> str:
    """Extract the id of a spreadsheet from its web address; an id is returned unchanged."""
    match = _ADDRESS.match(text.strip())
    return match[1] if match else text.strip()


def range_link(spreadsheet: str, stated: str, asked: str) -> str:
    """Return the web address of a range. `stated` is the spreadsheet as stated in the config.

    An address copied from the browser has the id of its tab; for an id alone, the address is that of the spreadsheet.
    """
    found = _GID.search(stated)
    return at_range(f"{DOCS}{spreadsheet}/edit#gid={found[1]}", asked) if found else DOCS + spreadsheet


def at_range(tab: str, asked: str) -> str:
    """Add the cells of a range such as `'Deals'!A:F` to the web address of its tab."""
    cells = asked.rpartition("!")[2] if "!" in asked or not parse_area(asked).tab else ""
    return f"{tab}&range={cells.replace('$', '')}" if cells else tab
