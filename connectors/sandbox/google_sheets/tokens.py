"""Access tokens of the sandbox: a temporary service account whose signed assertions are verified."""

import base64
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

from connectors.sandbox.server import Request, Response

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

EMAIL = "okrsync@okrsync-sandbox.iam.gserviceaccount.com"
"""E-mail address of the service account."""

READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
READ_WRITE = "https://www.googleapis.com/auth/spreadsheets"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

_AUDIENCE = "https://oauth2.googleapis.com/token"
_LIFETIME_SECONDS = 3600
_SKEW_SECONDS = 300


class Tokens:
    """Private key, created on first use, and the tokens issued with it."""

    def __init__(self) -> None:
        self.pem = ""
        self._scopes: dict[str, tuple[frozenset[str], float]] = {}

    def service_account_info(self, base_url: str) -> dict[str, str]:
        """Return a service account's key file with `token_uri` at this sandbox service."""
        return {
            "type": "service_account",
            "project_id": "okrsync-sandbox",
            "private_key_id": "sandbox",
            "private_key": self._private_pem(),
            "client_email": EMAIL,
            "client_id": "100000000000000000000",
            "token_uri": f"{base_url}/token",
        }

    def scopes(self, authorization: str) -> frozenset[str] | None:
        """Return the scopes of a bearer token; None for an unknown or expired one."""
        scheme, _, token = authorization.partition(" ")
        scopes, expires = self._scopes.get(token.strip(), (None, 0.0))
        return scopes if scheme.lower() == "bearer" and expires > time.time() else None

    def grant(self, request: Request) -> Response:
        """Answer POST /token: an access token for a correctly signed assertion, else an OAuth error."""
        form = parse_qs(request.body.decode("utf-8", "replace"))
        if form.get("grant_type") != [GRANT]:
            return _refused("unsupported_grant_type", "Invalid grant_type")
        try:
            scopes = self._checked(form.get("assertion", [""])[0], request.base_url)
        except ValueError as exc:
            return _refused("invalid_grant", str(exc))
        if not scopes:
            return _refused("invalid_scope", "Empty or missing scope not allowed.")
        token = "sandbox-" + secrets.token_urlsafe(24)
        self._scopes[token] = (frozenset(scopes), time.time() + _LIFETIME_SECONDS)
        return Response(200, {"access_token": token, "expires_in": _LIFETIME_SECONDS, "token_type": "Bearer"})

    def _private_pem(self) -> str:
        if not self.pem:
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric import rsa

            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            self.pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode()
        return self.pem

    def _checked(self, assertion: str, base_url: str) -> Sequence[str]:
        """Verify an assertion and return its scopes. Raises ValueError with Google's message."""
        signed, _, signature = assertion.rpartition(".")
        try:
            claims = json.loads(_decoded(signed.partition(".")[2]))
            good = self._signed(signed.encode(), _decoded(signature))
        except ValueError:
            raise ValueError("Invalid JWT: Token must be in the form of a signed JWT.") from None
        if not isinstance(claims, Mapping) or claims.get("iss") != EMAIL:
            raise ValueError("Invalid grant: account not found")
        if not good:
            raise ValueError("Invalid JWT Signature.")
        if claims.get("aud") not in (_AUDIENCE, f"{base_url}/token"):
            raise ValueError("Invalid JWT: Failed audience check.")
        issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
        if not time.time() < expires <= issued + _LIFETIME_SECONDS or issued > time.time() + _SKEW_SECONDS:
            raise ValueError(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            )
        return str(claims.get("scope", "")).split()

    def _signed(self, content: bytes, signature: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        try:
            _public_key(self._private_pem()).verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


@cache
def _public_key(pem: str) -> "rsa.RSAPublicKey":
    """Return the public key of a private one, whose check takes longer than all else of a grant."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(pem.encode(), None)
    return cast("rsa.RSAPrivateKey", key).public_key()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _refused(error: str, description: str) -> Response:
    return Response(400, {"error": error, "error_description": description})
