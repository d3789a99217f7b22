"""The record of messages sent: who was reminded when, and which faults each recipient was alerted of.

A message is claimed before it is sent, by one statement, so that of two processes only one sends it.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, delete, select

from config.dataclass import dataclass
from config.masking import mask
from syncer.ledger.store import Place, faults, insert_of, writing
from syncer.ledger.tables import alerts, reminders

DAYS_BETWEEN = 7
"""Days between two reminders of one owner."""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A fault that a recipient was alerted of: its key, a line about it, and when it was first seen."""

    fault: str
    text: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SentMessages:
    """Reminders and alerts of all workspaces in a ledger. Every method raises LedgerError."""

    engine: Engine
    place: Place

    def reminded(self, workspace: str) -> dict[str, date]:
        """Return the day on which each owner was last reminded."""
        query = select(reminders.c.owner, reminders.c.day).where(reminders.c.workspace == workspace)
        with faults("reading the ledger", self.place), self.engine.connect() as connection:
            return {row["owner"]: row["day"] for row in connection.execute(query).mappings()}

    def claim_reminder(self, workspace: str, owner: str, today: date) -> bool:
        """Record that an owner is reminded today; False if it was within the last `DAYS_BETWEEN` days."""
        with writing(self.engine, self.place, "recording a reminder in") as connection:
            claim = insert_of(connection, reminders).values(workspace=workspace, owner=mask(owner), day=today)
            claim = claim.on_conflict_do_update(
                index_elements=["workspace", "owner"],
                set_={"day": today},
                where=reminders.c.day <= today - timedelta(days=DAYS_BETWEEN),
            )
            return connection.execute(claim.returning(reminders.c.owner)).first() is not None

    def give_back_reminder(self, workspace: str, owner: str) -> None:
        """Forget a reminder that certainly was not delivered."""
        mine = (reminders.c.workspace == workspace) & (reminders.c.owner == mask(owner))
        with writing(self.engine, self.place, "recording a reminder in") as connection:
            connection.execute(delete(reminders).where(mine))

    def claim_alert(self, workspace: str, recipient: str, alert: OpenAlert) -> bool:
        """Record that a recipient is alerted of a fault; False if it was before and the fault has not ended since."""
        row = {"workspace": workspace, "recipient": recipient, "fault": alert.fault, "since": alert.since}
        with writing(self.engine, self.place, "recording an alert in") as connection:
            claim = insert_of(connection, alerts).values(**row, text=mask(alert.text)).on_conflict_do_nothing()
            return connection.execute(claim.returning(alerts.c.fault)).first() is not None

    def end_alerts(self, workspace: str, recipient: str, standing: Collection[str]) -> list[OpenAlert]:
        """Forget a recipient's alerts of other faults than those that last; return them, oldest first."""
        ended = (alerts.c.workspace == workspace) & (alerts.c.recipient == recipient)
        ended &= alerts.c.fault.not_in(standing)
        with writing(self.engine, self.place, "recording an alert in") as connection:
            found = connection.execute(delete(alerts).where(ended).returning(alerts)).mappings().all()
        made = [OpenAlert(row["fault"], row["text"], row["since"]) for row in found]
        return sorted(made, key=lambda alert: (alert.since, alert.text))

    def give_back_alerts(self, workspace: str, recipient: str, lost: Collection[str]) -> None:
        """Forget alerts of these faults that certainly were not delivered."""
        mine = (alerts.c.workspace == workspace) & (alerts.c.recipient == recipient) & alerts.c.fault.in_(lost)
        with writing(self.engine, self.place, "recording an alert in") as connection:
            connection.execute(delete(alerts).where(mine))
