"""The words people see, in the workspace's language: messages are English, `locale/` holds what other languages say.

A message is a format string; what stands in it is given by name, so that a translator can move it.
"""

import os
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Literal

from config.plain_text import plain
from config.said import Said, is_list

Language = Literal["en", "zh-TW"]


SPOKEN: ContextVar[str] = ContextVar("SPOKEN", default="en")
"""The language of the workspace at hand, for an error on its way out; everything else is told its language."""

VARIABLE = "OKRSYNC_LANGUAGE"
"""An environment variable that names the language of what is said before a workspace is read: usage and help."""


def language_here() -> Language:
    """The language of what is said before a workspace is read: the variable's, else the locale's, else English."""
    stated = next((text for name in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG") if (text := os.environ.get(name))), "")
    return "zh-TW" if stated.replace("_", "-").lower().startswith("zh-tw") else "en"


def say(language: str, message: str, /, **values: object) -> str:
    """A message in a language, with its `{names}` filled in."""
    return _catalogue(language).gettext(message).format(**values)


def say_many(language: str, one: str, many: str, count: int, /, **values: object) -> str:
    """The same for a number of things; `{count}` is that number."""
    return _catalogue(language).ngettext(one, many, count).format(count=count, **values)


def say_of(subject: str, language: str, message: str, /, **values: object) -> str:
    """The same where one English word is several in other languages; `subject` tells them apart."""
    return _catalogue(language).pgettext(subject, message).format(**values)


def word(key: str, language: str) -> str:
    """The word for a status. Raises KeyError for a word that is not in the glossary."""
    return say_of("status", language, _WORDS[key])


def translated(language: str, text: str) -> str:
    """A text that is `Said` or may be one of our marked messages; any other stays as it is."""
    if isinstance(text, Said):
        told = {name: _told(language, value) for name, value in text.values.items()}
        return plain(say(language, text.template, **told))
    return _catalogue(language).gettext(text) if text else text


def _told(language: str, value: object) -> object:
    if is_list(value):
        return listed(language, (str(_told(language, one)) for one in value))
    return translated(language, value) if isinstance(value, Said) else value


def listed(language: str, names: Iterable[str]) -> str:
    """Names one after the other."""
    return say_of("between names", language, ", ").join(names)


def clauses(language: str, parts: Iterable[str]) -> str:
    """Parts of a sentence one after the other."""
    return say_of("between parts of a sentence", language, ", ").join(parts)


def bracketed(language: str, text: str) -> str:
    """What stands in brackets after something, with the space that English has before them."""
    return say(language, " ({text})", text=text)


def mark(message: str, _subject: str = "") -> str:
    """Marks a message of a table for the catalogues; `say`, or `say_of` a subject, translates it where it is shown."""
    return message


_WORDS = {
    "not_started": mark("not started", "status"),
    "just_started": mark("just started", "status"),
    "on_track": mark("on track", "status"),
    "at_risk": mark("at risk", "status"),
    "off_track": mark("off track", "status"),
    "met": mark("met", "status"),
    "not_met": mark("not met", "status"),
    "done": mark("done", "status"),
    "unknown": mark("unknown", "status"),
    "stale": mark("stale", "status"),
    "dropped": mark("dropped", "status"),
}


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    place = files("syncer").joinpath("locale", language.replace("-", "_"), "LC_MESSAGES", "okrsync.mo")
    with place.open("rb") as stream:
        return GNUTranslations(stream)
