"""Did you mean: the nearest known word to one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches

from config.message import Message

_NEAR = 0.6


def nearest(word: str, known: Iterable[str], *, cutoff: float = _NEAR) -> str | None:
    """The known word that looks most like `word`, compared without case, or None. `cutoff` 1 asks for equality."""
    by_folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    matches = get_close_matches(word.casefold(), sorted(by_folded), n=1, cutoff=cutoff)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'jql'?`, or nothing when no known word is near. To be put behind a message."""
    found = nearest(word, known)
    return Message("; did you mean '{found}'?", found=found) if found is not None else ""
