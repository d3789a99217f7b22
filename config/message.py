"""A sentence with values in it, which can still be said in another language where it is shown."""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from typing import Self, TypeGuard

from config.plain_text import plain


class Message(str):
    """A format string and its values. As a string it is English, fit to be shown; `syncer/i18n.py` translates it.

    A value may be Message too, an error whose text is, or a list or tuple of names, shown with commas. `str()` and `+`
    keep what is said, so that it comes through an exception and through what others add to it; any other operation
    leaves plain English.
    """

    __slots__ = ("many", "template", "values")

    template: str
    many: str
    values: dict[str, object]

    def __new__(cls, template: str, many: str = "", /, **values: object) -> Self:
        """The sentence; an error among the values stands for its text. `many`: the sentence unless `count` is 1."""
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
    """Whether a value of a sentence is several, one after the other."""
    return type(value) in (list, tuple)  # a tuple with fields, such as a place in a file, has a text of its own


def all_of(parts: Iterable[str]) -> str:
    """Parts, at least one, with "and" between them."""
    return reduce(lambda first, then: Message("{first} and {then}", first=first, then=then), parts)


def in_turn(parts: Iterable[str]) -> str:
    """Parts, at least one, each a sentence of its own."""
    return reduce(lambda first, then: Message("{first}; {then}", first=first, then=then), parts)


def one_of(parts: Iterable[str]) -> str:
    """Parts, at least one, with "or" between them."""
    return reduce(lambda first, then: Message("{first} or {then}", first=first, then=then), parts)


def packed(text: str) -> str:
    """A text to keep: a `Message` as JSON, so that it can be translated when it is read back; any other as it is.

    Secrets in its values are masked here, since only the finished sentence is masked elsewhere.
    """
    return json.dumps(_data(text), ensure_ascii=False) if isinstance(text, Message) else text


def unpacked(text: str) -> str:
    """The text that `packed` kept; a text that only looks like one stays as it is."""
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
    """A description as it stands within a sentence. Those of required options are in the catalogues."""
    return Message(description.rstrip(".").replace("{", "{{").replace("}", "}}"))
