"""Which issues came already: hundreds of thousands of ids in a megabyte or two."""

import re

_BLOCK = 256
"""Ids that share one number, a bit each. A site gives ids in a row, so that a query's issues lie close together."""
_PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]{0,30}")


class Ids:
    """Different ids. Jira's are plain numbers; any other text is told apart all the same."""

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}
        self._others: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, id_: str) -> bool:
        """Take an id; whether it is a new one."""
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
        """How many ids only one of the two holds."""
        theirs, others = other._blocks, other._others  # noqa: SLF001 - of the same class
        both = self._blocks.keys() | theirs.keys()
        bits = (self._blocks.get(block, 0) ^ theirs.get(block, 0) for block in both)
        return sum(map(int.bit_count, bits)) + len(self._others ^ others)
