from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.github.queries import (
    Bounded,
    Span,
    is_compound,
    parse_span,
    repositories_in,
    repository_page,
    search_page,
    sorted_by_creation,
    split_repositories,
    web_url,
    with_type,
    without_created,
    words,
)

DAY = datetime(2026, 10, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NEXT = DAY + timedelta(days=1)

instants = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - made aware right after
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


def test_quotes_hold_words_together() -> None:
    assert words('a label:"good first  issue" -x:"b c" "d e"') == [
        "a",
        'label:"good first  issue"',
        '-x:"b c"',
        '"d e"',
    ]
    assert words('a "open end') == ["a", '"open end']


@pytest.mark.parametrize(
    ("search", "kind", "expected"),
    [
        ("repo:a/b", "issue", "repo:a/b is:issue"),
        ("repo:a/b is:merged", "pr", "repo:a/b is:merged is:pr"),
        ("repo:a/b TYPE:Issue", "issue", "repo:a/b TYPE:Issue"),
        ("is:pr repo:a/b", "pr", "is:pr repo:a/b"),
        ('repo:a/b "is:issue"', "issue", 'repo:a/b "is:issue" is:issue'),
        ("repo:a/b -is:pr", "issue", "repo:a/b -is:pr is:issue"),
        ("repo:a/b label:x OR label:y", "issue", "(repo:a/b label:x OR label:y) is:issue"),
        ("repo:a/b (is:issue label:x)", "issue", "repo:a/b (is:issue label:x)"),
    ],
)
def test_a_type_is_stated_once(search: str, kind: Any, expected: str) -> None:
    assert with_type(search, kind) == expected


@pytest.mark.parametrize(
    ("search", "kind", "words"),
    [
        ("is:pr", "issue", "`is:pr` does not fit this table; read it from the table `pull_requests`"),
        ("type:issue", "pr", "`type:issue` does not fit this table; read it from the table `issues`"),
        ("merged:>=2026-10-01", "issue", "pull_requests"),
        ("draft:false", "issue", "pull_requests"),
    ],
)
def test_the_other_type_is_refused(search: str, kind: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        with_type(search, kind)


def test_the_repositories_a_search_names() -> None:
    assert repositories_in('repo:Acme/App is:open (repo:"a/b" OR repo:acme/app) -repo:x/y "repo:q/r"') == (
        "acme/app",
        "a/b",
    )


def test_oldest_first_whatever_was_asked() -> None:
    assert sorted_by_creation("repo:a/b sort:updated-desc x") == "repo:a/b x sort:created-asc"


@pytest.mark.parametrize(
    ("search", "expected"), [("a b", False), ("a OR b", True), ("NOT a", True), ("(a)", True), ('"a OR b"', False)]
)
def test_what_is_compound(search: str, expected: bool) -> None:
    assert is_compound(search) is expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-10-01", DAY, NEXT - SECOND),
        (">=2026-10-01", DAY, None),
        (">2026-10-01", NEXT, None),
        ("<=2026-10-01", None, NEXT - SECOND),
        ("<2026-10-01", None, DAY - SECOND),
        ("2026-10-01..2026-10-02", DAY, NEXT + timedelta(days=1) - SECOND),
        ("*..2026-10-01", None, NEXT - SECOND),
        ("2026-10-01..*", DAY, None),
        ("*..*", None, None),
        (">=2026-10-01T08:00:00+08:00", DAY, None),
        (">2026-10-01T00:00:00Z", DAY + SECOND, None),
        ("<2026-10-01T00:00:00", None, DAY - SECOND),
        ("2026-10-01T00:00:00Z", DAY, DAY),
    ],
)
def test_spans(text: str, first: datetime | None, last: datetime | None) -> None:
    assert parse_span(text) == Span(first, last)


@pytest.mark.parametrize("text", ["", ">=", "soon", "2026-13-01", "2026-10-01..", ">=2026-10-01T99:00:00Z", "2026"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_span(text)


def test_created_is_taken_out() -> None:
    assert without_created("repo:a/b created:>=2026-10-01 x") == ("repo:a/b x", Span(DAY, None))
    assert without_created('repo:a/b created:"2026-10-01"') == ("repo:a/b", Span(DAY, NEXT - SECOND))
    assert without_created('repo:a/b "created:x"') == ('repo:a/b "created:x"', Span())


@pytest.mark.parametrize(
    "search", ["a OR b", "(a)", "created:>2026-10-01 created:<2026-11-01", "-created:>2026-10-01", "created:soon"]
)
def test_what_cannot_be_cut(search: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        without_created(search)


@given(instants, st.integers(0, 10**8), st.integers(1, 60))
def test_parts_touch_and_cover_the_whole(first: datetime, seconds: int, count: int) -> None:
    whole = Bounded(first, first + timedelta(seconds=seconds))
    parts = whole.parts(count)
    assert 1 <= len(parts) <= count
    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    assert all(part.first <= part.last for part in parts)
    assert all(left.last + SECOND == right.first for left, right in pairwise(parts))
    assert parse_span(str(parts[0])) == Span(parts[0].first, parts[0].last)


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://git.acme.com/api/v3", "https://git.acme.com"),
        ("https://git.acme.com:8443/api/v3", "https://git.acme.com:8443"),
        ("http://127.0.0.1:80/github", "http://127.0.0.1:80/github"),
    ],
)
def test_pages_for_people(api: str, web: str) -> None:
    assert web_url(api) == web
    assert search_page(api, "repo:a/b x", "issue") == f"{web}/search?q=repo%3Aa%2Fb+x&type=issues"
    assert repository_page(api, ["a/b"], "/releases") == f"{web}/a/b/releases"
    assert repository_page(api, ["a/b", "a/c"], "/releases") == ""


def test_repositories_are_split_and_checked() -> None:
    assert split_repositories(" a/b\n a/c  a/b ") == ("a/b", "a/c")
    for wrong in ("", "a", "a/b/c", "a/b c"):
        with pytest.raises(ValueError, match="write owner/name"):
            split_repositories(wrong)
