"""Open a workspace: the checked config, the clock, the request policy and the ledger; refuse to write closed cycles."""

import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from config.cycles import Cycle
from config.dataclass import dataclass
from config.errors import SheetError
from config.identity import has_server
from config.languages import Language
from config.loading.loader import Config, find_config, load_config
from config.loading.workspace_files import shown
from config.message import Message
from config.terms import ALONE, FLEET_VARIABLE, Terms
from connectors import registry
from connectors.http import ask_loopback_directly
from connectors.policy import retry_limits
from connectors.protocol import Row
from connectors.registry import Context
from syncer.i18n import CURRENT_LANGUAGE
from syncer.ledger.lock import workspace_lock
from syncer.quota.count_store import RunCounts
from syncer.quota.run_quota import quota_of
from syncer.run.clock import clock_now

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger

_LANGUAGE = re.compile(rb"""^language:[ \t]*["']?(en|zh-TW)\b""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Opened:
    """An open workspace. `now` is in its time zone."""

    config: Config
    context: Context
    now: datetime

    @property
    def language(self) -> str:
        """Language of all output."""
        return self.config.workspace.language

    def in_language(self, language: Language) -> "Opened":
        """Return the workspace with output in another language."""
        CURRENT_LANGUAGE.set(language)
        workspace = self.config.workspace.model_copy(update={"language": language})
        return replace(self, config=replace(self.config, workspace=workspace))

    def ledger(self, *, readonly: bool) -> "Ledger":
        """Open the ledger; with `readonly` it is never created."""
        from syncer.ledger.ledger import open_ledger

        return open_ledger(self.config.workspace.ledger, self.config.base_dir, readonly=readonly)

    @contextmanager
    def leased_ledger(self) -> "Iterator[Ledger]":
        """Open the ledger for a run that writes the sheet, which no other machine does meanwhile.

        Raises BusyError, LedgerError.
        """
        from syncer.ledger.records import Scope

        workspace = self.config.workspace
        with self.ledger(readonly=False) as ledger, ledger.leased(Scope(workspace.id, workspace.cycle.name)):
            yield ledger

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock the workspace: one run at a time on this machine. Raises BusyError if another run has the lock.

        Where its folder is read-only, the lease in a database does as well.
        """
        workspace = self.config.workspace
        folder, key = self.config.base_dir / ".okrsync", f"{workspace.id} {workspace.cycle.name}"
        with workspace_lock(folder, key, optional=has_server(workspace.ledger)):
            yield


def open_workspace(path: Path | None, *, secrets: bool = True, terms: Terms | None = None) -> Opened:
    """Find, load and check the config; `secrets=False` for commands without connections. Raises ConfigError.

    `terms` are those of the workspace's fleet; None to take them from the fleet that OKRSYNC_FLEET names.
    """
    config = load_in_its_language(find_config(path), secrets=secrets, terms=terms)
    ask_loopback_directly()
    zone = config.workspace.timezone
    context = Context(config.base_dir, retry_limits(config.workspace.limits))
    quota = quota_of(config)
    counts = RunCounts(quota.store, config.workspace.id) if quota else None
    context = replace(context, grants=config.terms.grants, quota=quota, counts=counts, pushed=partial(_pushed, config))
    return Opened(config, context, clock_now(zone))


def _pushed(config: Config, measure: str) -> list[Row]:
    from syncer.ledger.ledger import open_ledger
    from syncer.ledger.pushed import row_of

    with open_ledger(config.workspace.ledger, config.base_dir, readonly=True) as ledger:
        return [row_of(value) for value in ledger.pushed(config.workspace.id).of(measure)]


def load_in_its_language(path: Path, *, secrets: bool = True, terms: Terms | None = None) -> Config:
    """Load the config and report errors, also those of the config itself, in the config's language."""
    with suppress(OSError):
        if stated := _LANGUAGE.search(path.read_bytes()):
            CURRENT_LANGUAGE.set(stated[1].decode())
    terms = terms or _terms_by_variable(path)
    config = load_config(path, registry.tables, secrets=secrets, terms=terms)
    CURRENT_LANGUAGE.set(config.workspace.language)
    return config


def _terms_by_variable(path: Path) -> Terms:
    if not os.environ.get(FLEET_VARIABLE):
        return ALONE
    from config.fleet import terms_of

    return terms_of(path)


def cycles_of(config: Config) -> tuple[Cycle, ...]:
    """Return the workspace's own cycle and those of its objectives."""
    workspace = config.workspace
    return (workspace.cycle, *(workspace.cycle_of(key) for key in workspace.objectives))


def are_closed(cycles: Collection[Cycle]) -> bool:
    """Return whether there are cycles and all are closed."""
    return bool(cycles) and all(cycle.phase == "closed" for cycle in cycles)


def require_open(doing: str, cycles: Collection[Cycle]) -> None:
    """Check that at least one of these cycles is open. Raises SheetError if all are closed."""
    if are_closed(cycles):
        names = dict.fromkeys(cycle.name for cycle in cycles)
        raise SheetError(
            doing,
            Message("{names} is closed, and a closed cycle is never written again", names=list(names)),
            effect="Nothing was written.",
            advice="Sync the next cycle's config (`okrsync close --next FILE` drafts it), or set its phase to closing.",
        )


def succeeded(config: Config, now: datetime) -> SheetError | None:
    """Return why the sheet of a cycle that has ended is not synced: another config follows it; None if none does."""
    workspace = config.workspace
    cycle, after = workspace.cycle, workspace.followed_by
    if not after or now.date() <= cycle.last:
        return None
    return SheetError(
        Message("syncing {cycle}", cycle=cycle.name),
        Message("it ended on {last}, and {after} follows it", last=cycle.last, after=after),
        effect="Nothing was written.",
        advice=Message(
            "Sync the next cycle: okrsync sync -c {after}. Remove `followed_by` from {path} to go on with this one.",
            after=shown(config.base_dir / after),
            path=shown(config.path),
        ),
    )
