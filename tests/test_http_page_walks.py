"""Any list, in any pages, with any number of lanes: all of its entries once and in order, or an error."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import SourceError
from config.row_paths import parse_row_path
from connectors.answers import Answer
from connectors.http_api.pages import Walk
from connectors.http_api.questions import Question
from connectors.http_api.rows import Listing, Picked
from connectors.json_client import JsonClient

WAYS: Mapping[str, Question] = {
    "page": Question("/x?page={page}"),
    "page from 0": Question("/x?page={page}", first_page=0),
    "offset": Question("/x?offset={offset}"),
    "page, total": Question("/x?page={page}", total="total"),
    "offset, total": Question("/x?offset={offset}", total="total"),
    "cursor": Question("/x?after={cursor}", next="next"),
    "cursor, total": Question("/x?after={cursor}", next="next", total="total"),
}
"""How the pages are asked for."""


class Pages:
    """A client that answers from a list, `size` entries a page; pages of the numbers in `short` lack their last one."""

    def __init__(self, entries: Sequence[int], size: int, lanes: int, short: Sequence[int] = ()) -> None:
        self.entries = entries
        self.size = size
        self.lanes = lanes
        self.short = short
        self.asked = 0

    def get(self, path: str, **_: Any) -> Answer:
        self.asked += 1
        query = {name: int(values[0]) for name, values in parse_qs(path.partition("?")[2]).items()}
        first = query.get("page", 0) - (0 if self.zero else 1)
        start = query.get("offset", query.get("after", first * self.size if "page" in query else 0))
        found = self.entries[start : start + self.size]
        if start // self.size + 1 in self.short:
            found = found[:-1]
        more = start + self.size < len(self.entries)
        document = {
            "items": [{"id": n} for n in found],
            "total": len(self.entries),
            "next": str(start + self.size) if more else None,
        }
        return Answer(document, datetime.now(UTC), path, digest=hash((start, tuple(found))))

    zero = False


def walked(way: str, pages: Pages) -> list[int]:
    question, picked = WAYS[way], Picked("items", "reading")
    pages.zero = question.first_page == 0
    listing = Listing(question, parse_row_path("items"), "reading", [picked])
    with ThreadPoolExecutor(pages.lanes) as pool:
        Walk(cast("JsonClient", pages), pool, question, "reading").take(listing)
    return [row["id"] for row in picked.whole()]


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 12), st.integers(1, 8))
def test_all_entries_come_once_and_in_order(way: str, count: int, size: int, lanes: int) -> None:
    pages = Pages(range(count), size, lanes)
    assert walked(way, pages) == list(range(count))
    whole = max(-(-count // size), 1)
    ahead = 0 if "cursor" in way or "total" in way else lanes
    assert whole <= pages.asked <= whole + ahead


@pytest.mark.parametrize("way", [way for way in WAYS if "total" in way])
@settings(deadline=None)
@given(st.integers(2, 60), st.integers(2, 12), st.integers(1, 8), st.integers(1, 20))
def test_a_lost_entry_never_makes_a_part_the_whole(way: str, count: int, size: int, lanes: int, lost: int) -> None:
    """A page lacks an entry, which the total tells."""
    with suppress(SourceError):
        assert walked(way, Pages(range(count), size, lanes, short=[lost])) == list(range(count))
