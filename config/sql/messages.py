"""Error messages about expressions, with suggestions of what to write instead."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from config.message import Message, all_of
from config.sql.functions import FUNCTIONS, REFUSED, WORDS
from config.sql.instants import place_before_quoting, quoted_placeholders
from config.suggest import nearest

_LISTED = 15
_LONGEST = 200
_SHORT = 3
_WIDE = dict(zip("（）＝，；＜＞＋－＊／％！：‘’“”", "()=,;<>+-*/%!:''''", strict=True))
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_LAST_WORD = re.compile(r"(\w+)\s*$")
_GRAMMAR = frozenset(
    ("and", "or", "not", "in", "is", "like", "between", "case", "when", "then", "else", "by", "distinct")
)
_KEYWORDS = frozenset(("all", "at", "check", "column", "default", "desc", "end", "table", "to", "user", "window"))
"""Words of SQL that name columns of data, too, and need quotes there."""
_BARE_DATE = re.compile(r"(?<![\w.])(?:19|20)\d\d-\d{1,2}-\d{1,2}(?![\w.])")
_HINTS = {
    ";": Message("a value is one expression, without ';'"),
    "as": Message("a value takes no alias; remove AS and the name"),
    "!": Message("write <> or NOT"),
    **dict.fromkeys(
        ("from", "where", "group", "having", "order", "limit", "union", "join", "intersect", "except"),
        Message("a value is one expression over the rows; a condition goes into filter (...)"),
    ),
}
_DUCK_TYPES = (
    ("[]", "l"),
    ("VARCHAR", "t"),
    ("STRING_LITERAL", "t"),
    ("BOOLEAN", "b"),
    ("TIMESTAMP", "s"),
    ("DATE", "s"),
    ("INTERVAL", "i"),
    ("INT", "n"),
    ("DOUBLE", "n"),
    ("FLOAT", "n"),
    ("DECIMAL", "n"),
)
_NO_FUNCTION = re.compile(r"(?:argument types|function call) ['\"](.+?)\((.*?)\)['\"]")
_COMPARE = re.compile(r"Cannot compare values of type (\S+) and (?:type )?(\S+)")
_CONVERT = re.compile(r"Could not convert string '(.*?)' to (\w+)", re.DOTALL)


TIE = "okrsync tie"
"""Start of the error by which an expression reports that several rows have the greatest or least key."""
_SEPARATOR = "\x1f"


class ExpressionError(ValueError):
    """An invalid expression. The message names what to write instead."""


def closest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or an empty text where no known name is similar.

    Besides the nearest spelling, a known name that contains `name` is similar; for names of at most three characters,
    one that differs in a single character.
    """
    names = sorted(known)
    found = nearest(name, names) or next((each for each in names if _resembles(name.lower(), each.lower())), None)
    return Message("; did you mean '{found}'?", found=found) if found else ""


def _resembles(low: str, other: str) -> bool:
    if len(low) > _SHORT:
        return low in other
    return len(low) == len(other) > 1 and sum(a != b for a, b in zip(low, other, strict=True)) == 1


def closest_or_all(name: str, known: Iterable[str], label: str) -> str:
    """Suggest the most similar known name, or list the known names after `label`."""
    names = list(known)
    if near := closest(name, names):
        return near
    shown = names if len(names) <= _LISTED else [*names[: _LISTED - 1], f"{names[_LISTED - 1]} ..."]
    return Message("; {label}: {names}", label=label, names=shown) if names else ""


def refused_function(name: str, *, empty: bool) -> str:
    """Return why a value may not call this function; `empty`: the call has no arguments."""
    if name == "row" and empty:
        return Message("a value is missing; write an expression such as count(*)")
    if name == "row":
        return REFUSED["row"]
    if name in REFUSED:
        return Message("{name}() is not allowed in a value: {refused}", name=name, refused=REFUSED[name])
    return Message("{name}() is not an available function", name=name) + closest(
        name, FUNCTIONS.keys() - {"count_star"}
    )


def full_width(text: str) -> str:
    """Return a hint about a full-width sign outside quotes, as Chinese input methods type them; else an empty text."""
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    found = next((char for char in bare if char in _WIDE), "")
    return (
        Message(" (contains a full-width {found}; write {narrow})", found=found, narrow=_WIDE[found]) if found else ""
    )


def syntax_error(text: str, before: str, answer: Mapping[str, Any]) -> str:
    """Rewrite DuckDB's syntax error with line and column counted in `text`; `before` is the SQL put before `text`."""
    message = str(answer.get("error_message", ""))
    if "max expression depth" in message.lower():
        return Message("nested too deeply")
    if "position" not in answer:
        return message.partition("\n")[0][:_LONGEST]
    wrapped = (before + quoted_placeholders(text)).encode()
    sent_at = len(wrapped[: int(answer["position"])].decode(errors="ignore")) - len(before)
    offset = place_before_quoting(text, sent_at)
    if "unterminated" in message:
        return Message("{value} at {place}", value=message.partition(" at or near")[0], place=_place(text, offset))
    if offset >= len(text.rstrip()):
        return _ends_wrong(_QUOTED.sub("", text))
    near = message.partition('near "')[2].removesuffix('"')
    hint = _HINTS.get(near.lower(), "") or _hint_before(near, text[:offset])
    return Message("syntax error at {place}, near '{near}'", place=_place(text, offset), near=near) + (
        f": {hint}" if hint else ""
    )


def _hint_before(near: str, before: str) -> str:
    """Return what the words right before a syntax error suggest: a filter or a name without its signs; else empty."""
    word = _LAST_WORD.search(before)
    keyword = next((each for each in (near, word[1] if word else "") if each.lower() in _KEYWORDS), "")
    if keyword:
        return Message("{word} is a word of SQL; a column of that name needs double quotes", word=keyword)
    if word is None or not re.match(r"\w", near):
        return ""
    if word[1].lower() == "filter":
        return Message("a condition needs parentheses: filter (...)")
    if word[1].lower() in _GRAMMAR:
        return ""
    return Message("a column name with spaces needs double quotes, a text single quotes")


def require_quoted_dates(text: str) -> None:
    """Refuse a date without quotes, which is a subtraction. Raises ExpressionError."""
    if found := _BARE_DATE.search(_QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)):
        raise ExpressionError(Message("a date needs single quotes: '{date}'", date=found[0]))


def _ends_wrong(bare: str) -> str:
    opened, closed = bare.count("("), bare.count(")")
    if closed > opened:
        return Message("a ')' too many")
    return Message("syntax error: the expression ends too early") + (
        Message("; a ')' is missing") if opened > closed else ""
    )


def _place(text: str, offset: int) -> str:
    line, column = text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
    return (
        Message("line {line}, column {column}", line=line, column=column)
        if "\n" in text.strip()
        else Message("column {column}", column=column)
    )


def family_of(duck_type: str) -> str:
    """Return the family of a DuckDB type; empty where it has none."""
    return next((family for part, family in _DUCK_TYPES if part in duck_type), "")


def duck_message(exc: Exception) -> str:
    """Rewrite an error of DuckDB's binder or of a run as a short message."""
    message = str(exc)
    if TIE + _SEPARATOR in message:
        return _tie(message)
    if "ivision by zero" in message or "value inf" in message or "value nan" in message.lower():
        return Message("division by zero")
    if "Out of Memory" in message:
        return Message("needs more memory than allowed")
    if found := _CONVERT.search(message):
        wanted = WORDS.get(family_of(found[2].upper()), found[2])
        return Message("{found!r} is not {wanted}", found=found[1][:40], wanted=wanted)
    if found := _NO_FUNCTION.search(message):
        types = all_of(WORDS[family_of(part)] for part in found[2].split(", "))
        name = found[1] if re.fullmatch(r"\w+", found[1]) else f"'{found[1]}'"
        return Message(
            "{name}{value} does not take {types}", name=name, value="()" if name == found[1] else "", types=types
        )
    if found := _COMPARE.search(message):
        return Message(
            "{type} cannot be compared with {other}",
            type=WORDS[family_of(found[1])],
            other=WORDS[family_of(found[2])],
        )
    if "out of range" in message.lower() or "overflow" in message.lower():
        return Message("the number is too large")
    line = message.partition("\n")[0]
    return (line.partition("Error: ")[2] or line)[:_LONGEST]


def _tie(message: str) -> str:
    _, key, at, *values = message.partition(TIE)[2].split(_SEPARATOR)
    first, second = (value.removesuffix(".0") for value in values)
    return Message(
        "several rows have {key} {at}, with different values ({first} and {second}); which one counts is not certain",
        key=key,
        at=at.removesuffix(".0").removesuffix(" 00:00:00"),
        first=first,
        second=second,
    )
