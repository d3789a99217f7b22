"""Take what a sync needs of its accounts' quota before it begins, so that it does not hold a worker while it waits."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from config.dataclass import dataclass
from config.loading.loader import Config
from connectors.accounts import CORE, GRAPHQL, READ, REQUESTS, Account, account_of
from connectors.google_sheets.links import spreadsheet_id
from syncer.quota.run_quota import Need, RunQuota
from syncer.run.workspace import Opened

_FIRST_REQUESTS = {
    "google_sheets": (READ,),
    "github": (GRAPHQL, CORE),
    "jira": (REQUESTS,),
    "gitlab": (REQUESTS,),
    "microsoft": (REQUESTS,),
    "http": (REQUESTS,),
    "prometheus": (REQUESTS,),
}
"""What the first requests to a service use."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A workspace whose sync may begin; or the seconds after which to ask again, and for which service's quota."""

    opened: Opened
    wait: float = 0.0
    service: str = ""


def admit(opened: Opened) -> Admission:
    """Take what a worker's sync needs at least: its reads of spreadsheets, and one request of each other account."""
    shared = opened.context.quota
    if not isinstance(shared, RunQuota):
        return Admission(opened)
    quota = RunQuota(shared.store, goes_first=False)
    wait, service = quota.take_before(_needs(opened.config))
    return Admission(replace(opened, context=replace(opened.context, quota=quota)), wait, service)


def _needs(config: Config) -> Iterator[Need]:
    """Yield what the requests of a sync need at least; several connections of one account add up."""
    weights: Counter[tuple[Account, str]] = Counter()
    for name, reads in _reads(config).items():
        account = account_of(config.workspace.connections.get(name), config.base_dir)
        for resource in _FIRST_REQUESTS.get(account.service, ()) if account else ():
            assert account is not None  # noqa: S101 - there is no resource without one
            weights[account, resource] = weights[account, resource] + reads if resource == READ else 1
    yield from (Need(account, resource, weight) for (account, resource), weight in weights.items())


def _reads(config: Config) -> dict[str, int]:
    """Return the spreadsheets that each connection reads, each in one request; 1 for other services."""
    read: defaultdict[str, set[str]] = defaultdict(set)
    for measure in config.measures.values():
        read[measure.connection].add(spreadsheet_id(measure.query_keys.get("spreadsheet", "")))
    sheet = config.workspace.okr_sheet
    found = {name: len(spreadsheets) for name, spreadsheets in read.items()}
    if sheet.connection:
        found[sheet.connection] = found.get(sheet.connection, 0) + 1
    return found
