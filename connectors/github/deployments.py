"""Read deployments of repositories, newest first, as far back as their date filter goes."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from config.errors import SourceError
from config.message import Message
from connectors.github.asked import Asked
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT
from connectors.github.graphql import ask, repository_question
from connectors.github.pages import KIND, PAGE, Listed, Paged, read_all, unexpected
from connectors.github.queries import Span, parse_span
from connectors.github.rows import Node, instant, rows_of, selection
from connectors.protocol import Row

_TABLE = "deployments"
_NEWEST_FIRST = "orderBy:{field:CREATED_AT,direction:DESC}"
_MOST_NAMED = 5


def read_deployments(client: GitHubClient, asked: Asked, repository: str) -> list[Row]:
    """Return all deployments of a repository that a read asks for. Raises SourceError."""
    about = Message("deployments of {repository}", repository=repository)
    span = _span(client, about, asked.created)
    listed = read_all(client, _paged(asked, repository, span, about))
    try:
        _require_order(listed)
        if any(_left_out(node) for node in listed.nodes.values()):
            raise _too_many(client, about)
        nodes = [node for node in listed.nodes.values() if _within(node, span)]
        return rows_of(_TABLE, asked.columns, nodes)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise unexpected(client, about, exc) from exc


def warnings_of(client: GitHubClient, asked: Asked) -> tuple[str, ...]:
    """Return what to say where nothing went to the environment asked for, though something did to others."""
    if not asked.environment:
        return ()
    field = f"deployments(first:{PAGE},{_NEWEST_FIRST}){{nodes{{environment}}}}"
    answers = ask(client, [repository_question(name, field) for name in asked.repositories], KIND)
    went = Counter(name for answer in answers if isinstance(answer, Mapping) for name in _environments(answer))
    if not went or asked.environment in went:
        return ()
    others = sorted(went, key=lambda name: (-went[name], name))[:_MOST_NAMED]
    return (
        Message(
            "there is no deployment to {environment}; the latest ones went to {others}",
            environment=asked.environment,
            others=others,
        ),
    )


def _environments(answer: Mapping[str, Any]) -> list[str]:
    nodes = (answer.get("deployments") or {}).get("nodes") or ()
    return [str(node["environment"]) for node in nodes if node is not None and node.get("environment")]


def _span(client: GitHubClient, about: str, created: str) -> Span:
    try:
        return parse_span(created) if created else Span()
    except ValueError as exc:
        saw = Message("`created: {created}` is not a date filter ({exc})", created=created, exc=exc)
        advice = "Write `created` as >=2026-10-01 or as 2026-10-01..2026-10-31."
        raise SourceError(client.faults.doing(about), saw, effect=EFFECT, advice=advice) from exc


def _paged(asked: Asked, repository: str, span: Span, about: str) -> Paged:
    owner, _, name = repository.partition("/")
    fields = selection(_TABLE, asked.columns, "id", "createdAt")
    document = (
        "query($owner:String!,$name:String!,$environments:[String!],$first:Int!,$after:String)"
        "{repository(owner:$owner,name:$name)"
        f"{{deployments(environments:$environments,{_NEWEST_FIRST},first:$first,after:$after)"
        f"{{totalCount pageInfo{{hasNextPage endCursor}} nodes{{{fields}}}}}}}}}"
    )
    environments = [asked.environment] if asked.environment else None
    variables = {"owner": owner, "name": name, "environments": environments}
    first = span.first

    def before(node: Node) -> bool:
        return first is not None and _created(node) < first

    return Paged(document, variables, ("repository", _TABLE), "totalCount", about, key="id", enough=before)


def _created(node: Node) -> datetime:
    at = instant(node["createdAt"])
    if at is None:
        raise TypeError(Message("a deployment has no time of creation"))
    return at


def _within(node: Node, span: Span) -> bool:
    at = _created(node)
    return (span.first is None or span.first <= at) and (span.last is None or at <= span.last)


def _require_order(listed: Listed) -> None:
    """Raise ValueError unless the deployments came newest first: older ones were not read."""
    if any(newer < older for newer, older in pairwise(map(_created, listed.nodes.values()))):
        raise ValueError(Message("the deployments are not in the order asked for"))


def _left_out(node: Node) -> bool:
    """Return whether a deployment has more statuses than came, where how it ended depends on them."""
    statuses, latest = node.get("statuses"), node.get("latestStatus")
    return bool(statuses and latest and latest.get("state") == "INACTIVE" and statuses["totalCount"] > PAGE)


def _too_many(client: GitHubClient, about: str) -> SourceError:
    saw = Message("an inactive deployment has more than {most} statuses", most=PAGE)
    advice = "Leave `conclusion`, `ended` and `duration_hours` out."
    return SourceError(client.faults.doing(about), saw, effect=EFFECT, advice=advice)
