"""Read the changes of issues: on Cloud for 1000 issues per request, on Data Center with the issues."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors.jira.client import JiraClient
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import Raw
from connectors.jira.pages import MOST_PAGES
from connectors.jira.values import OddFieldError, instant

LARGEST_HISTORY = 1000
"""Maximum number of issues per request of changelog/bulkfetch on Cloud; a page has at most 10,000 changes.

Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/
"""
LARGEST_HISTORY_PAGE = 10_000

_NUMBERS = re.compile(r"[\d.]+(?:, ?\d+)*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_JIRA = datetime(2002, 1, 1, tzinfo=UTC)
"""Jira's first release; an earlier time means that a number is not in milliseconds."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change of one field.

    Attributes:
        at: when it was made.
        field: the field's id; on Data Center the name of a custom field.
        custom: whether it is a custom field.
        before, after: the values as Jira keeps them, such as ids; None for a field without such, such as a number.
        before_text, after_text: the values as Jira shows them.
    """

    at: datetime
    field: str
    custom: bool
    before: str | None
    after: str | None
    before_text: str | None
    after_text: str | None


def fetched_changes(
    client: JiraClient, ids: Sequence[str], fields: Sequence[str]
) -> Mapping[str, Sequence[FieldChange]]:
    """Fetch the changes of fields of up to 1000 issues on Cloud, oldest first, by issue id. Raises SourceError."""
    path = "changelog/bulkfetch"
    doing = client.doing("POST", path)
    body: dict[str, Any] = {"issueIdsOrKeys": list(ids), "fieldIds": list(fields), "maxResults": LARGEST_HISTORY_PAGE}
    changes: dict[str, list[FieldChange]] = {id_: [] for id_ in ids}
    tokens: set[str] = set()
    for _ in range(MOST_PAGES):
        answer = client.post(path, body, "history")
        try:
            _keep(answer, changes, fields)
        except OddFieldError as exc:
            raise SourceError(doing, str(exc), effect=EFFECT, advice=ODD_ANSWER) from None
        token = answer.get("nextPageToken")
        if token is None:
            return {id_: _in_time(found) for id_, found in changes.items()}
        if not isinstance(token, str) or token in tokens:
            break
        tokens.add(token)
        body["nextPageToken"] = token
    raise SourceError(doing, "its pages do not end", effect=EFFECT, advice="Run again; Jira did not return all pages.")


def own_changes(issue: Raw, fields: Collection[str]) -> Sequence[FieldChange]:
    """Return the changes of fields in an issue from Data Center, which names custom fields by name, oldest first.

    Raises OddFieldError, also where some of an issue's changes are missing.
    """
    log = issue.get("changelog")
    histories = _list(log.get("histories") if isinstance(log, Mapping) else None, Message("an issue has no history"))
    if isinstance(log, Mapping) and log.get("total", len(histories)) != len(histories):
        raise OddFieldError(
            Message(
                "{count} of {value} changes of an issue were received", count=len(histories), value=log.get("total")
            )
        )
    return _in_time(_changes(histories, fields))


def unknown_fields(issue: Raw, names: Collection[str]) -> frozenset[str]:
    """Return the custom fields in the changes of an issue from Data Center that no field is named now.

    Only those are named whose values are numbers, or ids as `7, 8`. Raises OddFieldError.
    """
    log = issue.get("changelog")
    histories = _list(log.get("histories") if isinstance(log, Mapping) else None, Message("an issue has no history"))
    items = [item for history in histories for item in history.get("items", ()) if isinstance(item, Mapping)]
    return frozenset(
        str(item["field"])
        for item in items
        if item.get("fieldtype") == "custom"
        and item.get("field") not in names
        and any(_NUMBERS.fullmatch(str(item.get(key) or "")) for key in ("from", "to", "fromString", "toString"))
    )


def _in_time(changes: Sequence[FieldChange]) -> Sequence[FieldChange]:
    return sorted(changes, key=lambda change: change.at)


def _keep(answer: Mapping[str, Any], changes: Mapping[str, list[FieldChange]], fields: Collection[str]) -> None:
    for log in _list(answer.get("issueChangeLogs"), Message("the answer has no list of histories")):
        found = changes.get(str(log.get("issueId"))) if isinstance(log, Mapping) else None
        if found is None:
            raise OddFieldError(Message("a history belongs to an issue that was not requested"))
        found += _changes(_list(log.get("changeHistories"), Message("an issue has no list of changes")), fields)


def _changes(histories: Sequence[Any], fields: Collection[str]) -> list[FieldChange]:
    found = []
    for history in histories:
        items = _list(history.get("items") if isinstance(history, Mapping) else None, Message("a change has no items"))
        for item in items:
            if not isinstance(item, Mapping):
                raise OddFieldError(Message("a change is not an object"))
            field = item.get("fieldId") or item.get("field")
            if field in fields:
                texts = [item.get(name) for name in ("from", "to", "fromString", "toString")]
                before, after, before_text, after_text = (text if isinstance(text, str) else None for text in texts)
                custom, at = item.get("fieldtype") == "custom", _at(history.get("created"))
                found.append(FieldChange(at, str(field), custom, before, after, before_text, after_text))
    return found


def _at(value: object) -> datetime:
    """Parse the time of a change: epoch milliseconds on Cloud, text on Data Center. Raises OddFieldError."""
    if isinstance(value, int) and not isinstance(value, bool):
        at: datetime | None = _EPOCH + timedelta(milliseconds=value) if 0 <= value < 2**43 else None
    else:
        at = instant(Message("created of a change"), value)
    if at is None or at < _FIRST_JIRA:
        raise OddFieldError(Message("a change has no time"))
    return at


def _list(value: object, saw: str) -> list[Any]:
    if not isinstance(value, list):
        raise OddFieldError(saw)
    return value
