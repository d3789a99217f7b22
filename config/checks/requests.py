"""Checks of measures that send requests over HTTP: JSON, GraphQL, pages, and what included files may send."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from config import graphql_queries, placeholders
from config.connections import HttpConnection
from config.findings import Findings
from config.message import Message
from config.models import Connection, Measure
from config.row_paths import LINK, header_in, parse_path, parse_row_path, parse_value_path

_SOME_DAY = datetime(2026, 10, 1, tzinfo=UTC)
_SIGNS_IN = re.compile(r"(?:(?:api|access|private|auth)[-_]?)?(?:key|token|secret|password|signature)", re.IGNORECASE)
_SECRET = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[^{}]{16,}")
"""Pattern of a value that is no word or number: letters and digits, and long."""


def check_request(measure: Measure, connections: Mapping[str, Connection], path: str, findings: Findings) -> None:
    """Check what a measure sends to an `http` connection; other measures pass."""
    connection = connections.get(measure.connection)
    if not isinstance(connection, HttpConnection):
        return
    for key, check in _CHECKS.items():
        if text := measure.query_keys.get(key):
            for problem in check(text, measure):
                findings.add(f"{path}.{key}", problem)
    _check_pages(measure, path, findings)
    posts = measure.body is not None or measure.graphql is not None
    if posts and not connection.includes and findings.is_included(f"{path}.from"):
        message = Message(
            "an included file may not POST to {name}; `includes: true` of that connection allows it",
            name=measure.connection,
        )
        findings.add(f"{path}.from", message)


def _url(text: str, _: Measure) -> Iterator[str]:
    for name, value in parse_qsl(text.partition("?")[2]):
        if _SIGNS_IN.fullmatch(name) and _SECRET.fullmatch(value):
            yield Message("{name} looks like a secret; write it under `params` of the connection", name=name)
    if graphql_queries.writes(dict(parse_qsl(text.partition("?")[2])).get("query", "")):
        yield Message("holds a GraphQL mutation; a measure may only read")


def _json(text: str, _: Measure) -> Iterator[str]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        yield Message('is not JSON ({reason}); placeholders are in quotes there: "{{page}}"', reason=str(exc))
        return
    if any(graphql_queries.writes(query) for query in graphql_queries.queries_in(document)):
        yield Message("holds a GraphQL mutation; a measure may only read")


def _variables(text: str, measure: Measure) -> Iterator[str]:
    found = list(_json(text, measure))
    yield from found
    if not found and not isinstance(json.loads(text), dict):
        yield Message('must be an object, such as {{"team": "CORE"}}')


def _graphql(text: str, measure: Measure) -> Iterator[str]:
    if any(f'"{{{name}}}"' in text for name in placeholders.PAGES):
        yield Message('takes no placeholder of pages; declare a variable, and write "{{cursor}}" into `variables`')
        return
    instants = dict.fromkeys(placeholders.NAMES, _SOME_DAY)
    filled = placeholders.fill(text, instants, lambda moment: placeholders.written(moment, measure.instants or "iso"))
    try:
        graphql_queries.check_query(filled, has_total=measure.total is not None)
    except ValueError as exc:
        yield str(exc)


def _path(text: str, _: Measure) -> Iterator[str]:
    try:
        parse_path(text)
    except ValueError as exc:
        yield str(exc)


def _next(text: str, _: Measure) -> Iterator[str]:
    if text != LINK:
        try:
            parse_value_path(text)
        except ValueError as exc:
            yield str(exc)


def _total(text: str, measure: Measure) -> Iterator[str]:
    if not header_in(text):
        yield from _path(text, measure)


_CHECKS: Mapping[str, Callable[[str, Measure], Iterator[str]]] = {
    "url": _url,
    "body": _json,
    "variables": _variables,
    "graphql": _graphql,
    "rows": _path,
    "total": _total,
    "next": _next,
}


def _check_pages(measure: Measure, path: str, findings: Findings) -> None:
    """Check that one way to the next page is stated, and that the request and the answer speak of the same one."""
    request = " ".join(filter(None, (measure.url, measure.body, measure.variables)))
    used = [name for name in placeholders.PAGES if f"{{{name}}}" in request]
    where = "variables" if measure.graphql else "body" if measure.body else "url"
    if len(used) > 1:
        names = [f"{{{name}}}" for name in used]
        findings.add(f"{path}.{where}", Message("counts pages in several ways: {names}; keep one of them", names=names))
        return
    counts = bool(used) and used != ["cursor"]
    if used == ["cursor"] and (measure.next is None or measure.next == LINK):
        message = Message("{{cursor}} needs `next`, the path to the next cursor in the answer")
        findings.add(f"{path}.{where}", message)
    if counts and measure.next is not None:
        findings.add(f"{path}.next", Message("contradicts {name}; keep one of them", name=f"{{{used[0]}}}"))
    if measure.next is not None and not used and where != "url":
        findings.add(
            f"{path}.next", Message("needs {{cursor}} in `{where}`: pages after a POST have no address", where=where)
        )
    if measure.first_page is not None and used != ["page"]:
        findings.add(f"{path}.first_page", Message("needs {{page}} in the request"))
    if counts or measure.total is not None:
        try:
            parse_row_path(measure.rows or "")
        except ValueError as exc:
            if measure.rows and not list(_path(measure.rows, measure)):
                findings.add(f"{path}.rows", str(exc))
