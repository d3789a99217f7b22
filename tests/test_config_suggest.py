import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.suggest import did_you_mean, nearest

KNOWN = ("jql", "search", "Range", "value")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("jqll", "; did you mean 'jql'?"),
        ("RANGE", "; did you mean 'Range'?"),
        ("serach", "; did you mean 'search'?"),
        ("spreadsheet", ""),
        ("", ""),
    ],
)
def test_the_nearest_known_word(word: str, expected: str) -> None:
    assert did_you_mean(word, KNOWN) == expected


@given(st.text(max_size=10), st.lists(st.text(max_size=10), max_size=5))
def test_the_order_of_what_is_known_does_not_matter(word: str, known: list[str]) -> None:
    assert nearest(word, known) == nearest(word, reversed(known))
    assert nearest(word, known) in {None, *known}
