"""The words with which a parser refuses a value."""

from collections.abc import Callable
from typing import TypeVar

import pytest

_Value = TypeVar("_Value")


def refusal(parse: Callable[[_Value], object], value: _Value) -> str:
    """Return the whole message of the ValueError that a value raises."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - callers compare the whole text
        parse(value)
    return str(caught.value)
