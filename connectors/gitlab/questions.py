"""What a read asks GitLab for: lists of projects or groups, with GitLab's own parameters."""

from collections.abc import Mapping
from urllib.parse import quote, unquote_plus

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.placeholders import fill, iso_with_offset
from config.suggest import did_you_mean
from connectors.gitlab.tables import FILTER, GROUP, PROJECT
from connectors.httpx_client import EFFECT
from connectors.protocol import Read

Params = tuple[tuple[str, str], ...]

_OWN = ("page", "per_page", "pagination", "order_by", "sort", "cursor", "id_after", "id_before", "simple", "view")
_SECRET = ("private_token", "access_token", "job_token", "sudo")
_ORDER: Mapping[str, Params] = {
    "issues": (("order_by", "created_at"), ("sort", "asc")),
    "merge_requests": (("order_by", "created_at"), ("sort", "asc")),
    "pipelines": (("order_by", "id"), ("sort", "asc")),
    "releases": (("sort", "asc"),),
    "milestones": (),
}
"""What keeps rows in place while new ones arrive: those come last."""
_SCOPE = ("scope", "all")
_DATES = ("created_after", "created_before", "updated_after", "updated_before")
_PEOPLE = ("author_id", "author_username", "assignee_id", "assignee_username", "my_reaction_emoji")
_ITEM = (
    "state",
    "labels",
    "milestone",
    "milestone_id",
    "scope",
    "search",
    "in",
    "iids",
    "not",
    "non_archived",
    *_PEOPLE,
)
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "issues": (*_ITEM, *_DATES, "confidential", "due_date", "epic_id", "health_status", "issue_type", "iteration_id",
               "iteration_title", "weight"),
    "merge_requests": (*_ITEM, *_DATES, "approved", "approved_by_ids", "approved_by_usernames", "approver_ids",
                       "deployed_after", "deployed_before", "environment", "merge_user_id", "merge_user_username",
                       "reviewer_id", "reviewer_username", "source_branch", "target_branch", "source_project_id", "wip",
                       "draft"),
    "milestones": ("state", "iids", "title", "search", "include_ancestors", "include_descendants",
                   "include_parent_milestones", "updated_after", "updated_before", "containing_date"),
    "pipelines": (*_DATES, "name", "ref", "scope", "sha", "source", "status", "username", "yaml_errors"),
    "releases": ("updated_after", "updated_before"),
}  # fmt: skip
"""https://docs.gitlab.com/api/issues and its neighbours; GitLab ignores parameters that it does not know."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: of a project or a group.

    Attributes:
        place: the path of the project or group, as people know it.
        path: the address below that of the connection.
        params: GitLab's parameters.
        order: further parameters, which keep rows in place.
        has_keyset: whether GitLab may give its pages by key instead of by number.
    """

    place: str
    path: str
    params: Params
    order: Params
    has_keyset: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What a read asks for. Equal questions share their answers."""

    table: str
    listings: tuple[Listing, ...]
    asked: str
    warnings: tuple[str, ...]


def question_of(read: Read, doing: str) -> Question:
    """Return the question of a read. Raises SourceError: no place or two kinds, or a parameter that is not allowed."""
    query, table = read.query, read.table
    projects, groups = query.get(PROJECT, "").split(), query.get(GROUP, "").split()
    if bool(projects) == bool(groups):
        saw = Message("it needs `project` or `group`, one of them")
        raise _wrong(doing, saw, Message("Write `project: group/name`, or `group: name`."))
    params, warnings = _params(read, doing)
    if table in ("issues", "merge_requests") and "scope" not in dict(params):
        params = (*params, _SCOPE)
    kind = "projects" if projects else "groups"
    stated = [place.strip("/") for place in projects or groups]
    places = tuple({place.lower(): place for place in reversed(stated)}.values())[::-1]
    for place in places:
        if inner := next((one for one in places if one.lower().startswith(f"{place}/".lower())), ""):
            saw = Message("{inner} is part of {place}, so its rows would count twice", inner=inner, place=place)
            raise _wrong(doing, saw, Message("Leave out one of the two."))
    listings = tuple(
        Listing(
            place,
            f"api/v4/{kind}/{quote(place, safe='')}/{table}",
            params,
            _ORDER[table],
            has_keyset=table == "issues" and kind == "projects",
        )
        for place in places
    )
    shown = fill("&".join(_parts(query.get(FILTER, ""))), read.instants, iso_with_offset)
    return Question(table, listings, " ".join(filter(None, (*places, shown))), warnings)


def _params(read: Read, doing: str) -> tuple[Params, tuple[str, ...]]:
    """Return the parameters of `filter`, and what may be wrong with them. Raises SourceError."""
    params: list[tuple[str, str]] = []
    warnings = []
    known = _KNOWN[read.table]
    for part in _parts(read.query.get(FILTER, "")):
        name, mark, text = (unquote_plus(one) for one in part.partition("="))
        plain = name.partition("[")[0]
        if not mark or plain in (*_OWN, *_SECRET):
            saw = Message("`filter` has {name!r}", name=plain)
            advice = Message("Write pairs such as state=closed&labels=bug; pages, order and sign-in are okrsync's.")
            raise _wrong(doing, saw, advice)
        if plain not in known:
            near = did_you_mean(plain, known)
            warnings.append(
                Message("GitLab may ignore the parameter {name!r} in `filter`, which okrsync does not know", name=plain)
                + near
            )
        params.append((name, fill(text, read.instants, iso_with_offset)))
    return tuple(params), tuple(warnings)


def _parts(text: str) -> list[str]:
    return [part for part in (one.strip() for one in text.strip().lstrip("?").split("&")) if part]


def _wrong(doing: str, saw: str, advice: str) -> SourceError:
    return SourceError(doing, saw, effect=EFFECT, advice=advice)
