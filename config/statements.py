"""SQL statements of measures: one SELECT whose placeholders become bound parameters, whatever the database."""

import re
from collections.abc import Callable, Iterator

from config.dataclass import dataclass
from config.message import Message
from config.placeholders import FORM

_TOKEN = re.compile(
    rf"""(?P<placeholder>{FORM})
    |(?P<executable>/\*M?!)
    |(?P<comment>--[^\n]*|/\*.*?\*/)
    |(?P<quoted>'[^']*'|"[^"]*"|`[^`]*`|(?P<dollar>\$\w*\$).*?(?P=dollar))
    |(?P<end>;)
    |(?P<open>['"`]|/\*)""",
    re.DOTALL | re.VERBOSE,
)
_FIRST_WORD = re.compile(r"[\s(]*(\w*)")
_PLACEHOLDER = re.compile(FORM)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as pieces in turn: SQL, placeholder, SQL, placeholder, ..., SQL."""

    pieces: tuple[str, ...]

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The placeholders in order, such as `{cycle.start}`; one may occur several times."""
        return self.pieces[1::2]

    def written(self, parameter: Callable[[int], str], escape: Callable[[str], str] = str) -> str:
        """Write the statement with a parameter in place of each placeholder, by its number, and the SQL escaped."""
        return "".join(parameter(place // 2) if place % 2 else escape(piece) for place, piece in enumerate(self.pieces))


def parse_statement(text: str) -> Statement:
    """Parse one SELECT statement. Comments and texts in quotes stay as they are.

    Raises ValueError: no SELECT or WITH, several statements, a quote that is not closed, a placeholder inside quotes,
    or what databases read in different ways.
    """
    pieces: list[str] = [""]
    bare: list[str] = []
    at, ended = 0, False
    for token in _tokens(text):
        between, found = text[at : token.start()], token[0]
        _require_not_ended(between, ended=ended)
        bare.append(between)
        at = token.end()
        pieces[-1] += between
        if token["placeholder"]:
            pieces += [found, ""]
        elif token["end"]:
            _require_not_ended(found, ended=ended)
            ended = True
            continue
        else:
            pieces[-1] += found
        _require_not_ended("" if token["comment"] else found, ended=ended)
        bare.append(" " if token["comment"] else "x")
    _require_not_ended(text[at:], ended=ended)
    pieces[-1] += text[at:]
    first = _FIRST_WORD.match("".join([*bare, text[at:]]))
    if first is None or first[1].upper() not in ("SELECT", "WITH"):
        raise ValueError(Message("must be one SELECT statement, or WITH ... SELECT"))
    return Statement(tuple(pieces))


def _tokens(text: str) -> Iterator[re.Match[str]]:
    for token in _TOKEN.finditer(text):
        if token["open"]:
            raise ValueError(Message("the quote or comment {sign} is not closed", sign=token[0]))
        if token["executable"]:
            raise ValueError(
                Message("a comment that begins with {sign} is a statement in some databases", sign=token[0])
            )
        if token["quoted"] and (inside := _PLACEHOLDER.search(token[0])):
            raise ValueError(
                Message(
                    "{placeholder} is inside quotes; write it without: its value is bound as a parameter",
                    placeholder=inside[0],
                )
            )
        if token["quoted"] and token[0].endswith("\\'"):
            raise ValueError(Message("a backslash before a quote is read in different ways; write the text without it"))
        yield token


def _require_not_ended(text: str, *, ended: bool) -> None:
    if ended and text.strip():
        raise ValueError(Message("has several statements; one SELECT is run"))
