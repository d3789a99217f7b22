"""Translate messages with gettext: messages are English, and `locale/` holds the catalogues of other languages.

A message is a format string with named values, so that a translator can reorder them.
"""

import os
from collections.abc import Iterable
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from config.languages import Language
from config.message import Message, is_list
from config.plain_text import plain

CURRENT_LANGUAGE: ContextVar[str] = ContextVar("SPOKEN", default="en")
"""Language of errors, usage and help, where none can be passed; other functions take the language as an argument."""

VARIABLE = "OKRSYNC_LANGUAGE"
"""Environment variable with the language used before a workspace is read, such as for usage and help."""


def language_from_environment() -> Language:
    """Return the language used before a workspace is read: of OKRSYNC_LANGUAGE, else of the locale, else English."""
    stated = next((text for name in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG") if (text := os.environ.get(name))), "")
    return "zh-TW" if stated.replace("_", "-").lower().startswith("zh-tw") else "en"


def translate(language: str, message: str, /, **values: object) -> str:
    """Translate a message and fill in its `{names}`. Raises KeyError for a name without a value."""
    return _catalogue(language).gettext(message).format(**values)


def translate_count(language: str, one: str, many: str, count: int, /, **values: object) -> str:
    """Translate a message with singular and plural forms; `{count}` is filled with `count`."""
    return _catalogue(language).ngettext(one, many, count).format(count=count, **values)


def translate_in_context(subject: str, language: str, message: str, /, **values: object) -> str:
    """Translate a message whose translation depends on its gettext context, `subject`."""
    return _catalogue(language).pgettext(subject, message).format(**values)


def status_label(key: str, language: str) -> str:
    """Translate a status key, such as `on_track`. Raises KeyError for an unknown key."""
    return translate_in_context("status", language, _WORDS[key])


def localize(language: str, text: str) -> str:
    """Translate a `Message`, or a text marked with `translatable`; return any other text unchanged."""
    if isinstance(text, Message):
        values = {name: _localize_value(language, value) for name, value in text.values.items()}
        if text.many:
            count = int(str(text.values["count"]))
            return plain(_catalogue(language).ngettext(text.template, text.many, count).format(**values))
        return plain(translate(language, text.template, **values))
    return _catalogue(language).gettext(text) if text else text


def _localize_value(language: str, value: object) -> object:
    if is_list(value):
        return join(language, (str(_localize_value(language, one)) for one in value))
    if isinstance(value, StrEnum) and value in _WORDS:
        return status_label(value.value, language)
    return localize(language, value) if isinstance(value, Message) else value


def join(language: str, names: Iterable[str]) -> str:
    """Join names with the language's separator (`, ` in English)."""
    return translate_in_context("between names", language, ", ").join(names)


def join_clauses(language: str, parts: Iterable[str]) -> str:
    """Join parts of a sentence with the language's separator (`, ` in English)."""
    return translate_in_context("between parts of a sentence", language, ", ").join(parts)


def bracketed(language: str, text: str) -> str:
    """Put a text in the language's brackets, with a leading space in English."""
    return translate(language, " ({text})", text=text)


def translatable(message: str, _subject: str = "") -> str:
    """Mark a message for extraction into the catalogues and return it; `translate` translates it when it is shown.

    `_subject` is its gettext context, for messages that `translate_in_context` translates.
    """
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
