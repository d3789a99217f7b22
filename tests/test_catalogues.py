"""Whether every language says everything, and nothing that nobody says any more."""

import string
from collections.abc import Sequence

import pytest

from catalogues import LANGUAGES, compiled, entries, messages_in_code, read
from syncer.i18n import localize, status_label, translate, translate_count, translate_in_context


def both(texts: str | Sequence[str]) -> tuple[str, ...]:
    """A message, or its wordings for one and for many."""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def fields(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_and_nothing_else(language: str) -> None:
    found = {(message.context or "", *(*both(message.id), "")[:2]) for message in read(language) if message.id}
    assert found == set(messages_in_code()), "run `python tests/catalogues.py`, then translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_to_translate(language: str) -> None:
    for message in read(language):
        assert all(both(message.string or "")), f"not translated: {message.id!r}"
        assert not message.fuzzy, f"to be checked: {message.id!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_nothing_that_is_not_given(language: str) -> None:
    for message in read(language):
        given = fields(both(message.id)[-1])
        for wording in both(message.string or ""):
            assert fields(wording) <= given, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs_read_what_was_translated(language: str) -> None:
    assert entries(compiled(language)) == entries(read(language)), "run `python tests/catalogues.py`"


def test_english_is_what_the_sources_say() -> None:
    assert translate("en", "{count} more", count=3) == "3 more"
    assert [translate_count("en", "{count} measure", "{count} measures", count) for count in (1, 2)] == [
        "1 measure",
        "2 measures",
    ]
    assert status_label("off_track", "en") == "off track"


def test_a_word_of_several_meanings_has_a_translation_for_each() -> None:
    assert (status_label("done", "zh-TW"), translate("zh-TW", "done")) == ("已達成", "完成")
    assert translate_in_context("between names", "zh-TW", ", ") == "、"


def test_a_text_from_outside_is_never_a_format() -> None:
    assert localize("zh-TW", "protected") == "受保護"
    assert localize("zh-TW", "{0.__class__}") == "{0.__class__}"
    assert translate("zh-TW", "{id}: {reason}", id="KR1", reason="{x}") == "KR1：{x}"
