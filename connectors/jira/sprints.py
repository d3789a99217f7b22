"""Read sprints: objects on Cloud, texts such as `...Sprint@1f[id=7,name=Sprint 7,goal=]` on Data Center.

Versions of Data Center write the fields of a sprint in different orders: by alphabet, with the id first, or with the
id last. Names and goals are free text that may hold commas, brackets and equals signs, so that a text is split only
where a field that Jira has begins.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass  # noqa: TID251 - one class here is ordered

_FIELDS = (
    "activatedDate",
    "autoStartStop",
    "closed",
    "completeDate",
    "endDate",
    "goal",
    "id",
    "incompleteIssuesDestinationId",
    "name",
    "rapidViewId",
    "sequence",
    "startDate",
    "state",
    "synced",
)
_AFTER_NAME = ("startDate", "goal", "closed", "endDate", "completeDate", "sequence")
"""Fields that follow the name where the order is not by alphabet."""

_TEXT = re.compile(r"com\.atlassian\.greenhopper\.service\.sprint\.Sprint@\w+\[(.*)\]", re.DOTALL)
_STARTS = re.compile(rf"(?:^|,)({'|'.join(_FIELDS)})=")
_UNKNOWN = re.compile(r",([A-Za-z]\w*)=")


@dataclass(frozen=True, slots=True, order=True)
class SprintName:
    """A sprint's number inside Jira, and its name."""

    id: int
    name: str


def sprint_of(value: object) -> SprintName | None:
    """Return the sprint that a value of the sprint field names; None where it is not certain."""
    if isinstance(value, Mapping):
        id_, name = value.get("id"), value.get("name")
        return SprintName(id_, name) if isinstance(id_, int) and isinstance(name, str) else None
    return _of_text(value) if isinstance(value, str) else None


def is_sprint_text(value: str) -> bool:
    """Return whether a text is a sprint of Data Center."""
    return _TEXT.fullmatch(value) is not None


def _of_text(text: str) -> SprintName | None:
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    inner = found[1]
    starts = list(_STARTS.finditer(inner))
    names = [start[1] for start in starts]
    if len(set(names)) < len(names) or not {"id", "name"} <= set(names):
        return None  # a name or a goal looks like a field
    ends = [start.start() for start in starts[1:]] + [len(inner)]
    values = {start[1]: inner[start.end() : end] for start, end in zip(starts, ends, strict=True)}
    if not values["id"].isdecimal() or not _ends_for_certain(names, values["name"]):
        return None
    return SprintName(int(values["id"]), values["name"])


def _ends_for_certain(names: list[str], name: str) -> bool:
    """Return whether a name ends where the next known field begins, and no field of another Jira is part of it.

    Only the order by alphabet is that of versions to come.
    """
    after = names[names.index("name") + 1 :][:1]
    if names == sorted(names):
        return not any(word > "name" and (not after or word < after[0]) for word in _UNKNOWN.findall(name))
    return not after or after[0] in _AFTER_NAME
