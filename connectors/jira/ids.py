"""Compact set of issue ids: one or two megabytes for hundreds of thousands of ids."""

import re

_BLOCK = 256
"""Number of ids stored as bits of one integer. Sites number issues consecutively, so the ids of a query are close."""
_PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]{0,30}")


class Ids:
    """Set of distinct ids: plain numbers, as Jira's are, as bits; any other text in a normal set."""

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}
        self._others: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, id_: str) -> bool:
        """Add an id; return whether it is new."""
        if _PLAIN_NUMBER.fullmatch(id_):
            block, bit = divmod(int(id_), _BLOCK)
            known = self._blocks.get(block, 0)
            new = not known >> bit & 1
            self._blocks[block] = known | 1 << bit
        else:
            new = id_ not in self._others
            self._others.add(id_)
        self._count += new
        return new

    def differing(self, other: "Ids") -> int:
        """Return the number of ids that are in only one of the two sets."""
        theirs, others = other._blocks, other._others  # noqa: SLF001 - of the same class
        both = self._blocks.keys() | theirs.keys()
        bits = (self._blocks.get(block, 0) ^ theirs.get(block, 0) for block in both)
        return sum(map(int.bit_count, bits)) + len(self._others ^ others)
