"""Suggestions for unknown words: the most similar known word."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from config.message import Message

_NEAR = 0.6


def nearest(word: str, known: Iterable[str], *, cutoff: float = _NEAR) -> str | None:
    """Return the known word most similar to `word`, ignoring case; None where none reaches `cutoff` (1: equal)."""
    return _nearest(word, tuple(sorted(known, reverse=True)), cutoff)


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...], cutoff: float) -> str | None:
    by_folded = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), sorted(by_folded), n=1, cutoff=cutoff)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = _NEAR) -> str:
    """Return `; did you mean 'jql'?` to append to a message; empty when no known word is similar."""
    found = nearest(word, known, cutoff=cutoff)
    return Message("; did you mean '{found}'?", found=found) if found is not None else ""
