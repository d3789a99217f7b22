"""Translatable messages: a format string with its values, translated where it is shown."""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from typing import Self, TypeGuard

from config.plain_text import plain


class Message(str):
    """A format string and its values. The string itself is plain English; `syncer/i18n.py` translates it.

    A value may be a Message, an error whose text is a Message, or a list or tuple of names, shown with commas. `str()`
    and `+` keep the Message, so it can pass through an exception and be extended; any other string operation returns
    plain English.
    """

    __slots__ = ("many", "template", "values")

    template: str
    many: str
    values: dict[str, object]

    def __new__(cls, template: str, many: str = "", /, **values: object) -> Self:
        """Format `template`, or `many` (plural) unless the value `count` is 1. Errors in `values` become their text."""
        kept = {name: str(value) if isinstance(value, BaseException) else value for name, value in values.items()}
        shown = {name: ", ".join(map(str, names)) if is_list(names) else names for name, names in kept.items()}
        made = super().__new__(cls, plain((many if many and kept["count"] != 1 else template).format(**shown)))
        made.template, made.many, made.values = template, many, kept
        return made

    def __str__(self) -> Self:
        return self

    def __add__(self, other: str) -> "Message":
        return Message("{first}{then}", first=self, then=other)

    def __radd__(self, other: str) -> "Message":
        return Message("{first}{then}", first=other, then=self)

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, object]]:
        return (self.template, self.many), self.values


def is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Return whether a value is a plain list or tuple, which a message shows with commas; named tuples are not."""
    return type(value) in (list, tuple)  # a tuple with fields, such as a place in a file, has a text of its own


def all_of(parts: Iterable[str]) -> str:
    """Join one or more parts with "and"."""
    return reduce(lambda first, then: Message("{first} and {then}", first=first, then=then), parts)


def in_turn(parts: Iterable[str]) -> str:
    """Join one or more sentences with semicolons."""
    return reduce(lambda first, then: Message("{first}; {then}", first=first, then=then), parts)


def one_of(parts: Iterable[str]) -> str:
    """Join one or more parts with "or"."""
    return reduce(lambda first, then: Message("{first} or {then}", first=first, then=then), parts)


def packed(text: str) -> str:
    """Serialize a `Message` as JSON, so that it can be translated after it is read back; return other texts unchanged.

    Secrets in the values are masked here, since elsewhere only the formatted sentence is masked.
    """
    return json.dumps(_data(text), ensure_ascii=False) if isinstance(text, Message) else text


def unpacked(text: str) -> str:
    """Restore a text serialized by `packed`; return any other text unchanged."""
    if not text.startswith('{"message": '):
        return text
    try:
        value = _value(json.loads(text))
    except (ValueError, LookupError, ArithmeticError):
        return text
    return value if isinstance(value, str) else text


def _data(value: object) -> object:
    if isinstance(value, Message):
        values = {name: _data(each) for name, each in value.values.items()}
        return {"message": value.template, "many": value.many, "values": values}
    if is_list(value):
        return [_data(each) for each in value]
    if isinstance(value, Decimal):
        return {"number": str(value)}
    return value if isinstance(value, int | float) else plain(str(value))


def _value(data: object) -> object:
    match data:
        case {"message": str(template), "many": str(many), "values": dict(values)}:
            return Message(template, many, **{name: _value(each) for name, each in values.items()})
        case {"number": str(number)}:
            return Decimal(number)
        case list(several):
            return [_value(each) for each in several]
        case _:
            return data


def sentence_part(description: str) -> Message:
    """Turn a description into a Message to insert into a sentence: no full stop at the end, braces escaped.

    The descriptions of required options are in the catalogues.
    """
    return Message(description.rstrip(".").replace("{", "{{").replace("}", "}}"))
