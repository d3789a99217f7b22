"""Read all ranges of a spreadsheet with one `values:batchGet`, isolating invalid ranges."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from config.errors import SourceError
from connectors.google_sheets.client import SheetsClient
from connectors.google_sheets.errors import BadRequestError

OPTIONS = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
"""Numbers unformatted, percentages as fractions; dates as displayed, since a serial number has no type."""

_LONGEST_QUERY = 6000
"""Maximum number of characters of ranges in one address; proxies refuse longer addresses."""


def fetch(client: SheetsClient, spreadsheet: str, ranges: Sequence[str]) -> dict[str, Mapping[str, Any] | SourceError]:
    """Return a ValueRange or an error for each distinct range."""
    found: dict[str, Mapping[str, Any] | SourceError] = {}
    for batch in _batches(list(dict.fromkeys(ranges))):
        found |= _fetch(client, spreadsheet, batch)
    return found


def _batches(ranges: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    length = 0
    for text in ranges:
        size = len("ranges=&") + len(quote(text, safe=""))
        if batch and length + size > _LONGEST_QUERY:
            yield batch
            batch, length = [], 0
        batch.append(text)
        length += size
    if batch:
        yield batch


def _fetch(client: SheetsClient, spreadsheet: str, ranges: list[str]) -> dict[str, Mapping[str, Any] | SourceError]:
    try:
        return dict(zip(ranges, client.get_values(spreadsheet, ranges, OPTIONS), strict=True))
    except BadRequestError as exc:
        if len(ranges) == 1:
            return {ranges[0]: exc}
        named = [text for text in ranges if exc.saw.endswith(f": {text})")]
        bad = named if len(named) == 1 else ranges[: len(ranges) // 2]
        rest = [text for text in ranges if text not in bad]
        first: dict[str, Mapping[str, Any] | SourceError] = {bad[0]: exc} if named == bad else {}
        return (first or _fetch(client, spreadsheet, bad)) | _fetch(client, spreadsheet, rest)
    except SourceError as exc:
        return dict.fromkeys(ranges, exc)
