"""Write a text as a YAML scalar."""

import re

_PLAIN = re.compile(r"[^\W\d_](?:[\w ()/.&+-]*[\w)])?")
"""Texts that YAML reads as themselves, whatever surrounds them."""
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "none", "y", "n"))
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def yaml_scalar(text: str) -> str:
    """Write a text as a YAML scalar on one line: as it is where YAML cannot mistake it, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    escaped = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _escaped(char)) for char in text)
    return f'"{escaped}"'


def _escaped(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - as YAML has them
