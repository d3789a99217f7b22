"""The cookbook's recipes over HTTP, against what the services publish and against servers that play them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jmespath
import pytest
import yaml
from graphql import build_schema, graphql_sync, parse, validate
from graphql.execution.values import get_variable_values

import vendor_facts as facts
from connectors.sandbox.server import Request, Response
from memory_sheet import MemorySheet
from sandbox_kit import Sandbox
from source_contract import JsonService
from test_docs_cookbook import RECIPES
from vendor_facts import Endpoint
from workspace_kit import HEAD, load, look

GOAL = """\
objectives:
  O1:
    title: Better
    key_results:
      KR1: {{title: It counts, baseline: 0, target: {target}, measure: {name}}}
"""
GRAPHQL = {"Linear": facts.LINEAR, "monday": facts.MONDAY}
REST = {"Asana": facts.ASANA, "HubSpot": facts.HUBSPOT, "Azure DevOps": facts.AZURE}
SECRET = "a-secret-of-the-service"
PAGE = 3
PLACEHOLDER = re.compile(r"\{(cycle\.\w+|cursor)\}")
KINDS: Mapping[str, type] = {"string": str, "integer": int, "list": list, "boolean": bool}


def stated(service: str) -> tuple[str, Mapping[str, Any], Mapping[str, str]]:
    """The name of a recipe's measure, its connection, and its keys."""
    [recipe] = RECIPES[service]
    config = yaml.safe_load(recipe)
    [connection], [(name, measure)] = config["connections"].values(), config["measures"].items()
    return name, connection, measure


def filled(text: str) -> str:
    return PLACEHOLDER.sub("2026-10-01", text)


def wrong_of(schema: str, query: str, variables: Mapping[str, Any]) -> list[str]:
    """What a GraphQL server would refuse."""
    built, document = build_schema(schema), parse(query)
    errors = [error.message for error in validate(built, document)]
    [operation] = document.definitions
    found = get_variable_values(built, operation.variable_definitions or (), dict(variables))  # type: ignore[attr-defined]
    return errors + ([error.message for error in found] if isinstance(found, list) else [])


@pytest.mark.parametrize("service", GRAPHQL)
def test_a_query_fits_the_published_schema(service: str) -> None:
    _, _, measure = stated(service)
    variables = json.loads(filled(measure["variables"]))
    assert wrong_of(GRAPHQL[service], measure["graphql"], variables) == []
    assert wrong_of(GRAPHQL[service], re.sub(r"\b(nodes|items)\b", "rows", measure["graphql"]), variables)
    assert wrong_of(GRAPHQL[service], measure["graphql"], {name: [1] for name in variables})


def misfits(sent: object, shape: object, path: str = "") -> Iterator[str]:
    """Where a part of a request is not what the service publishes."""
    if isinstance(shape, Mapping):
        if not isinstance(sent, Mapping):
            yield f"{path}: no object"
            return
        for name, value in sent.items():
            yield from misfits(value, shape[name], f"{path}.{name}") if name in shape else [f"{path}.{name}: unknown"]
    elif isinstance(shape, list):
        for item in sent if isinstance(sent, list) else [None]:
            yield from misfits(item, shape[0], f"{path}[]")
    elif shape == "operator":
        yield from () if sent in facts.HUBSPOT_OPERATORS else [f"{path}: {sent}"]
    elif not isinstance(sent, KINDS[str(shape)]):
        yield f"{path}: {sent!r} is no {shape}"


def refused(endpoint: Endpoint, method: str, target: str, body: object) -> list[str]:
    """What is wrong with a request."""
    route, _, query = target.partition("?")
    params = dict(parse_qsl(query, keep_blank_values=True))
    found = [] if method == endpoint.method else [f"{method}: {endpoint.method} is right"]
    pattern = re.escape(endpoint.path).replace(r"\{", "{").replace(r"\}", "}")
    if not re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), route):
        found.append(f"{route}: {endpoint.path} is right")
    found += [f"{name}: unknown" for name in params if name not in endpoint.params]
    if endpoint.most and int(params.get("limit", 0)) > endpoint.most:
        found.append("limit: too many")
    return found + list(misfits(body, endpoint.body) if endpoint.body else [])


@pytest.mark.parametrize("service", REST)
def test_a_request_fits_the_published_schema(service: str) -> None:
    endpoint = REST[service]
    _, _, measure = stated(service)
    method = "POST" if "body" in measure else "GET"
    body = json.loads(filled(measure["body"])) if "body" in measure else None
    assert refused(endpoint, method, filled(measure["url"]), body) == []
    assert refused(endpoint, method, f"{filled(measure['url'])}&nonsense=1", body) != []
    assert body is None or refused(endpoint, method, filled(measure["url"]), {**body, "nonsense": 1}) != []


def sample(shape: object) -> Any:
    """An answer of a shape, with a value everywhere."""
    if isinstance(shape, Mapping):
        return {name: sample(each) for name, each in shape.items()}
    if isinstance(shape, list):
        return [sample(shape[0])]
    return {"integer": 1, "boolean": True, "list": [], "texts": {"amount": "1", "dealname": "A"}}.get(str(shape), "x")


@pytest.mark.parametrize("service", REST)
def test_what_is_picked_is_in_the_published_answer(service: str) -> None:
    answer = sample(REST[service].answer)
    _, _, measure = stated(service)
    [row] = jmespath.search(measure["rows"].strip(), answer)
    assert row
    assert None not in row.values()
    for key in ("next", "total"):
        assert key not in measure or jmespath.search(measure[key], answer) is not None
    if service == "HubSpot":
        asked = json.loads(filled(measure["body"]))["properties"]
        assert {f"properties.{name}" for name in asked} == set(re.findall(r"properties\.\w+", measure["rows"]))
    if "opt_fields" in measure["url"]:
        fields = dict(parse_qsl(measure["url"].partition("?")[2]))["opt_fields"].split(",")
        assert set(fields) == set(row) - {"id"}


def page_of(items: Sequence[Any], cursor: str | None) -> tuple[Sequence[Any], str | None]:
    """The items of a page, and the cursor to the next one."""
    start = int((cursor or "at-0").removeprefix("at-"))
    end = start + PAGE
    return items[start:end], f"at-{end}" if end < len(items) else None


def linear(request: Request) -> Response:
    assert request.headers["authorization"] == SECRET

    def issues(_: Any, first: int, filter: Any, after: str | None = None) -> Any:  # noqa: A002 - Linear's name
        assert first <= 250
        assert filter["team"] == {"key": {"eq": "ENG"}}
        assert datetime.fromisoformat(filter["createdAt"]["gte"]).isoformat() == "2026-10-01T00:00:00+08:00"
        found = [
            {"identifier": f"ENG-{n}", "estimate": n, "state": {"type": "completed" if n < 2 else "started"}}
            for n in range(8)
        ]
        nodes, cursor = page_of(found, after)
        return {"nodes": nodes, "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor or "the end"}}

    return played(request, facts.LINEAR, {"issues": issues})


def monday(request: Request) -> Response:
    assert request.headers["authorization"] == SECRET

    def items_page(_: Any, limit: int, cursor: str | None = None) -> Any:
        assert limit <= facts.MOST_OF_MONDAY
        found = [
            {
                "id": str(n),
                "name": f"Item {n}",
                "column_values": lambda _, ids, n=n: [
                    {"__typename": "StatusValue", "id": ids[0], "text": "Done" if n < 6 else "Working on it"}
                ],
            }
            for n in range(8)
        ]
        items, following = page_of(found, cursor)
        return {"items": items, "cursor": following}

    return played(request, facts.MONDAY, {"boards": lambda _, ids: [{"items_page": items_page} for _ in ids]})


def played(request: Request, schema: str, root: Mapping[str, Any]) -> Response:
    asked = request.json()
    assert set(asked) == {"query", "variables"}
    done = graphql_sync(build_schema(schema), asked["query"], root, variable_values=asked["variables"])
    assert done.errors is None, done.errors
    return Response(200, {"data": done.data})


def checked(endpoint: Endpoint, request: Request) -> None:
    query = "&".join(f"{name}={value}" for name, values in request.query.items() for value in values)
    body = request.json() if request.method == "POST" else None
    target = f"{request.path}?{query}" if query else request.path
    assert refused(endpoint, request.method, target.replace(" ", "%20"), body) == []


def asana(request: Request) -> Response:
    checked(facts.ASANA, request)
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert "offset" not in request.query or request.first("offset")
    tasks = [
        {"gid": str(n), "name": f"Task {n}", "completed": n < 6, "due_on": "2026-11-15",
         "completed_at": f"2026-11-{13 + n}T08:00:00.000Z" if n < 6 else None}
        for n in range(8)
    ]  # fmt: skip
    data, cursor = page_of(tasks, request.first("offset") or None)
    return Response(200, {"data": data, "next_page": cursor and {"offset": cursor, "path": "/x", "uri": "https://x"}})


def hubspot(request: Request) -> Response:
    checked(facts.HUBSPOT, request)
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    [group] = request.json()["filterGroups"]
    bounds = {each["operator"]: each["value"] for each in group["filters"] if each["propertyName"] == "closedate"}
    assert bounds == {"GTE": "1790784000000", "LT": "1798732800000"}
    deals = [{"id": str(n), "properties": {"dealname": f"Deal {n}", "amount": f"{n * 10}.50"}} for n in range(8)]
    results, cursor = page_of(deals, request.json().get("after"))
    more = {"paging": {"next": {"after": cursor, "link": "https://api.hubapi.com/x"}}} if cursor else {}
    return Response(200, {"total": len(deals), "results": results, **more})


def azure(request: Request) -> Response:
    checked(facts.AZURE, request)
    assert request.headers["authorization"].startswith("Basic ")
    assert "'2026-10-01'" in request.json()["query"]
    return Response(200, {"queryType": "flat", "workItems": [{"id": n, "url": f"https://x/{n}"} for n in range(8)]})


SERVICES = {"Linear": linear, "monday": monday, "Asana": asana, "HubSpot": hubspot, "Azure DevOps": azure}
NUMBERS = {"Linear": "0.25", "monday": "0.75", "Asana": "3", "HubSpot": "284", "Azure DevOps": "8"}
REQUESTS = {"Azure DevOps": 1}


@contextmanager
def playing(service: str) -> Iterator[Sandbox]:
    with Sandbox([JsonService("api", SERVICES[service])]) as sandbox:
        yield sandbox


@pytest.mark.parametrize("service", SERVICES)
def test_a_recipe_gives_the_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    [recipe] = RECIPES[service]
    name, connection, _ = stated(service)
    for secret in re.findall(r"\$(\w+)", recipe):
        monkeypatch.setenv(secret, SECRET)
    sheet = MemorySheet({"OKRs": [["KR id", "Key result", "Current value"], ["KR1", "It counts", None]]})
    with playing(service) as sandbox:
        url, there = connection["url"], sandbox.service_url("api")
        goal = GOAL.format(name=name, target="90%" if service in GRAPHQL else 1000)
        text = HEAD + recipe.replace(f"url: {url}\n", f"url: {there}\n") + goal
        seen = look(load(tmp_path, text), sheet)
    assert not seen.failures(), [str(failure.error) for failure in seen.failures()]
    assert [str(number) for number in seen.key_results[0].values] == [NUMBERS[service]]
    assert len(sandbox.log) == REQUESTS.get(service, 3)


def test_every_recipe_over_http_is_tested() -> None:
    tested = {service for service, recipes in RECIPES.items() if any("type: http\n" in each for each in recipes)}
    assert tested == set(SERVICES)


def test_the_facts_name_their_source() -> None:
    text = facts.__doc__ or ""
    assert all(f"| {service} | github.com/" in text for service in SERVICES)
