"""OKR cycles: first and last day, phase, and parsing of names such as 2026-Q4."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from config.dataclass import dataclass
from config.message import Message, all_of
from config.scalars import parse_date, plain, quoted

_NAMED = re.compile(r"(\d{4})(?:[- ]?(Q[1-4]|H[12]))?", re.IGNORECASE)
_HOW_TO_WRITE = Message("write 2026-Q4, 2026-H2, 2026, or name, start and end")
_YEARS = range(1990, 2200)
_MONTHS = {"Q1": (1, 3), "Q2": (4, 3), "Q3": (7, 3), "Q4": (10, 3), "H1": (1, 6), "H2": (7, 6), "": (1, 12)}

Phase = Literal["draft", "running", "closing", "closed"]
PHASES: tuple[Phase, ...] = get_args(Phase)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle from `first` to `last`, both days included, as instants [first 00:00, the day after last 00:00).

    A `closed` cycle is never written to again.
    """

    name: str
    first: date
    last: date
    phase: Phase = "running"

    @property
    def days(self) -> int:
        """Number of days, first and last included."""
        return (self.last - self.first).days + 1

    def start(self, zone: ZoneInfo) -> datetime:
        """Return the first instant: `first` at 00:00 in `zone`."""
        return datetime.combine(self.first, time(), zone)

    def end(self, zone: ZoneInfo) -> datetime:
        """Return the first instant after the cycle: the day after `last` at 00:00 in `zone`."""
        return datetime.combine(self.last + timedelta(days=1), time(), zone)

    def settled_day(self, today: date, days: int) -> date | None:
        """Return the last day of the cycle whose figures are complete `days` later; None if none is complete yet."""
        day = min(today - timedelta(days=days), self.last)
        return day if day >= self.first else None


def parse_cycle(value: object) -> Cycle:
    """Parse `2026-Q4`, `2026-H2`, `2026`, or a mapping with name, start and end (the last day). Raises ValueError."""
    if isinstance(value, Cycle):
        return value
    if isinstance(value, Mapping):
        return _stated(value)
    if not isinstance(value, str):
        raise ValueError(_HOW_TO_WRITE)  # noqa: TRY004 - a validator reports ValueError
    match = _NAMED.fullmatch(plain(value))
    if match is None:
        raise ValueError(
            Message("{value} is not a cycle; {how_to_write}", value=quoted(value), how_to_write=_HOW_TO_WRITE)
        )
    year, part = _year(int(match[1])), (match[2] or "").upper()
    month, count = _MONTHS[part]
    after = date(year + (month + count > 12), (month + count - 1) % 12 + 1, 1)  # noqa: PLR2004 - months of a year
    return Cycle(f"{year}-{part}" if part else str(year), date(year, month, 1), after - timedelta(days=1))


def _stated(value: Mapping[str, object]) -> Cycle:
    known = ("name", "start", "end")
    if wrong := [name for name in value if name not in (*known, "phase")]:
        raise ValueError(Message("unknown option '{wrong}'; a cycle has name, start, end and phase", wrong=wrong[0]))
    if missing := [name for name in known if not isinstance(value.get(name), str)]:
        raise ValueError(
            Message("a cycle needs {missing}; {how_to_write}", missing=all_of(missing), how_to_write=_HOW_TO_WRITE)
        )
    phase = next((phase for phase in PHASES if phase == value.get("phase", "running")), None)
    if phase is None:
        raise ValueError(Message("the phase of a cycle is one of {phases}", phases=PHASES))
    return make_cycle(str(value["name"]), parse_date(str(value["start"])), parse_date(str(value["end"])), phase)


def make_cycle(name: str, first: date | None, last: date | None, phase: Phase = "running") -> Cycle:
    """Create a cycle from its days, or from a name such as 2026-Q4 where both are None.

    Raises ValueError: the name gives no days, one of the days is missing, or the cycle ends before it starts.
    """
    if first is None and last is None:
        return replace(parse_cycle(name), phase=phase)
    if first is None or last is None:
        raise ValueError(Message("a cycle needs start and end; {how_to_write}", how_to_write=_HOW_TO_WRITE))
    if last < first:
        raise ValueError(Message("the cycle ends ({last}) before it starts ({first})", last=last, first=first))
    _year(first.year)
    _year(last.year)
    return Cycle(name, first, last, phase)


def described_cycle(name: str, options: Mapping[str, object]) -> object:
    """Combine `cycle: NAME` with the days and the phase that `cycles.NAME` states.

    Returns an input for `parse_cycle`. Raises ValueError where only a phase is stated and the name gives no days.
    """
    if "start" in options or "end" in options:
        return {"name": name, **options}
    phase = next((phase for phase in PHASES if phase == options.get("phase")), None)
    return replace(parse_cycle(name), phase=phase) if phase else name


def _year(year: int) -> int:
    if year not in _YEARS:
        raise ValueError(
            Message(
                "the year {year} is not between {start} and {stop}", year=year, start=_YEARS.start, stop=_YEARS.stop - 1
            )
        )
    return year
