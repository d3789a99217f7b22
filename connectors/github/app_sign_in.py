"""Sign in as an installation of a GitHub App: its tokens live an hour, so they are renewed within a run.

Source: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
from github import Auth

from config.errors import AuthError
from config.masking import keep_secret
from config.message import Message
from connectors.github.errors import EFFECT

_BEFORE_THE_END = timedelta(minutes=5)
"""How long before its end a token is renewed, so that a long request does not outlive it."""

Issued = tuple[str, datetime]
"""An access token, and when it ends."""


class InstallationSignIn(Auth.Auth):
    """Access token of an installation, shared by all lanes of a connection. Thread-safe."""

    def __init__(self, ask: Callable[[], Issued], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._ask = ask
        self._clock = clock
        self._issued: Issued | None = None
        self._asking = threading.Lock()

    @property
    def token_type(self) -> str:
        """Word before the token in the header."""
        return "token"

    @property
    def token(self) -> str:
        """The token; a new one shortly before the old one ends. Raises SourceError."""
        with self._asking:
            if self._issued is None or self._issued[1] - _BEFORE_THE_END < self._clock():
                self._issued = self._ask()
                keep_secret(self._issued[0])
            return self._issued[0]

    @property
    def _masked_token(self) -> str:
        return "token (hidden)"


def app_sign_in(doing: str, app_id: str, private_key: str) -> Auth.AppAuth:
    """Return the sign-in of the app itself. Raises AuthError for a key that cannot sign."""
    app = Auth.AppAuth(app_id, private_key)
    try:
        app.create_jwt()
    except (jwt.PyJWTError, ValueError, TypeError) as exc:
        saw = Message("the app's private key is not an RSA key in PEM form")
        advice = "Give the file that GitHub made for the app, as private_key: file:PATH."
        raise AuthError(doing, saw, effect=EFFECT, advice=advice) from exc
    return app
