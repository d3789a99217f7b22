"""A sentence keeps its template and its values on the way from where it is known to where it is shown."""

import copy
import pickle

from config.errors import OkrsyncError, SourceError
from config.message import Message
from config.plain_text import HIDDEN, keep_secret
from syncer.i18n import localize


def test_it_reads_as_english() -> None:
    assert Message("{count} of {total:g} rows came", count=1, total=2.0) == "1 of 2 rows came"


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
