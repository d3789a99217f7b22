"""The workspaces that a fleet's workers sync, and when: read anew as soon as a config or the manifest changes."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.fleet import Fleet, find_fleet
from config.loading.workspace_files import shown
from config.message import Message
from config.secrets import UnsetSecretError
from config.suggest import did_you_mean
from syncer.fleet.members import Member, open_members
from syncer.ledger.records import Scope
from syncer.ledger.store import Place, find
from syncer.run.same_sheet import scope_of
from syncer.schedule.cron import Cron, last_time, parse_cron

_Signature = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The workspaces that have an id, by scope; those with an error, and the cron expressions of the others."""

    fleet: Fleet
    members: Mapping[Scope, Member]
    unusable: tuple[Member, ...]
    crons: Mapping[Scope, Cron]
    signature: _Signature

    def due(self, now: datetime) -> Iterator[tuple[Scope, datetime]]:
        """Yield each workspace with its last due time, moved by its share of the jitter."""
        for scope, cron in self.crons.items():
            opened = self.members[scope].opened
            if opened is not None:
                wait = timedelta(seconds=round(_share(scope) * self.fleet.manifest.jitter))
                yield scope, last_time(cron, now - wait, opened.config.workspace.timezone)


def database_of(fleet: Fleet) -> Place:
    """Return the database that the manifest names. Raises OkrsyncError if it names none."""
    reference = fleet.manifest.database
    if reference is None:
        raise _no_database(Message("the manifest has no `database`"))
    try:
        place = find(reference.reveal(), fleet.path.absolute().parent)
    except UnsetSecretError as error:
        raise _no_database(str(error)) from error
    if place.url is None:
        raise _no_database(Message("{reference} is not the address of a PostgreSQL database", reference=reference))
    return place


def _no_database(saw: str) -> OkrsyncError:
    return OkrsyncError(
        "opening the fleet's database",
        saw,
        effect="Nothing was read or written.",
        advice="Write `database: $OKRSYNC_DATABASE` in fleet.yaml, and postgresql://user@host/name in that variable.",
    )


def read_roster(given: Path | None, before: Roster | None = None) -> Roster:
    """Read the fleet; returns `before` if no file has changed since. Raises OkrsyncError."""
    fleet = find_fleet(given)
    signature = (fleet.manifest, *((file, *_stamp(file)) for file in fleet.configs))
    if before is not None and before.signature == signature:
        return before
    place = database_of(fleet)
    members = [_with_its_ledger(one, place) for one in open_members(fleet.terms)]
    faulty_first = sorted(members, key=lambda one: one.error is None)  # so that they do not hide one with their id
    scopes = {_scope(one): one for one in faulty_first if one.id and (one.opened or one.card)}
    usable = {scope: one for scope, one in scopes.items() if one.opened and not one.error}
    crons = {scope: parse_cron(_cron(fleet, scope)) for scope in usable}
    unknown = [name for name in fleet.manifest.schedules if name not in {scope.workspace for scope in scopes}]
    if unknown:
        raise OkrsyncError(
            "reading the schedules of the fleet",
            Message(
                "there is no workspace '{name}'{meant}",
                name=unknown[0],
                meant=did_you_mean(unknown[0], [scope.workspace for scope in scopes]),
            ),
            effect="Nothing was read or written.",
        )
    return Roster(fleet, scopes, tuple(one for one in members if one.error), crons, signature)


def _scope(member: Member) -> Scope:
    if member.opened:
        return scope_of(member.opened.config)
    assert member.card is not None  # noqa: S101 - only members with either are asked
    return Scope(member.card.id, member.card.cycle)


def _cron(fleet: Fleet, scope: Scope) -> str:
    return fleet.manifest.schedules.get(scope.workspace, fleet.manifest.schedule)


def _with_its_ledger(member: Member, place: Place) -> Member:
    """Refuse a workspace whose ledger is not the fleet's database: other machines would not know what it did."""
    if member.error or member.opened is None:
        return member
    config = member.opened.config
    try:
        found = find(config.workspace.ledger, config.base_dir)
    except OkrsyncError as error:
        return replace(member, error=error)
    if _same(found, place):
        return member
    return replace(
        member,
        error=OkrsyncError(
            Message("adding {file} to the fleet", file=shown(member.file)),
            "its ledger is not the fleet's database, so other machines would not know what it wrote",
            effect="This workspace was skipped; the others were not affected.",
            advice="Add to its config the reference of the fleet's database: ledger: $OKRSYNC_DATABASE",
        ),
    )


def _same(one: Place, other: Place) -> bool:
    if one.url is None or other.url is None:
        return False
    return one.url.set(drivername="postgresql") == other.url.set(drivername="postgresql")


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _share(scope: Scope) -> float:
    """Return a number from 0 to 1 that is always the same for a workspace and differs between workspaces."""
    return int.from_bytes(hashlib.sha256(" ".join(scope).encode()).digest()[:4]) / 0xFFFFFFFF
