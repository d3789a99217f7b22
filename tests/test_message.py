"""A sentence keeps its template and its values on the way from where it is known to where it is shown."""

import copy
import pickle
from decimal import Decimal

import pytest

from config.errors import OkrsyncError, SourceError
from config.masking import HIDDEN, keep_secret
from config.message import Message, packed, unpacked
from syncer.i18n import localize


def test_it_reads_as_english() -> None:
    assert Message("{count} of {total:g} rows were received", count=1, total=2.0) == "1 of 2 rows were received"


def test_an_exception_an_error_and_a_copy_keep_it() -> None:
    seen = Message("there is no tab '{tab}'", tab="Sales")
    assert str(ValueError(seen)) is seen
    assert Message("it failed: {exc}", exc=ValueError(seen)).values["exc"] is seen
    assert SourceError("reading", seen).saw is seen
    for other in (copy.deepcopy(seen), pickle.loads(pickle.dumps(seen))):  # noqa: S301 - our own bytes
        assert (other, other.template, other.values) == (seen, seen.template, seen.values)


def test_what_is_added_is_kept_too() -> None:
    hint = Message("; did you mean '{found}'?", found="jql")
    for text in (Message("unknown option") + hint, "unknown option" + hint):
        assert isinstance(text, Message)
        assert text == "unknown option; did you mean 'jql'?"
        assert hint in text.values.values()


def test_a_list_of_names_is_joined_as_the_language_joins_them() -> None:
    seen = Message("there is no template {template!r}; there are {known}", template="x", known=("starter", "sales"))
    assert seen == "there is no template 'x'; there are starter, sales"
    assert localize("zh-TW", seen).endswith("starter、sales")


def test_it_holds_no_secret_and_no_escape() -> None:
    keep_secret("hunter2-hunter2")
    error = OkrsyncError("reading", Message("got {text}", text="hunter2-hunter2\x1b[31m"))
    assert str(error) == f"reading: got {HIDDEN} [31m."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a plain text",
        Message("no value"),
        Message("{count:,} row", "{count:,} rows", count=1),
        Message("{count:,} row", "{count:,} rows", count=1200),
        Message("{doing}: {saw}", doing=Message("reading {path}", path="a.csv"), saw="gone"),
        Message("{value:.3e} is too large for a sheet", value=Decimal("1e400")),
        Message("there is no tab '{title}' (it has {known}){meant}", title="x", known=("A", "B"), meant=""),
        Message("a brace {{ stays {name}", name="}"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_what_is_kept_is_read_back_the_same_in_each_language(text: str, language: str) -> None:
    assert localize(language, unpacked(packed(text))) == localize(language, text)


@pytest.mark.parametrize(
    "text", ['{"message": "Not Found"}', '{"message": ', '{"message": "{a}", "many": "", "values": {}}']
)
def test_a_text_that_only_looks_kept_stays_what_it_is(text: str) -> None:
    assert unpacked(text) == text
    assert unpacked(packed(text)) == text


def test_what_is_kept_holds_no_secret() -> None:
    keep_secret("hunter3-hunter3")
    kept = packed(Message("got {text} and {several}", text="hunter3-hunter3", several=["x", "hunter3-hunter3"]))
    assert "hunter3" not in kept
    assert HIDDEN in str(unpacked(kept))
