"""The words people see, in the workspace's language: messages are English, `locale/` holds what other languages say.

A message is a format string; what stands in it is given by name, so that a translator can move it.
"""

import os
from collections.abc import Iterable
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Literal

from config.message import Message, is_list
from config.plain_text import plain

Language = Literal["en", "zh-TW"]


CURRENT_LANGUAGE: ContextVar[str] = ContextVar("SPOKEN", default="en")
"""The language of the workspace at hand, for an error on its way out; everything else is told its language."""

VARIABLE = "OKRSYNC_LANGUAGE"
"""An environment variable that names the language of what is said before a workspace is read: usage and help."""


def language_from_environment() -> Language:
    """The language of what is said before a workspace is read: the variable's, else the locale's, else English."""
    stated = next((text for name in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG") if (text := os.environ.get(name))), "")
    return "zh-TW" if stated.replace("_", "-").lower().startswith("zh-tw") else "en"


def translate(language: str, message: str, /, **values: object) -> str:
    """A message in a language, with its `{names}` filled in."""
    return _catalogue(language).gettext(message).format(**values)


def translate_count(language: str, one: str, many: str, count: int, /, **values: object) -> str:
    """The same for a number of things; `{count}` is that number."""
    return _catalogue(language).ngettext(one, many, count).format(count=count, **values)


def translate_in_context(subject: str, language: str, message: str, /, **values: object) -> str:
    """The same where one English word is several in other languages; `subject` tells them apart."""
    return _catalogue(language).pgettext(subject, message).format(**values)


def status_label(key: str, language: str) -> str:
    """The word for a status. Raises KeyError for a word that is not in the glossary."""
    return translate_in_context("status", language, _WORDS[key])


def localize(language: str, text: str) -> str:
    """A text that is `Message` or may be one of our marked messages; any other stays as it is."""
    if isinstance(text, Message):
        told = {name: _localize_value(language, value) for name, value in text.values.items()}
        if text.many:
            count = int(str(text.values["count"]))
            return plain(_catalogue(language).ngettext(text.template, text.many, count).format(**told))
        return plain(translate(language, text.template, **told))
    return _catalogue(language).gettext(text) if text else text


def _localize_value(language: str, value: object) -> object:
    if is_list(value):
        return join(language, (str(_localize_value(language, one)) for one in value))
    if isinstance(value, StrEnum) and value in _WORDS:
        return status_label(value.value, language)
    return localize(language, value) if isinstance(value, Message) else value


def join(language: str, names: Iterable[str]) -> str:
    """Names one after the other."""
    return translate_in_context("between names", language, ", ").join(names)


def join_clauses(language: str, parts: Iterable[str]) -> str:
    """Parts of a sentence one after the other."""
    return translate_in_context("between parts of a sentence", language, ", ").join(parts)


def bracketed(language: str, text: str) -> str:
    """What stands in brackets after something, with the space that English has before them."""
    return translate(language, " ({text})", text=text)


def translatable(message: str, _subject: str = "") -> str:
    """Mark a message for the catalogues; `translate` or `translate_in_context` translates it where it is shown."""
    return message


_WORDS = {
    "not_started": translatable("not started", "status"),
    "just_started": translatable("just started", "status"),
    "on_track": translatable("on track", "status"),
    "at_risk": translatable("at risk", "status"),
    "off_track": translatable("off track", "status"),
    "met": translatable("met", "status"),
    "not_met": translatable("not met", "status"),
    "done": translatable("done", "status"),
    "unknown": translatable("unknown", "status"),
    "stale": translatable("stale", "status"),
    "dropped": translatable("dropped", "status"),
}


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    place = files("syncer").joinpath("locale", language.replace("-", "_"), "LC_MESSAGES", "okrsync.mo")
    with place.open("rb") as stream:
        return GNUTranslations(stream)
