"""Find the fields of a site whose ids differ between sites.

These are the sprint field, on Data Center the Epic Link, and custom fields that the config states by name.
"""

import re
import threading
from collections.abc import Collection, Mapping

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.suggest import did_you_mean
from connectors.jira.client import JiraClient
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import SiteFields

SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
EPIC_LINK_TYPE = "com.pyxis.greenhopper.jira:gh-epic-link"
"""`schema.custom` of these fields in the answer to `GET field`, on Cloud and on Data Center."""


_ID = re.compile(r"customfield_\d+")


@dataclass(frozen=True, slots=True)
class _Found:
    """Ids of a site's fields: the first by the type of custom field, all by name in lower case, and all there are.

    `names_of` has the names of each field.
    """

    by_type: Mapping[str, str]
    by_name: Mapping[str, tuple[str, ...]]
    names: tuple[str, ...]
    names_of: Mapping[str, frozenset[str]]


class SiteFieldIds:
    """Cache of the ids of one site. `GET field` is sent at most once, and only where a column needs an id."""

    def __init__(self, client: JiraClient) -> None:
        self._client = client
        self._found: _Found | None = None
        self._asking = threading.Lock()

    def of(self, columns: Collection[str]) -> tuple[SiteFields, Mapping[str, SourceError]]:
        """Return the ids that columns of these names need, and the error of each column without one.

        A site without an Epic Link has no epics, so that `parent` is complete without it.
        """
        stated = self._client.connection.fields
        needing = {"sprint"} if self._client.connection.is_cloud else {"sprint", "parent"}
        needing &= set(columns) - stated.keys()
        named = {column: stated[column].id for column in columns if column in stated}
        named = {column: name for column, name in named.items() if not _ID.fullmatch(name)}
        try:
            found = self._all() if needing or named else _Found({}, {}, (), {})
        except SourceError as exc:
            return SiteFields(), dict.fromkeys({*needing, *named}, exc)
        ids = {name: found.by_name.get(name.lower(), ()) for name in named.values()}
        failed = {
            column: self._not_one(f"connections.{self._client.name}.fields.{column}", name, found)
            for column, name in named.items()
            if len(ids[name]) != 1
        }
        site = SiteFields(
            found.by_type.get(SPRINT_TYPE, ""),
            found.by_type.get(EPIC_LINK_TYPE, "") if "parent" in needing else "",
            {name: each[0] for name, each in ids.items() if each},
        )
        if "sprint" in needing and not site.sprint:
            name = self._client.name
            advice = Message("Leave `sprint` out, or name the field: connections.{name}.fields.sprint.", name=name)
            failed["sprint"] = self._without_sprints(advice)
        return site, failed

    def sprint(self) -> str:
        """Return the id of the sprint field. Raises SourceError."""
        if not (id_ := self._all().by_type.get(SPRINT_TYPE, "")):
            raise self._without_sprints(Message("Jira Software has to be among the site's products."))
        return id_

    def stated(self, name: str, place: str) -> str:
        """Return the id of a field that `place` of the config states by id or by name. Raises SourceError."""
        if _ID.fullmatch(name):
            return name
        found = self._all()
        ids = found.by_name.get(name.lower(), ())
        if len(ids) != 1:
            raise self._not_one(place, name, found)
        return ids[0]

    def names(self, id_: str) -> frozenset[str]:
        """Return the names of a field, by which histories of Data Center know it. Raises SourceError.

        There, a name that another field has as well is an error.
        """
        found = self._all()
        names = found.names_of.get(id_, frozenset())
        if not self._client.connection.is_cloud:
            for name in sorted(names):
                if len(ids := found.by_name.get(name.lower(), ())) > 1:
                    saw = Message("several fields are named '{name}': {ids}", name=name, ids=list(ids))
                    advice = Message("Rename one of them in Jira: histories of Data Center know fields by name only.")
                    raise SourceError(self._client.doing("GET", "field"), saw, effect=EFFECT, advice=advice)
        return names

    def all_names(self) -> frozenset[str]:
        """Return the names of all fields. Raises SourceError."""
        return frozenset(self._all().names)

    def _all(self) -> _Found:
        with self._asking:
            if self._found is None:
                self._found = self._ask()
            return self._found

    def _ask(self) -> _Found:
        answer = self._client.get("field", "fields")
        if not isinstance(answer, list):
            doing = self._client.doing("GET", "field")
            raise SourceError(doing, "the answer has no list of fields", effect=EFFECT, advice=ODD_ANSWER)
        by_type: dict[str, str] = {}
        by_name: dict[str, tuple[str, ...]] = {}
        names_of: dict[str, frozenset[str]] = {}
        shown: dict[str, None] = {}
        for field in answer:
            id_ = field.get("id") if isinstance(field, Mapping) else None
            if not isinstance(id_, str):
                continue
            schema = field.get("schema")
            kind = schema.get("custom") if isinstance(schema, Mapping) else None
            if isinstance(kind, str):
                by_type.setdefault(kind, id_)
            own = {text for key in ("name", "untranslatedName") if isinstance(text := field.get(key), str)}
            names_of[id_] = frozenset(own)
            shown |= dict.fromkeys(sorted(own))
            for name in {id_.lower(), *(text.lower() for text in own)}:
                by_name[name] = (*by_name.get(name, ()), id_)
        return _Found(by_type, by_name, tuple(shown), names_of)

    def _not_one(self, place: str, name: str, found: _Found) -> SourceError:
        """Return the error for a name, stated at `place`, that no field or several fields of the site have."""
        ids = found.by_name.get(name.lower(), ())
        doing = Message("{request}, for {place}", request=self._client.doing("GET", "field"), place=place)
        if ids:
            saw = Message("several fields are named '{name}': {ids}", name=name, ids=list(ids))
            advice = Message("Write the id of the right one as {place}.", place=place)
        else:
            saw = Message("no field is named '{name}'{meant}", name=name, meant=did_you_mean(name, found.names))
            advice = Message("Correct {place}, or write the field's id, such as customfield_10016.", place=place)
        return SourceError(doing, saw, effect=EFFECT, advice=advice)

    def _without_sprints(self, advice: str) -> SourceError:
        saw = Message("the site has no sprint field")
        return SourceError(self._client.doing("GET", "field"), saw, effect=EFFECT, advice=advice)
