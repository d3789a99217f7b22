"""What `check` says of HTTP measures before anything is sent."""

from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from memory_sheet import MemorySheet
from pages_kit import Api, serving
from workspace_kit import HEAD, load, look

SHOP = """\
connections:
  shop: {{type: http, url: "{url}"{more}}}
"""
GOAL = """\
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {title: Revenue, baseline: 0, target: 1000, measure: revenue}
"""


def measure(keys: dict[str, str], table: str = "json", value: str = "sum(amount)") -> str:
    lines = ["measures:", "  revenue:", f"    from: shop.{table}"]
    for name, text in keys.items():
        lines += [f"    {name}: |", *(f"      {line}" for line in text.splitlines())]
    return "\n".join([*lines, f"    value: {value}", ""])


def problems(folder: Path, text: str, files: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, files)
    return [f"{one.path.removeprefix('measures.revenue.')}: {one.message}" for one in caught.value.problems]


def shop(more: str = "") -> str:
    return HEAD + SHOP.format(url="https://shop.example/api", more=more)


LISTED = "{ orders { nodes { id } pageInfo { hasNextPage endCursor } } }"
CASES: list[tuple[str, dict[str, str], list[str]]] = [
    ("json", {}, ["url: is required for table shop.json"]),
    ("json", {"url": "https://evil.example/x"}, ["url: must be a path below"]),
    ("json", {"url": "/a?x={pgae}"}, ["url: unknown placeholder {pgae}; did you mean 'page'?"]),
    ("json", {"url": "/a?x={cycle.strt}"}, ["url: unknown placeholder {cycle.strt}; did you mean 'cycle.start'?"]),
    ("json", {"url": "/a?api_key=0123456789abcdef"}, ["url: api_key looks like a secret; write it under `params`"]),
    ("json", {"url": "/a?key=CORE&token={cursor}", "next": "after"}, []),
    ("json", {"url": "/a?query=mutation%7Ba%7D"}, ["url: holds a GraphQL mutation"]),
    ("json", {"url": "/a", "body": "{'a': 1}"}, ["body: is not JSON (Expecting property name"]),
    ("json", {"url": "/a", "body": '{"page": {page}}'}, ['placeholders are in quotes there: "{page}"']),
    ("json", {"url": "/a", "body": '{"query": "mutation { pay }"}'}, ["body: holds a GraphQL mutation"]),
    ("json", {"url": "/a", "body": '[{"query": "subscription { pay }"}]'}, ["body: holds a GraphQL mutation"]),
    ("json", {"url": "/a", "body": '{"query": "{a} mutation M { pay "}'}, ["body: holds a GraphQL mutation"]),
    ("json", {"url": "/a", "body": '{"query": "SELECT x FROM mutation"}'}, []),
    ("json", {"url": "/a", "rows": "items["}, ["rows: is not valid JMESPath"]),
    ("json", {"url": "/a", "next": "items["}, ["next: is not valid JMESPath"]),
    ("json", {"url": "/a", "total": "items["}, ["total: is not valid JMESPath"]),
    ("json", {"url": "/a", "total": "header X-Total-Count"}, []),
    ("json", {"url": "/a", "total": "header X-Total Count"}, ["total: is not valid JMESPath"]),
    ("json", {"url": "/a?p={page}&o={offset}"}, ["url: counts pages in several ways: {page}, {offset}"]),
    ("json", {"url": "/a?p={cursor}"}, ["url: {cursor} needs `next`"]),
    ("json", {"url": "/a?p={cursor}", "next": "link"}, ["url: {cursor} needs `next`"]),
    ("json", {"url": "/a?p={page}", "next": "after"}, ["next: contradicts {page}"]),
    ("json", {"url": "/a", "body": "{}", "next": "after"}, ["next: needs {cursor} in `body`"]),
    ("json", {"url": "/a", "first_page": "0"}, ["first_page: needs {page} in the request"]),
    ("json", {"url": "/a?p={page}", "rows": "sort_by(a, &b)"}, ["rows: must be a path with filters or projections"]),
    ("json", {"url": "/a", "rows": "sort_by(a, &b)"}, []),
    ("json", {"url": "/a", "graphql": "{ a }"}, ["graphql: does not belong to table shop.json"]),
    ("graphql", {}, ["graphql: is required for table shop.graphql: One query"]),
    ("graphql", {"graphql": "{ orders { id } }"}, []),
    ("graphql", {"graphql": "{ orders { id }"}, ["graphql: is not GraphQL: Syntax Error: Expected Name"]),
    ("graphql", {"graphql": "mutation { pay }"}, ["graphql: is a mutation; a measure may only read"]),
    ("graphql", {"graphql": "subscription { paid }"}, ["graphql: is a subscription; a measure may only read"]),
    ("graphql", {"graphql": "{ a } mutation { pay }"}, ["graphql: is a mutation; a measure may only read"]),
    ("graphql", {"graphql": "query A { a } query B { b }"}, ["graphql: must be one query; it has 2"]),
    ("graphql", {"graphql": "fragment F on Q { a }"}, ["graphql: must be one query; it has 0"]),
    ("graphql", {"graphql": "{ orders { nodes { id } } }"}, ["asks for `nodes` without `pageInfo {"]),
    ("graphql", {"graphql": "{ orders { nodes { id } total } }", "total": "data.orders.total"}, []),
    ("graphql", {"graphql": LISTED}, []),
    ("graphql", {"graphql": '{ orders(since: "{cycle.start}") { id } }'}, []),
    ("graphql", {"graphql": '{ orders(since: "{cycle.strat}") { id } }'}, ["did you mean 'cycle.start'?"]),
    ("graphql", {"graphql": '{ orders(after: "{cursor}") { id } }'}, ["graphql: takes no placeholder of pages"]),
    ("graphql", {"graphql": "{ orders{cursor} }"}, []),
    ("graphql", {"graphql": "{ a }", "variables": "[1]"}, ["variables: must be an object"]),
    ("graphql", {"graphql": "{ a }", "variables": "{a: 1}"}, ["variables: is not JSON"]),
    ("graphql", {"graphql": "{ a }", "instants": "soon"}, ["is not one of iso, utc, date, seconds, milliseconds"]),
    ("graphql", {"graphql": "{ a }", "body": "{}"}, ["body: does not belong to table shop.graphql"]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "keys", "saw"), CASES)
def test_a_measure(tmp_path: Path, table: str, keys: dict[str, str], saw: list[str]) -> None:
    text = shop() + measure(keys, table) + GOAL
    if not saw:
        assert load(tmp_path, text).measures.keys() == {"revenue"}
        return
    found = problems(tmp_path, text)
    assert len(found) == len(saw), found
    assert all(part in one for one, part in zip(found, saw, strict=True)), found


@pytest.mark.parametrize("table", ["json", "graphql"])
def test_an_included_file_posts_only_where_it_may(tmp_path: Path, table: str) -> None:
    keys = {"graphql": "{ a }"} if table == "graphql" else {"url": "/a", "body": "{}"}
    files = {"team.yaml": measure(keys, table)}
    main = HEAD + "include: team.yaml\n"
    [problem] = problems(tmp_path, main + shop().removeprefix(HEAD) + GOAL, files)
    assert "from: an included file may not POST to shop; `includes: true` of that connection allows it" in problem
    allowed = main + shop(", includes: true").removeprefix(HEAD) + GOAL
    assert load(tmp_path, allowed, files).measures.keys() == {"revenue"}
    files = {"team.yaml": measure({"url": "/a?p={page}", "rows": "items"})}
    assert load(tmp_path, main + shop().removeprefix(HEAD) + GOAL, files).measures.keys() == {"revenue"}


def test_a_body_as_yaml(tmp_path: Path) -> None:
    text = shop() + measure({"url": "/a"}).replace("    value:", "    body: {a: 1}\n    value:") + GOAL
    [problem] = problems(tmp_path, text)
    assert problem.startswith("body: must be")


@pytest.mark.parametrize(
    ("value", "found"),
    [("sum(amount)", "379.5"), ("count(*) filter (note = 'even')", "12"), ("max(id)", "22")],
)
def test_a_run_reads_all_pages(tmp_path: Path, value: str, found: str) -> None:
    sheet = MemorySheet({"OKRs": [["KR id", "Key result", "Current value"], ["KR1", "Revenue", None]]})
    with serving(Api()) as api:
        text = HEAD + SHOP.format(url=api.url, more="")
        keys: dict[str, Any] = {"url": "/page?page={page}", "rows": "items", "total": "meta.total"}
        [seen] = look(load(tmp_path, text + measure(keys, value=value) + GOAL), sheet).key_results
    assert [str(number) for number in seen.values] == [found]


def test_a_column_without_values_is_no_zero(tmp_path: Path) -> None:
    sheet = MemorySheet({"OKRs": [["KR id", "Key result", "Current value"], ["KR1", "Revenue", None]]})
    with serving(Api()) as api:
        text = HEAD + SHOP.format(url=api.url, more="")
        keys = {"url": "/page?page={page}", "rows": "items[].{id: id, amount: amont}"}
        [seen] = look(load(tmp_path, text + measure(keys) + GOAL), sheet).key_results
    assert list(seen.values) == [None]
