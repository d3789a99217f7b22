"""How many requests a Jira site will be sent."""

from collections.abc import Sequence

from config.models import JiraConnection
from config.placeholders import used
from connectors.expected import Expected, counted
from connectors.jira.columns import needs_history
from connectors.protocol import Read


def expected(connection: JiraConnection, reads: Sequence[Read]) -> list[Expected]:
    """Pages of 5,000 ids, of as many rows as the site gives, histories of 1,000 issues (on Data Center with the rows).

    Not foreseen: a walk of ids beside a long list, and the list of statuses where the issues show too few.
    """
    counts = sum(read.count_only for read in reads)
    rows = [read for read in reads if not read.count_only]
    histories = sum(needs_history(read.columns, connection.fields) for read in rows)
    sprint = "sprint" not in connection.fields and any("sprint" in map(str.lower, read.columns) for read in rows)
    dated = any(used(read.query["jql"]) for read in reads)
    if connection.is_cloud:
        kinds = [("id walk", counts, False), ("rows", len(rows), False), ("history", histories, False)]
    else:
        kinds = [("count", counts, True), ("rows", len(rows), False), ("account", int(dated), True)]
    return counted(*kinds, ("fields", int(sprint), True))
