"""Read the sub-issues of issues, which may be in other repositories than those."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.message import Message
from config.tables import Column
from connectors.github.client import GitHubClient
from connectors.github.graphql import Question
from connectors.github.pages import Paged, read_all, unexpected
from connectors.github.queries import Numbered
from connectors.github.rows import rows_of, selection, whole
from connectors.protocol import Row

_TABLE = "sub_issues"


def count_question(parent: Numbered) -> Question:
    """Ask for the number of sub-issues."""
    owner, _, name = parent.place.partition("/")
    # Not $owner: a missing issue is not explained by whether its repository is there.
    field = f"repository(owner:$login,name:$name){{issue(number:{parent.number}){{subIssues{{totalCount}}}}}}"
    return Question(field, {"login": owner, "name": name}, _about(parent))


def count_of(answer: Mapping[str, Any]) -> int:
    """Return the number in an answer to `count_question`. Raises KeyError or TypeError."""
    return whole(answer["issue"]["subIssues"]["totalCount"])


def read_sub_issues(client: GitHubClient, parent: Numbered, columns: Sequence[Column]) -> list[Row]:
    """Return all sub-issues of an issue. Raises SourceError."""
    owner, _, name = parent.place.partition("/")
    document = (
        "query($owner:String!,$name:String!,$number:Int!,$first:Int!,$after:String){repository(owner:$owner,name:$name)"
        "{issue(number:$number){subIssues(first:$first,after:$after){totalCount pageInfo{hasNextPage endCursor} "
        f"nodes{{{selection(_TABLE, columns, 'url')}}}}}}}}}}}"
    )
    variables = {"owner": owner, "name": name, "number": parent.number}
    about = _about(parent)
    listed = read_all(client, Paged(document, variables, ("repository", "issue", "subIssues"), "totalCount", about))
    try:
        return rows_of(_TABLE, columns, list(listed.nodes.values()))
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise unexpected(client, about, exc) from exc


def _about(parent: Numbered) -> str:
    return Message("sub-issues of {issue}", issue=f"{parent.place}#{parent.number}")
