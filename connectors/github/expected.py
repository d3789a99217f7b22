"""How many requests GitHub will be sent."""

from collections.abc import Sequence

from config.models import GitHubConnection
from connectors.expected import Expected, counted
from connectors.github.asked import Asked, asked_of
from connectors.github.graphql import ALIASES, filled
from connectors.github.source import weight
from connectors.protocol import Read


def expected(connection: GitHubConnection, reads: Sequence[Read]) -> list[Expected]:
    """50 light questions a GraphQL request, at least one for each list and each repository's workflow runs.

    Whether a search's repository can be read is asked along where there is room, else where a count needs it.
    """
    asked = [one for read in reads if (one := _asked(read, connection)) is not None]
    batches = filled([one for one in asked if one.by_question], weight)
    counts = sum(any(one.read.count_only for one in batch) for batch in batches)
    lists = [one for one in asked if not one.by_question]
    runs = [one for one in lists if not one.search]
    names = {name for one in asked if one.search for name in one.repositories}
    room = ALIASES - sum(map(weight, batches[-1])) if batches else 0
    exact = len(names) <= room or not names
    return counted(
        ("counts", counts, exact),
        ("repositories", len(batches) - counts, exact),
        ("rows", len(lists) - len(runs), False),
        ("workflow runs", sum(len(one.repositories) for one in runs), False),
    )


def _asked(read: Read, connection: GitHubConnection) -> Asked | None:
    try:
        return asked_of(read, connection.url)
    except ValueError:
        return None  # it will be an error of its own, and nothing is sent for it
