"""The address of a site's API: the site itself, or Atlassian's gateway, which scoped tokens and service accounts need.

The site tells its cloud id to everybody, so it is asked without credentials.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from config.errors import SourceError
from config.message import Message
from config.models import JiraConnection
from connectors.jira.faults import EFFECT, JiraFaults

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

AUTO = "auto"
_OK = 200


class ApiAddress:
    """Address below which a site's `/rest/api` is; its cloud id is asked at most once. Thread-safe."""

    def __init__(self, name: str, connection: JiraConnection, faults: JiraFaults, ca_file: str | None) -> None:
        self._name = name
        self._connection = connection
        self._faults = faults
        self._verify = ca_file or True
        self._cloud_id = "" if connection.cloud_id in (None, AUTO) else str(connection.cloud_id)
        self._asking = threading.Lock()

    def get(self, adapter: Callable[[], "HTTPAdapter"]) -> str:
        """Return the address; `adapter` makes what sends the request for the cloud id. Raises SourceError."""
        if self._connection.cloud_id is None:
            return self._connection.url
        with self._asking:
            self._cloud_id = self._cloud_id or self._ask(adapter())
        return f"{self._connection.gateway}/ex/jira/{self._cloud_id}"

    def _ask(self, adapter: "HTTPAdapter") -> str:
        import requests

        doing = Message("jira {name!r}: GET /_edge/tenant_info", name=self._name)
        url = f"{self._connection.url}/_edge/tenant_info"
        with requests.Session() as session:
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            session.auth = _anonymous
            try:
                response = session.get(url, allow_redirects=False, verify=self._verify)
                answer = response.json() if response.status_code == _OK else None
            except requests.JSONDecodeError:
                answer = None
            except requests.RequestException as exc:
                raise self._faults.unreached(exc, doing) from exc
        found = answer.get("cloudId") if isinstance(answer, Mapping) else None
        if not isinstance(found, str) or not found.replace("-", "").isalnum():
            saw = Message("the site does not tell its cloud id (HTTP {status})", status=response.status_code)
            advice = Message("Write it as connections.{name}.cloud_id, in place of `auto`.", name=self._name)
            raise SourceError(doing, saw, effect=EFFECT, advice=advice)
        return found


def _anonymous(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    """Send no credentials, not even those of a netrc file."""
    return request
