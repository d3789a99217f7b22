"""Jira client on the jira library, with one library client per parallel request.

The library's retries, version check and field list are off. Answers are checked before the library handles them,
since its error texts hold headers and bodies. Redirects are reported, not followed, so that credentials are sent to
the connection's own origin only.
"""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from config.errors import AuthError, SourceError
from config.masking import keep_secret
from config.message import Message
from config.models import JiraConnection
from config.secrets import Secret, UnsetSecretError
from connectors.accounts import REQUESTS
from connectors.http import RetryPolicy, metered, trusted_certificates
from connectors.jira.faults import EFFECT, JiraFaults, SignInError
from connectors.jira.gateway import ApiAddress
from connectors.lanes import Lanes
from connectors.registry import Context

if TYPE_CHECKING:
    import requests
    from jira import JIRA

    from connectors.bounded_requests import BoundedAdapter

PLATFORM = "api/2"
AGILE = "agile/1.0"
"""Parts of Jira's REST API: issues and fields; boards and sprints, which Jira Software has."""

_STRAINED = (429, 502, 503, 504)
"""Statuses by which a site says that it is asked too much."""


class JiraClient:
    """Client for JSON requests below `/rest`, with retries. Thread-safe."""

    def __init__(self, name: str, connection: JiraConnection, context: Context) -> None:
        """Read the secrets. Raises AuthError (unset or unusable secret), SourceError (no such `ca_bundle`)."""
        self.name = name
        self.connection = connection
        self._meter = context.meter
        self._patience = RetryPolicy(context.policy, timeout=connection.timeout, pace=context.pace(name, connection))
        self._faults = JiraFaults(name, connection)
        self._token = _reveal(name, "token", connection.token)
        self._email = _reveal(name, "email", connection.email) if connection.email else ""
        keep_secret(base64.b64encode(f"{self._email}:{self._token}".encode()).decode())
        doing = Message("jira {name!r}: reading connections.{name}.ca_bundle", name=name)
        self._ca_file = trusted_certificates(doing, connection.ca_bundle, context.base_dir)
        self._address = ApiAddress(name, connection, self._faults, self._ca_file)
        self._environment: Mapping[str, Any] | None = None
        self._idle = [self._new_client()]
        self._lock = threading.Lock()
        self._lanes = Lanes(connection.lanes, context.policy.clock)

    def post(self, path: str, body: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        """Send a POST request; return the JSON object of its answer. `kind` is for the meter. Raises SourceError."""
        doing = self.doing("POST", path)
        data = json.dumps(body, ensure_ascii=False).encode()
        answer = self._patience.call(lambda: self._send(f"{PLATFORM}/{path}", data, kind, doing), doing, REQUESTS)
        if not isinstance(answer, Mapping):
            advice = self._faults.url_advice()
            raise SourceError(doing, "the answer is not a JSON object", effect=EFFECT, advice=advice)
        return answer

    def get(self, path: str, kind: str, params: Mapping[str, str] | None = None, *, part: str = PLATFORM) -> object:
        """Send a GET request; return the JSON of its answer. `kind` is for the meter. Raises SourceError."""
        address = f"{part}/{path}" + (f"?{urlencode(params)}" if params else "")
        doing = self.doing("GET", path, part)
        return self._patience.call(lambda: self._send(address, None, kind, doing), doing, REQUESTS)

    def doing(self, method: str, path: str, part: str = PLATFORM) -> str:
        """Return the `doing` part of an error message about a request."""
        return Message("jira {name!r}: {method} /rest/{path}", name=self.name, method=method, path=f"{part}/{path}")

    def close(self) -> None:
        """Close the connections of idle clients."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()  # type: ignore[no-untyped-call]

    def _send(self, address: str, data: bytes | None, kind: str, doing: str) -> object:
        import requests

        method = "GET" if data is None else "POST"
        base = self._address.get(self._adapter)
        url = f"{base}/rest/{address}"
        try:
            with self._client() as client, metered(self._meter, self.name, kind) as received:
                session = client._session  # noqa: SLF001 - its `_get_json` logs whole bodies and hides their size
                options: dict[str, Any] = {"allow_redirects": False, "hooks": {"response": _take}}
                response = session.request(method, url, data=data, **options, **self._proxies_and_certificates(base))
                received(len(response.content))
            return self._faults.parsed(response, doing)
        except _RefusedError as exc:
            error = self._faults.refused(exc.response, doing)
        except requests.RequestException as exc:
            raise self._faults.unreached(exc, doing) from exc
        except SignInError as exc:
            error = exc
        if isinstance(error, SignInError):
            self._patience.end(error)
        raise error from None

    def _proxies_and_certificates(self, base: str) -> Mapping[str, Any]:
        """Return the proxies and certificates for the API's address: they are the same for all requests."""
        from connectors.bounded_requests import proxies_and_certificates

        if self._environment is None:
            self._environment = proxies_and_certificates(base, self._ca_file)
        return self._environment

    @contextmanager
    def _client(self) -> Iterator["JIRA"]:
        """Borrow a library client for one request, when a lane is free."""
        with self._lanes.request() as strained:
            with self._lock:
                client = self._idle.pop() if self._idle else None
            client = client or self._new_client()
            try:
                yield client
            except Exception as exc:
                if not isinstance(exc, _RefusedError) or exc.response.status_code in _STRAINED:
                    strained()
                raise
            finally:
                with self._lock:
                    self._idle.append(client)

    def _new_client(self) -> "JIRA":
        from jira import JIRA

        basic = (self._email, self._token) if self._email else None
        client = JIRA(
            server=self.connection.url,
            basic_auth=basic,
            token_auth=None if basic else self._token,
            options={"rest_api_version": "2", "verify": self._ca_file or True},
            get_server_info=False,
            max_retries=0,
        )
        client.deploymentType = "Cloud" if self.connection.is_cloud else "Server"
        session, adapter = client._session, self._adapter()  # noqa: SLF001 - it has no option for a transport
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter)
        session.trust_env = False  # it was asked once, for all requests
        return client

    def _adapter(self) -> "BoundedAdapter":
        from connectors.bounded_requests import BoundedAdapter
        from connectors.bounds import PAGES

        return BoundedAdapter(self._patience.request_seconds, PAGES.within(self.connection.reach))


class _RefusedError(Exception):
    """A non-2xx response, raised to bypass the library's error handling."""

    def __init__(self, response: "requests.Response") -> None:
        super().__init__(response.status_code)
        self.response = response


def _take(response: "requests.Response", *_: object, **__: object) -> None:
    """Raise _RefusedError for non-2xx responses, which the library may fail to parse."""
    if not 200 <= response.status_code < 300:  # noqa: PLR2004 - RFC 9110
        raise _RefusedError(response)


def _reveal(name: str, field: str, secret: Secret | str) -> str:
    """Return a secret that is valid in a header. Raises AuthError, without the value."""
    doing = Message("jira {name!r}: reading connections.{name}.{field}", name=name, field=field)
    try:
        value = secret.reveal() if isinstance(secret, Secret) else secret
    except UnsetSecretError as exc:
        raise AuthError(
            doing, str(exc), effect=EFFECT, advice=Message("Set {secret}, or change the connection.", secret=secret)
        ) from None
    if not value.isascii() or not value.isprintable():
        saw = Message("{secret} holds characters that no header can carry", secret=secret)
        raise AuthError(doing, saw, effect=EFFECT, advice="A line break or a quote may have been copied with it.")
    return value
