"""Decode percent-encoding, backslashes, HTML entities and invisible characters, keeping where each character was."""

import html
import re
from collections.abc import Callable, Iterator
from functools import cached_property

UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Control characters other than line feeds, zero-width characters and bidirectional overrides."""

_LONG = 20_000
"""Length in characters from which a text is decoded in fewer ways."""

_MOST = 24

_Taken = Callable[[], Iterator[tuple[int, int, str]]]
"""The escapes that were decoded: start, end, and what they stand for."""


class Decoded:
    """A text without some of its escapes, which knows where its characters were in the source."""

    def __init__(self, text: str, before: "Decoded | None" = None, taken: _Taken | None = None) -> None:
        self.text, self._before, self._taken = text, before, taken

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the source for a span of this text, escapes included."""
        starts, ends = self.places
        return starts[start], ends[end - 1]

    @cached_property
    def places(self) -> tuple[list[int], list[int]]:
        """Where each character starts and ends in the source; made on demand, since nearly no text holds a secret."""
        if self._before is None or self._taken is None:
            return list(range(len(self.text))), list(range(1, len(self.text) + 1))
        old_starts, old_ends = self._before.places
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for start, end, plain in self._taken():
            starts += [*old_starts[last:start], *[old_starts[start]] * len(plain)]
            ends += [*old_ends[last:start], *[old_ends[end - 1]] * len(plain)]
            last = end
        return starts + old_starts[last:], ends + old_ends[last:]


def _bytes(escape: str) -> str:
    return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")


def _backslash(escape: str) -> str:
    kind, rest = escape[1], escape[2:]
    if rest and kind == "u":
        return bytes.fromhex(escape.replace("\\u", "")).decode("utf-16-be", "replace")
    return chr(int(rest, 16)) if rest else {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(kind, kind)


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
    ("%", re.compile(r"%[0-7][0-9a-fA-F]|(?:%[89a-fA-F][0-9a-fA-F])+"), _bytes),
    (
        "\\",
        re.compile(
            r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\."
        ),
        _backslash,
    ),
    ("&", re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});"), html.unescape),
    ("+", re.compile(r"\+"), lambda _: " "),
    ("", re.compile(f"\n|{UNPRINTABLE.pattern}"), lambda _: ""),
)


def decodings(text: str, *, plus: bool) -> Iterator[Decoded]:
    """Yield a text without percent-encoding, backslashes, HTML entities or invisible characters, in any order.

    `plus` says whether `+` may be a space. A text without escapes yields nothing; a long one is decoded in fewer ways.
    """
    kinds = [kind for kind in _KINDS if plus or kind[0] != "+"]
    if text.isprintable() and not any(sign and sign in text for sign, _, _ in kinds):
        return
    waiting = [Decoded(text)]
    seen, most = {text}, _MOST if len(text) < _LONG else len(kinds) + 1
    for source in waiting:
        for sign, pattern, decode in kinds:
            found = _decode(source, pattern, decode) if sign in source.text else source
            if found.text not in seen and len(seen) < most:
                seen.add(found.text)
                waiting.append(found)
                yield found


def _decode(source: Decoded, pattern: re.Pattern[str], decode: Callable[[str], str]) -> Decoded:
    def taken() -> Iterator[tuple[int, int, str]]:
        for escape in pattern.finditer(source.text):
            yield *escape.span(), decode(escape[0])

    return Decoded(pattern.sub(lambda escape: decode(escape[0]), source.text), source, taken)
