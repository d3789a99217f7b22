"""An API on loopback whose lists come page by page, in each of the ways of services; and a source that reads it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from config.errors import SourceError
from config.models import HttpConnection
from connectors import registry
from connectors.http import Policy
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sandbox.server import Request, Response
from sandbox_kit import Sandbox
from source_contract import INSTANTS, JsonService, Rows

TOKEN = "a-token-of-the-api"
CLIENT_SECRET = "client-secret-4711"


@dataclass
class Api:
    """Orders with an id and an amount, `size` a page. `total` is what it states; None: as many as there are."""

    count: int = 23
    size: int = 5
    first_page: int = 1
    total: int | None = None
    heeds: bool = True
    signs_in: str = ""
    lifetime: Any = 3600
    tokens: list[str] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    sandbox: Sandbox | None = None
    instead: dict[str, Callable[[Request], Response]] = field(default_factory=dict)
    """What answers a path in place of the API."""

    @property
    def url(self) -> str:
        assert self.sandbox is not None
        return self.sandbox.service_url("api")

    def handle(self, request: Request) -> Response:
        self.seen.append(request)
        if request.path in self.instead:
            return self.instead[request.path](request)
        if request.path == "/token":
            return self._token(request)
        if self.signs_in and not self._is_signed_in(request):
            return Response(401, {"message": "sign in"})
        way = getattr(self, f"_{request.path.strip('/').replace('/', '_')}", None)
        return way(request) if way else Response(404, {"message": "no such thing"})

    def items(self, start: int) -> list[dict[str, Any]]:
        start = start if self.heeds else 0
        last = min(start + self.size, self.count)
        return [{"id": n, "amount": n * 1.5, "note": None if n % 2 else "even"} for n in range(start, last)]

    def _page(self, request: Request) -> Response:
        return self._listed((int(request.first("page")) - self.first_page) * self.size)

    def _offset(self, request: Request) -> Response:
        return self._listed(int(request.first("offset")))

    def _listed(self, start: int) -> Response:
        headers = {"X-Total-Count": str(self.stated)}
        return Response(200, {"items": self.items(start), "meta": {"total": self.stated}}, headers)

    @property
    def stated(self) -> int:
        return self.count if self.total is None else self.total

    def _cursor(self, request: Request) -> Response:
        assert request.query.get("after") != [""], "no empty cursor"
        start = int(request.first("after", "c0").removeprefix("c"))
        return Response(200, {"items": self.items(start), "paging": self._after(start)})

    def _after(self, start: int) -> Mapping[str, Any]:
        more = start + self.size < self.count
        return {"next": {"after": f"c{start + self.size}"}} if more else {}

    def _link(self, request: Request) -> Response:
        start = int(request.first("start", "0"))
        more = start + self.size < self.count
        target = f"{self.url}/link?start={start + self.size}"
        link = {"Link": f'<{target}>; rel="next"'} if more else {}
        return Response(200, self.items(start), {"X-Total-Count": str(self.stated), **link})

    def _next(self, request: Request) -> Response:
        start = int(request.first("start", "0"))
        more = start + self.size < self.count
        return Response(200, {"items": self.items(start), "next": f"?start={start + self.size}" if more else None})

    def _search(self, request: Request) -> Response:
        asked = request.json()
        assert request.method == "POST"
        start = int(asked.get("after", "c0").removeprefix("c"))
        return Response(200, {"items": self.items(start), "paging": self._after(start), "total": self.stated})

    def _counted(self, request: Request) -> Response:
        return Response(200, {"items": self.items((request.json()["page"] - 1) * self.size)})

    def _graphql(self, request: Request) -> Response:
        asked = request.json()
        start = int((asked["variables"].get("after") or "c0").removeprefix("c"))
        more = start + self.size < self.count
        info = {"hasNextPage": more, "endCursor": f"c{start + self.size}"}
        return Response(200, {"data": {"orders": {"nodes": self.items(start), "pageInfo": info}}})

    def _is_signed_in(self, request: Request) -> bool:
        given = {
            "header": request.headers.get("x-api-key"),
            "bearer": request.headers.get("authorization", "").removeprefix("Bearer "),
            "param": request.first("api_key"),
        }
        return given.get(self.signs_in) in ({TOKEN} if not self.tokens else self.tokens[-1:])

    def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if form.get("grant_type") != "client_credentials" or form.get("client_secret", CLIENT_SECRET) != CLIENT_SECRET:
            return Response(401, {"error": "invalid_client", "error_description": "no such client"})
        self.tokens.append(f"access-token-{len(self.tokens)}-of-the-api")
        answer = {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": self.lifetime}
        return Response(200, {name: value for name, value in answer.items() if value is not None})


@dataclass
class Reader:
    """A source of the API, opened for each read; `kept` are the rows of the last one."""

    api: Api
    folder: Path
    policy: Policy = field(default_factory=lambda: Policy(tries=2, sleep=lambda _: None))
    kept: Rows = field(default_factory=Rows)
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        self.context = Context(self.folder, self.policy)

    def read(self, query: Mapping[str, str], stated: Mapping[str, Any] | None = None) -> Reading | ReadError:
        """The answer to one read; `stated` are options of the connection."""
        connection = HttpConnection.model_validate({"type": "http", "url": self.api.url, **(stated or {})})
        self.kept = Rows()
        table = "graphql" if "graphql" in query else "json"
        source = registry.open_source("shop", connection, self.context)
        try:
            answers: list[Reading | ReadError] = list(
                source.read([Read("r", table, query, ("id", "amount"), instants=INSTANTS)], self.kept)
            )
        finally:
            source.close()
        return answers[0]

    def ids(self, query: Mapping[str, str], **stated: Any) -> list[Any]:
        """The ids of the rows of a read that is answered."""
        answer = self.read(query, stated)
        assert isinstance(answer, Reading), str(answer.error)
        return [row["id"] for row in self.kept.rows["r"]]

    def error(self, query: Mapping[str, str], **stated: Any) -> SourceError:
        """The error of a read that fails, after which no row is kept."""
        answer = self.read(query, stated)
        assert isinstance(answer, ReadError), answer
        assert self.kept.rows == {}
        return answer.error


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """Start the API."""
    with Sandbox([JsonService("api", api.handle)]) as sandbox:
        api.sandbox = sandbox
        yield api


def compact(document: object) -> str:
    """JSON as one line."""
    return json.dumps(document)
