"""How the last sync of each workspace ended, and which workspaces a fleet leaves out."""

from datetime import datetime

from sqlalchemy import Engine, delete, func, select

from config.dataclass import dataclass
from config.masking import mask
from config.message import packed, unpacked
from syncer.ledger.records import LastRun, Scope, SyncOutcome
from syncer.ledger.store import Place, faults, insert_of, writing
from syncer.ledger.tables import last_runs, pauses
from syncer.version import installed_version


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The last syncs and the pauses of all workspaces in a ledger. Every method raises LedgerError."""

    engine: Engine
    place: Place

    def record(self, run: LastRun) -> None:
        """Record how a sync ended; the last good one is kept when this one is not good."""
        good = run.at if run.outcome.is_good else None
        row = {
            "outcome": run.outcome.value,
            "at": run.at,
            "unknown": run.unknown,
            "why": mask(packed(run.why)),
            "version": installed_version(),
        }
        with writing(self.engine, self.place, "recording the end of a run in") as connection:
            added = insert_of(connection, last_runs).values(
                workspace=run.workspace, cycle=run.cycle, last_good=good, **row
            )
            kept = func.coalesce(added.excluded.last_good, last_runs.c.last_good)
            connection.execute(
                added.on_conflict_do_update(index_elements=["workspace", "cycle"], set_={**row, "last_good": kept})
            )

    def all(self) -> dict[Scope, LastRun]:
        """Return the last sync of every workspace and cycle."""
        with faults("reading the ledger", self.place), self.engine.connect() as connection:
            rows = connection.execute(select(last_runs)).mappings().all()
        found = [
            LastRun(**{**row, "outcome": SyncOutcome(row["outcome"]), "why": unpacked(row["why"])}) for row in rows
        ]
        return {run.scope: run for run in found}

    def pause(self, workspace: str, until: datetime | None) -> None:
        """Let a fleet leave a workspace out until an instant; None: until it is resumed."""
        with writing(self.engine, self.place, "pausing a workspace in") as connection:
            added = insert_of(connection, pauses).values(workspace=workspace, until=until)
            connection.execute(added.on_conflict_do_update(index_elements=["workspace"], set_={"until": until}))

    def resume(self, workspace: str) -> bool:
        """Take a workspace back into the fleet; False if it was not paused."""
        with writing(self.engine, self.place, "resuming a workspace in") as connection:
            return connection.execute(delete(pauses).where(pauses.c.workspace == workspace)).rowcount > 0

    def paused(self, now: datetime) -> dict[str, datetime | None]:
        """Return the workspaces that are paused at `now`, with the end of each pause."""
        holds = pauses.c.until.is_(None) | (pauses.c.until > now)
        with faults("reading the ledger", self.place), self.engine.connect() as connection:
            return {
                row["workspace"]: row["until"] for row in connection.execute(select(pauses).where(holds)).mappings()
            }
