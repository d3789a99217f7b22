"""A cycle: half-open days in the workspace's time zone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.scalars import parse_date, plain

_NAMED = re.compile(r"(\d{4})(?:[- ]?(Q[1-4]|H[12]))?", re.IGNORECASE)
_MONTHS = {"Q1": (1, 3), "Q2": (4, 3), "Q3": (7, 3), "Q4": (10, 3), "H1": (1, 6), "H2": (7, 6), "": (1, 12)}


@dataclass(frozen=True, slots=True)
class Cycle:
    """`first` to `last`, both days included. Its instants are [first 00:00, the day after last 00:00)."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def start(self, zone: ZoneInfo) -> datetime:
        """The instant it begins."""
        return datetime.combine(self.first, time(), zone)

    def end(self, zone: ZoneInfo) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), zone)


def parse_cycle(value: object) -> Cycle:
    """`2026-Q4`, `2026-H2`, `2026`, or a mapping with name, start and end (the last day). Raises ValueError."""
    if isinstance(value, Cycle):
        return value
    if isinstance(value, Mapping):
        return _stated(value)
    match = _NAMED.fullmatch(plain(str(value)))
    if match is None:
        raise ValueError(f"{value!r} is not a cycle; write 2026-Q4, 2026-H2, 2026, or name, start and end")
    year, part = int(match[1]), (match[2] or "").upper()
    month, count = _MONTHS[part]
    after = date(year + (month + count > 12), (month + count - 1) % 12 + 1, 1)  # noqa: PLR2004 - months of a year
    return Cycle(f"{year}-{part}" if part else str(year), date(year, month, 1), after - timedelta(days=1))


def _stated(value: Mapping[str, object]) -> Cycle:
    if wrong := set(value) - {"name", "start", "end"}:
        raise ValueError(f"unknown option {min(wrong)!r}; a cycle has name, start and end")
    if missing := {"name", "start", "end"} - set(value):
        raise ValueError(f"a cycle needs {min(missing)!r}")
    cycle = Cycle(str(value["name"]), parse_date(str(value["start"])), parse_date(str(value["end"])))
    if cycle.last < cycle.first:
        raise ValueError(f"the cycle ends ({cycle.last}) before it starts ({cycle.first})")
    return cycle
