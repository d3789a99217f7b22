"""Find the fields of a site whose ids differ between sites: the sprint field and, on Data Center, the Epic Link."""

import threading
from collections.abc import Collection, Mapping

from config.errors import SourceError
from config.message import Message
from connectors.jira.client import JiraClient
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import SiteFields

SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
EPIC_LINK_TYPE = "com.pyxis.greenhopper.jira:gh-epic-link"
"""`schema.custom` of these fields in the answer to `GET field`, on Cloud and on Data Center."""


class SiteFieldIds:
    """Cache of the ids of one site. `GET field` is sent at most once, and only where a column needs an id."""

    def __init__(self, client: JiraClient) -> None:
        self._client = client
        self._ids: Mapping[str, str] | None = None
        self._asking = threading.Lock()

    def of(self, columns: Collection[str]) -> tuple[SiteFields, Mapping[str, SourceError]]:
        """Return the ids that built-in columns of these names need, and the error of each column without one.

        A site without an Epic Link has no epics, so that `parent` is complete without it.
        """
        needing = {"sprint"} if self._client.connection.is_cloud else {"sprint", "parent"}
        needing &= set(columns)
        try:
            ids = self._all() if needing else {}
        except SourceError as exc:
            return SiteFields(), dict.fromkeys(needing, exc)
        site = SiteFields(ids.get(SPRINT_TYPE, ""), ids.get(EPIC_LINK_TYPE, "") if "parent" in needing else "")
        return site, {"sprint": self._without_sprints()} if "sprint" in needing and not site.sprint else {}

    def _all(self) -> Mapping[str, str]:
        with self._asking:
            if self._ids is None:
                self._ids = self._ask()
            return self._ids

    def _ask(self) -> Mapping[str, str]:
        answer = self._client.get("field", "fields")
        if not isinstance(answer, list):
            doing = self._client.doing("GET", "field")
            raise SourceError(doing, "the answer has no list of fields", effect=EFFECT, advice=ODD_ANSWER)
        ids: dict[str, str] = {}
        for field in answer:
            schema = field.get("schema") if isinstance(field, Mapping) else None
            kind = schema.get("custom") if isinstance(schema, Mapping) else None
            if isinstance(kind, str) and isinstance(field.get("id"), str):
                ids.setdefault(kind, field["id"])
        return ids

    def _without_sprints(self) -> SourceError:
        name = self._client.name
        advice = Message("Leave `sprint` out, or name the field: connections.{name}.fields.sprint.", name=name)
        saw = Message("the site has no sprint field")
        return SourceError(self._client.doing("GET", "field"), saw, effect=EFFECT, advice=advice)
