"""Counts that workspaces on one account ask once: the others take the answer, for a minute."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol

from config.dataclass import dataclass
from config.message import Message, packed, unpacked
from config.placeholders import NAMES, used
from connectors.accounts import Account
from connectors.protocol import Read, ReadError, Reading, RowStore, Source, zone_of

_LONGEST_WAIT_SECONDS = 10.0
"""How long another workspace's answer is waited for before this one asks as well."""
_AGAIN_SECONDS = 0.1
_MOST_IDS = 5000
"""Most keys of counted rows that are kept with a count, so that what came and went is known of it, too."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A count as it is kept: the workspace for which it was asked, and the reading."""

    workspace: str
    reading: str


class CountStore(Protocol):
    """Counts of an account by the digest of their query, for one workspace's run. Thread-safe."""

    def find(self, account: Account, queries: Sequence[str]) -> Mapping[str, Counted]:
        """Return the counts that other workspaces got within a minute."""

    def claim(self, account: Account, queries: Sequence[str]) -> frozenset[str]:
        """Return those that this workspace is to ask, since no other does."""

    def keep(self, account: Account, readings: Mapping[str, str]) -> None:
        """Keep counts that this workspace got."""

    def release(self, account: Account, queries: Sequence[str]) -> None:
        """Let others ask what this workspace could not count."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """What a source's counts are shared by; `sleep` waits for the answers of other workspaces."""

    counts: CountStore
    account: Account
    sleep: Callable[[float], None]


def read_sharing(
    source: Source, reads: Sequence[Read], into: RowStore, sharing: Sharing
) -> Iterator[Reading | ReadError]:
    """Read a source, and take from other workspaces the counts that they got or are just getting."""
    counts, account = sharing.counts, sharing.account
    by_query = {digest(read): read for read in reads if read.count_only}
    alone = [read for read in reads if not read.count_only]
    alone += [read for read in reads if read.count_only and by_query[digest(read)] is not read]
    found = counts.find(account, sorted(by_query)) if by_query else {}
    missing = sorted(by_query.keys() - found.keys())
    mine = counts.claim(account, missing) if missing else frozenset[str]()
    yield from (_taken(by_query[query], one) for query, one in found.items())
    yield from _asked(source, [*alone, *(read for query, read in by_query.items() if query in mine)], into, sharing)
    awaited = [query for query in missing if query not in mine]
    until = monotonic() + _LONGEST_WAIT_SECONDS
    while awaited and monotonic() < until:
        came = counts.find(account, awaited)
        yield from (_taken(by_query[query], one) for query, one in came.items())
        awaited = [query for query in awaited if query not in came]
        if awaited:
            sharing.sleep(_AGAIN_SECONDS)
    yield from _asked(source, [by_query[query] for query in awaited], into, sharing)


def _asked(source: Source, reads: Sequence[Read], into: RowStore, sharing: Sharing) -> Iterator[Reading | ReadError]:
    """Ask the source, and let others have its counts as soon as all are there."""
    if not reads:
        return
    counts = {read.key: digest(read) for read in reads if read.count_only}
    came: dict[str, Reading] = {}
    left, kept = set(counts), False
    try:
        for answer in source.read(reads, into):
            if isinstance(answer, Reading) and answer.read.key in counts and _can_be_shared(answer):
                came[counts[answer.read.key]] = answer
            left.discard(answer.read.key)
            if not (left or kept):
                _keep(came, sharing)
                kept = True
            yield answer
    finally:
        if not kept:
            _keep(came, sharing)
        if unanswered := sorted(set(counts.values()) - came.keys()):
            sharing.counts.release(sharing.account, unanswered)


def _keep(came: dict[str, Reading], sharing: Sharing) -> None:
    """Let others have these counts."""
    if came:
        sharing.counts.keep(sharing.account, {query: _packed(reading) for query, reading in came.items()})


def digest(read: Read) -> str:
    """Return what identifies a query, with the instants of its placeholders."""
    texts = sorted(read.query.items())
    instants = {
        name: moment.astimezone(UTC).isoformat()
        for name, moment in read.instants.items()
        if name in NAMES and any(used(text, [name]) for _, text in texts)
    }
    zone = str(zone_of(read)) if instants else ""
    stated = json.dumps([read.table, texts, instants, zone], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(stated.encode()).hexdigest()


def _can_be_shared(reading: Reading) -> bool:
    return not reading.failed and len(reading.ids) <= _MOST_IDS


def _packed(reading: Reading) -> str:
    return json.dumps(
        {
            "count": reading.count,
            "read_at": reading.read_at.isoformat(),
            "asked": reading.asked,
            "ids": list(reading.ids),
            "link": reading.link,
            "notes": [packed(text) for text in reading.notes],
            "warnings": [packed(text) for text in reading.warnings],
        },
        ensure_ascii=False,
    )


def _taken(read: Read, one: Counted) -> Reading:
    """Return the reading of another workspace as the answer to this one's read."""
    data = json.loads(one.reading)
    read_at = datetime.fromisoformat(data["read_at"])
    note = Message(
        "counted {time} for workspace {workspace}",
        time=f"{read_at.astimezone(zone_of(read)):%H:%M}",
        workspace=one.workspace,
    )
    return Reading(
        read,
        data["count"],
        read_at,
        data["asked"],
        ids=tuple(data["ids"]),
        link=data["link"],
        notes=(*map(unpacked, data["notes"]), note),
        warnings=tuple(map(unpacked, data["warnings"])),
        shared=note,
    )
