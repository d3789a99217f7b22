"""Suggestions for unknown words: the most similar known word."""

from collections.abc import Iterable
from difflib import get_close_matches

from config.message import Message

_NEAR = 0.6


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most similar to `word`, ignoring case; None where none is near enough."""
    by_folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    matches = get_close_matches(word.casefold(), sorted(by_folded), n=1, cutoff=_NEAR)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'jql'?` to append to a message; empty when no known word is similar."""
    found = nearest(word, known)
    return Message("; did you mean '{found}'?", found=found) if found is not None else ""
