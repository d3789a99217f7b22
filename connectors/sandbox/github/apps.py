"""GitHub Apps of the sandbox: access tokens of an installation for a JWT that the app's key has signed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.sandbox.server import Request, Response

_LONGEST_JWT = timedelta(minutes=10)
_PATH = re.compile(r"/app/installations/(\d+)/access_tokens")


@dataclass(slots=True)
class App:
    """An app that is installed once. `public_key` is PEM; `lifetime` is that of its access tokens."""

    id: str
    installation: int
    public_key: str
    lifetime: timedelta = timedelta(hours=1)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    issued: dict[str, datetime] = field(default_factory=dict)

    def answer(self, request: Request) -> Response | None:
        """Answer a request for an access token; None for another request."""
        match = _PATH.fullmatch(request.path)
        if match is None or request.method != "POST":
            return None
        if not self._signed(request.headers.get("authorization", "")):
            return Response(401, {"message": "A JSON web token could not be decoded"})
        if int(match[1]) != self.installation:
            return Response(404, {"message": "Not Found"})
        token, end = f"ghs_sandbox{len(self.issued):04}", self.now() + self.lifetime
        self.issued[token] = end
        return Response(201, {"token": token, "expires_at": f"{end:%Y-%m-%dT%H:%M:%SZ}", "permissions": {}})

    def accepts(self, token: str) -> bool:
        """Return whether a token was issued and has not ended."""
        return token in self.issued and self.now() < self.issued[token]

    def _signed(self, authorization: str) -> bool:
        import jwt

        kind, _, text = authorization.partition(" ")
        try:
            claims = jwt.decode(text, self.public_key, algorithms=["RS256"], issuer=self.id)
        except jwt.PyJWTError:
            return False
        return kind == "Bearer" and claims["exp"] - claims["iat"] <= _LONGEST_JWT.total_seconds()
