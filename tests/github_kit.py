"""GitHub of the sandbox with answers that its documentation leaves open, as an older Enterprise Server, and sources
that read it through the real library."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from graphql import DocumentNode, FieldNode, InlineFragmentNode, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from config.errors import SourceError
from config.models import GitHubConnection
from connectors import registry
from connectors.http import Meter, Policy
from connectors.protocol import Read, ReadError, Reading, Source
from connectors.sandbox.github.graphql import REFUSED
from connectors.sandbox.github.sample import sample_projects, sample_repositories
from connectors.sandbox.github.schema import schema
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.server import Request, Response
from sandbox_kit import Fault, Sandbox
from source_contract import Rows

TOKEN = "sandbox-token"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
_PAGE = {"Content-Type": "text/html"}
NOTHING = {"issueCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


class OddGitHub(GitHubService):
    """GitHub that answers as a test states.

    Attributes:
        alias_limit: maximum number of top-level fields in a GraphQL query.
        beyond_limit: response to a larger query: HTTP 502, or the first fields and RESOURCE_LIMITS_EXCEEDED.
        refused_search: GraphQL response to a refused search: an error at its alias with the other searches' data; the
            error and no data, as the schema's non-null types require; or, for an unknown repository, no error at all.
        missing_fields: GraphQL fields, such as `Issue.stateReason`, that the server lacks, as an older Enterprise
            Server does: a query that names one is refused whole, with an error per field and no data.
    """

    def __init__(self, repositories: Mapping[str, Any], projects: Mapping[str, Any] | None = None) -> None:
        super().__init__(repositories, projects)
        self.alias_limit = 100
        self.beyond_limit: Literal["502", "partial"] = "502"
        self.refused_search: Literal["alias", "whole", "silent"] = "alias"
        self.missing_fields: frozenset[str] = frozenset()

    def handle(self, request: Request) -> Response:
        """Answer a client's request."""
        response = super().handle(request)
        body = response.body
        if request.path != "/graphql" or not isinstance(body.get("data"), dict):
            return response
        if lacking := undefined_fields(parse(request.json()["query"]), self.missing_fields):
            return Response(200, {"errors": lacking}, response.headers)
        if len(body["data"]) > self.alias_limit and self.beyond_limit == "502":
            return Response(502, b"<html><body>502 Bad Gateway</body></html>", {**response.headers, **_PAGE})
        data, errors = self._within_the_limit(body["data"], body.get("errors", []))
        refused = {error["path"][0] for error in errors if error.get("type") == REFUSED}
        if refused and self.refused_search == "whole":
            return Response(200, {"data": None, "errors": errors}, response.headers)
        if self.refused_search == "silent":
            unknown = {name for name in refused if data[name] is None}
            data = {name: NOTHING if name in unknown else value for name, value in data.items()}
            errors = [error for error in errors if error["path"][0] not in unknown]
        return Response(200, {"data": data, **({"errors": errors} if errors else {})}, response.headers)

    def _within_the_limit(self, data: dict[str, Any], errors: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        message = "Resource limits for this query exceeded."
        beyond = list(data)[self.alias_limit :]
        more = [{"type": "RESOURCE_LIMITS_EXCEEDED", "path": [name], "message": message} for name in beyond]
        return {name: None if name in beyond else value for name, value in data.items()}, [*errors, *more]


def undefined_fields(document: DocumentNode, missing: Collection[str]) -> list[dict[str, Any]]:
    """Return one error per use of a missing field, given as `Type.field`, in the form of GitHub's own validation.

    The path begins with the operation, and a field is named by its alias.
    """
    types = TypeInfo(schema())
    found = _Missing(types, missing)
    visit(document, TypeInfoVisitor(types, found))
    return found.errors


class _Missing(Visitor):
    def __init__(self, types: TypeInfo, missing: Collection[str]) -> None:
        super().__init__()
        self._types = types
        self._missing = missing
        self._path = ["query"]
        self.errors: list[dict[str, Any]] = []

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        condition = node.type_condition
        self._path.append(f"... on {condition.name.value}" if condition else "...")

    def leave_inline_fragment(self, *_: Any) -> None:
        self._path.pop()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._path.append(node.alias.value if node.alias else node.name.value)
        parent, name = self._types.get_parent_type(), node.name.value
        if parent is not None and f"{parent.name}.{name}" in self._missing:
            self.errors.append(
                {
                    "path": list(self._path),
                    "extensions": {"code": "undefinedField", "typeName": parent.name, "fieldName": name},
                    "message": f"Field '{name}' doesn't exist on type '{parent.name}'",
                }
            )

    def leave_field(self, *_: Any) -> None:
        self._path.pop()


@dataclass
class World:
    """A sandbox and a source that reads it."""

    service: OddGitHub
    sandbox: Sandbox
    source: Source
    meter: Meter
    waits: list[float]
    kept: Rows = field(default_factory=Rows)

    def read(self, *reads: Read) -> dict[str, Reading | ReadError]:
        return {answer.read.key: answer for answer in self.source.read(reads, self.kept)}

    def one(self, read: Read) -> Reading:
        answer = self.read(read)[read.key]
        assert isinstance(answer, Reading), str(answer.error)
        return answer

    def error(self, read: Read) -> SourceError:
        answer = self.read(read)[read.key]
        assert isinstance(answer, ReadError)
        assert TOKEN not in f"{answer.error}{answer.error!r}"
        return answer.error

    def fault(self, status: int, body: Any = None, **given: Any) -> None:
        self.sandbox.faults.append(Fault("github", status=status, body=body, **given))

    def sent(self) -> list[dict[str, Any]]:
        """The bodies of the GraphQL requests so far."""
        return [json.loads(entry.body) for entry in self.sandbox.requests("github") if entry.target == "/graphql"]


def opened(sandbox: Sandbox, meter: Meter, waits: list[float], **given: Any) -> Source:
    """A source of the sandbox; `OKRSYNC_TEST_TOKEN` must hold `TOKEN`."""
    connection = GitHubConnection(
        type="github", url=sandbox.service_url("github"), token="$OKRSYNC_TEST_TOKEN", timeout="5", **given
    )
    return registry.open_source("gh", connection, registry.Context(Path(), Policy(sleep=waits.append), meter))


@contextmanager
def open_world(**repositories: Mapping[str, Any]) -> Iterator[World]:
    """The sample's repositories and more of acme's, by their names; `OKRSYNC_TEST_TOKEN` must hold `TOKEN`."""
    more = {f"acme/{name}": made for name, made in repositories.items()}
    first_day = date(2026, 10, 1)
    service = OddGitHub({**sample_repositories(first_day, NOW, "en"), **more}, sample_projects(first_day, NOW))
    meter, waits = Meter(), list[float]()
    with Sandbox([service]) as sandbox:
        source = opened(sandbox, meter, waits)
        yield World(service, sandbox, source, meter, waits)
        source.close()
