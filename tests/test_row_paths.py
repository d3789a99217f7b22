"""JMESPath of measures: the list behind filters and projections, cursors that end, and signs of further pages."""

from typing import Any

import pytest

from config.errors import SourceError
from config.row_paths import parse_path, parse_row_path, parse_value_path
from connectors.http_api.more_pages import page_hint
from connectors.json_rows import select

ANSWER: Any = {
    "data": {
        "items": [{"x": 1, "tags": [1, 2]}, {"x": 2, "tags": []}, {"x": 3, "tags": [3]}],
        "boards": [{"page": {"items": [1, 2]}}],
    },
    "by_id": {"a": {"x": 1}},
}


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("data.items", 3),
        ("data.items[]", 3),
        ("data.items[*].{a: x}", 3),
        ("data.items[*].tags[*]", 3),
        ("data.boards[0].page.items[*]", 2),
        ("data | items[*].{a: x} | [?a]", 3),
        ("data.items[?x > `1`]", 3),
        ("data.items[?x > `1`].{a: x}", 3),
        ("data.items[].tags[]", 3),
        ("data | items[?x > `2`]", 3),
        ("data.items | [?x > `2`] | [].x", 3),
        ("data.boards[0].page.items[]", 2),
        ("data.boards[].page.items[]", 1),
        ("data.items[?x > `1`] | [0]", 3),
        ("by_id", None),
        ("by_id.*", None),
        ("data.nothing", None),
        ("data.nothing || `[]`", 0),
        ("(data.nothing || `[]`)[?x].{a: x}", 0),
        ("data.items || `[]`", 3),
        ("", None),
        ("@", None),
    ],
)
def test_the_list_before_filters(expression: str, count: int | None) -> None:
    found = parse_row_path(expression).entries(ANSWER)
    assert (None if found is None else len(found)) == count


@pytest.mark.parametrize(
    "expression", ["sort_by(a, &b)", "[a, b][]", "a || b", "merge(a, b)", "a[].b | length(@)", "{a: b}"]
)
def test_a_list_that_cannot_be_seen(expression: str) -> None:
    if expression == "a[].b | length(@)":  # its list is seen, whatever is made of it
        assert parse_row_path(expression).entries({"a": [1]}) == [1]
        return
    with pytest.raises(ValueError, match="must be a path with filters or projections"):
        parse_row_path(expression)


@pytest.mark.parametrize("expression", ["a[", "a..b", "length(", "[?x == 1", "(" * 5000])
def test_what_is_no_path(expression: str) -> None:
    with pytest.raises(ValueError, match="is not valid JMESPath"):
        parse_path(expression)


@pytest.mark.parametrize(
    ("expression", "info", "found"),
    [
        ("pageInfo.endCursor", {"endCursor": "c", "hasNextPage": True}, "c"),
        ("pageInfo.endCursor", {"endCursor": "c", "hasNextPage": False}, None),
        ("pageInfo.endCursor", {"endCursor": "c"}, "c"),
        ("pageInfo.endCursor", [], None),
        ("pageInfo.next", {"next": "c", "hasNextPage": False}, "c"),
        ("pageInfo | hasNextPage && endCursor", {"endCursor": "c", "hasNextPage": False}, False),
        ("abs(pageInfo)", {}, None),
    ],
)
def test_a_cursor_ends_where_no_page_follows(expression: str, info: Any, found: object) -> None:
    assert parse_value_path(expression).find({"pageInfo": info}) == found


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ({"items": [1], "has_more": True}, "has_more"),
        ({"items": [1], "has_more": False}, ""),
        ({"next": "https://a.test/?page=2"}, "next"),
        ({"next": "/orders?page=2"}, "next"),
        ({"next": "Monday"}, ""),
        ({"next": None}, ""),
        ({"paging": {"next": {"after": "x"}}}, "paging.next.after"),
        ({"links": {"next": {"href": "/x"}}}, "links.next.href"),
        ({"next_page": {"offset": "x", "path": "/x"}}, "next_page.offset"),
        ({"next_page": None, "data": []}, ""),
        ({"value": [], "@odata.nextLink": "https://a.test/x"}, '"@odata.nextLink"'),
        ({"meta": {"next_cursor": "x"}}, "meta.next_cursor"),
        ({"meta": {"next_cursor": ""}}, ""),
        ({"data": {"a": {"pageInfo": {"hasNextPage": True, "endCursor": "x"}}}}, "data.a.pageInfo.endCursor"),
        ({"data": {"a": {"pageInfo": {"hasNextPage": False, "endCursor": "x"}}}}, ""),
        ({"data": {"boards": [{"page": {"cursor": "x", "items": []}}]}}, "data.boards[0].page.cursor"),
        ({"data": {"boards": [{"page": {"cursor": None, "items": []}}]}}, ""),
        ([{"id": 1, "cursor": "x"}], ""),
        ([], ""),
        (3, ""),
        ({"deep": [[[[{"has_more": True}]]]]}, "deep[0][0][0][0].has_more"),
    ],
)
def test_signs_of_further_pages(answer: Any, hint: str) -> None:
    assert page_hint(answer) == hint


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"data": {"orders": {"nodes": [1]}}}, "`rows: data.orders.nodes`"),
        ({"data": {"my-orders": [1]}}, '`rows: data."my-orders"`'),
        ({"a": {"b": [1]}, "items": [1]}, "`rows: items`"),
        ({"a": 1, "b": 2}, "It holds a, b."),
    ],
)
def test_a_path_that_finds_nothing_says_where_a_list_is(answer: Any, shown: str) -> None:
    with pytest.raises(SourceError) as caught:
        select(answer, "nothing", "reading")
    assert caught.value.saw == "`rows: nothing` finds nothing"
    assert shown in caught.value.advice
