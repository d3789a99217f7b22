"""Addresses of spreadsheets, and of ranges in them: `.../edit#gid=5&range=A1:F9`. Pure."""

import re

from connectors.grids.a1 import parse_area

DOCS = "https://docs.google.com/spreadsheets/d/"
_ADDRESS = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([\w-]+)")
_GID = re.compile(r"[#?&]gid=(\d+)")


def spreadsheet_id(text: str) -> str:
    """A spreadsheet's id, also out of its address as people paste it."""
    match = _ADDRESS.match(text.strip())
    return match[1] if match else text.strip()


def range_link(spreadsheet: str, stated: str, asked: str) -> str:
    """The address of a range. `stated` is the spreadsheet as the config names it.

    An address that was pasted from the browser says the id of its tab; an id alone leads to the spreadsheet.
    """
    found = _GID.search(stated)
    return at_range(f"{DOCS}{spreadsheet}/edit#gid={found[1]}", asked) if found else DOCS + spreadsheet


def at_range(tab: str, asked: str) -> str:
    """The address of `asked`, such as `'Deals'!A:F`, in the tab of that address."""
    cells = asked.rpartition("!")[2] if "!" in asked or not parse_area(asked).tab else ""
    return f"{tab}&range={cells.replace('$', '')}" if cells else tab
