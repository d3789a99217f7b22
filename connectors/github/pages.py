"""Cursor pagination of GraphQL connections, with a check that the list is complete and did not change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT, HeavyError, NullError
from connectors.github.rows import Node, whole

PAGE = 100
"""Maximum number of nodes per page (GitHub, "Rate limits and query limits for the GraphQL API")."""
SEARCH_RESULTS = 1000
"""Maximum number of results that GitHub returns for one search, however many match."""
KIND = "rows"
_SMALLEST_PAGE = 20
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Paged:
    """A GraphQL connection to page through.

    Attributes:
        document: a query with the variables `$first` and `$after`.
        variables: its other variables.
        path: the keys from the answer's data down to the connection.
        total: name of the connection's own count, `totalCount` or `issueCount`.
        about: what is read, for messages.
        reachable: maximum number of nodes that paging returns; None for all.
        key: the field by which a node is known again.
        enough: whether no node after this one is wanted; None where all are.
    """

    document: str
    variables: Mapping[str, Any]
    path: tuple[str, ...]
    total: str
    about: str
    reachable: int | None = None
    key: str = "url"
    enough: Callable[[Node], bool] | None = None


@dataclass(slots=True)
class Listed:
    """Result of paging: the connection's own count, and the nodes by their key.

    Of a search that is too large, they are those of one page; where there were `enough`, those of the pages so far.
    `around` is what the connection belongs to, as the last page has it.
    """

    total: int
    nodes: dict[str, Node] = field(default_factory=dict)
    enough: bool = False
    around: Node = field(default_factory=dict)


def read_all(client: GitHubClient, paged: Paged) -> Listed:
    """Read a whole connection, each node once; read it again if it changed meanwhile. Raises SourceError."""
    listed = Listed(0)
    for _ in range(_ATTEMPTS):
        listed, steady = _walk(client, paged)
        too_large = paged.reachable is not None and listed.total > paged.reachable
        if too_large or (steady and (listed.enough or len(listed.nodes) == listed.total)):
            return listed
    raise SourceError(
        client.faults.doing(paged.about),
        Message(
            "{came} of {count} row was received",
            "{came} of {count} rows were received",
            came=len(listed.nodes),
            count=listed.total,
        ),
        effect=EFFECT,
        advice="The list kept changing, or holds what the token may not see. Run again; a narrower query is steadier.",
    )


def _walk(client: GitHubClient, paged: Paged) -> tuple[Listed, bool]:
    listed, after, size, steady = Listed(-1), None, PAGE, True
    while True:
        data, size = _page(client, paged, after, size)
        listed.around = _below(client, paged, data, paged.path[:-1])
        connection = _below(client, paged, data, paged.path)
        try:
            total = whole(connection[paged.total])
            nodes = [node for node in connection["nodes"] if node is not None]
            listed.nodes |= {str(node[paged.key]): node for node in nodes}
            listed.enough = (
                len(nodes) == len(connection["nodes"]) and paged.enough is not None and any(map(paged.enough, nodes))
            )
            more, cursor = connection["pageInfo"]["hasNextPage"], connection["pageInfo"]["endCursor"]
        except (KeyError, TypeError, ValueError) as exc:
            raise unexpected(client, paged.about, exc) from exc
        too_large = paged.reachable is not None and total > paged.reachable
        steady = steady and listed.total in (-1, total)
        # A cursor that does not move would be followed for ever.
        steady = steady and not (more and cursor in (None, after))
        listed.total, after = total, cursor
        if not more or not steady or too_large or listed.enough:
            return listed, steady


def _page(client: GitHubClient, paged: Paged, after: str | None, size: int) -> tuple[Node, int]:
    """Read one page, halving its size where it is too heavy; return its data and the size. Raises SourceError."""
    while True:
        variables: dict[str, Any] = {**paged.variables, "first": size, "after": after}
        reply = client.graphql(paged.document, variables, KIND, splittable=size > _SMALLEST_PAGE)
        if isinstance(reply, HeavyError):
            error: SourceError = reply
        elif reply.errors:
            error = client.faults.error_of(paged.about, reply.errors[0])
        else:
            return reply.data, size
        if not isinstance(error, HeavyError) or size <= _SMALLEST_PAGE:
            raise error
        size = max(size // 2, _SMALLEST_PAGE)


def _below(client: GitHubClient, paged: Paged, data: Node, path: Sequence[str]) -> Node:
    found: Any = data
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        saw, advice = Message("GitHub gave no answer"), client.faults.access_advice()
        raise NullError(client.faults.doing(paged.about), saw, effect=EFFECT, advice=advice)
    return found


def unexpected(client: GitHubClient, about: str, exc: Exception) -> SourceError:
    """Create the SourceError for an answer that is not as GitHub documents it."""
    saw = Message("the answer is not as documented ({kind}: {exc})", kind=type(exc).__name__, exc=exc)
    return SourceError(
        client.faults.doing(about),
        saw,
        effect=EFFECT,
        advice=Message("Check connections.{name}.url.", name=client.name),
    )
