"""Names of the previous and the next cycle. Pure."""

import re

from config.cycles import Cycle, parse_cycle

_USUAL = re.compile(r"(\d{4})(?:-([QH])(\d))?")
_PARTS = {"Q": 4, "H": 2}


def neighbour(cycle: Cycle, step: int) -> str | None:
    """Return the name of the cycle `step` cycles later: 2026-Q4 and 1 give 2027-Q1. None for custom names or dates."""
    match = _USUAL.fullmatch(cycle.name)
    if match is None or (parse_cycle(cycle.name).first, parse_cycle(cycle.name).last) != (cycle.first, cycle.last):
        return None
    year, letter, part = int(match[1]), match[2], match[3]
    if letter is None:
        return str(year + step)
    count = _PARTS[letter]
    years, rest = divmod(int(part) - 1 + step, count)
    return f"{year + years}-{letter}{rest + 1}"
