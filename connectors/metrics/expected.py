"""How many requests an endpoint of metrics will be sent."""

from collections.abc import Sequence

from config.models import MetricsConnection
from connectors.expected import Expected, counted
from connectors.metrics.connector import target_of
from connectors.protocol import Read


def expected(_connection: MetricsConnection, reads: Sequence[Read]) -> list[Expected]:
    """One for each distinct address, and one for each distinct query."""
    targets = {(read.table, target_of(read)) for read in reads}
    addresses = sum(table == "json" for table, _ in targets)
    return counted(("json", addresses, True), ("query", len(targets) - addresses, True))
