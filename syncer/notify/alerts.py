"""Alerts of a sync that failed: one per fault and recipient, and one when it has ended."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import LedgerError
from config.notify import Recipient
from connectors.messages import Message
from connectors.notify import send
from syncer.notify.deliver import Lost, recipients_of
from syncer.present.faults import Fault
from syncer.present.messages import alert, resolved
from syncer.run.workspace import Opened

if TYPE_CHECKING:
    from syncer.ledger.sent import OpenAlert, SentMessages


def send_alerts(opened: Opened, title: str, faults: Sequence[Fault], *, finished: bool) -> list[Lost]:
    """Alert each recipient of the faults that it was not alerted of yet, and of those that ended.

    Whether a fault has ended is known only of a run that `finished`. Without a ledger that can be written, every run
    alerts of its faults. Return what was not delivered.
    """
    recipients = recipients_of(opened, "alert")
    if not recipients or not (faults or finished):
        return []
    with ExitStack() as stack:
        sent = None
        with suppress(LedgerError):
            sent = stack.enter_context(opened.ledger(readonly=False)).sent
        sender = _Sender(opened, title, sent)
        return [lost for one in recipients for lost in sender.tell(*one, faults, finished=finished)]


@dataclass(frozen=True, slots=True)
class _Sender:
    """Sends alerts of one workspace, and records them in `sent`; None without a ledger."""

    opened: Opened
    title: str
    sent: "SentMessages | None"

    def tell(self, name: str, recipient: Recipient, faults: Sequence[Fault], *, finished: bool) -> list[Lost]:
        """Send one recipient what it was not sent yet."""
        lost, language = [], self.opened.language
        if new := [fault for fault in faults if self._claim(name, self._record(fault))]:
            message = alert(self.title, new, language)
            lost += self._deliver(name, recipient, message, lambda: self._forget(name, new))
        if ended := self._ended(name, [fault.key for fault in faults]) if finished else []:
            told = [(record.text, record.since.astimezone(self.opened.now.tzinfo)) for record in ended]
            message = resolved(self.title, told, language)
            lost += self._deliver(name, recipient, message, lambda: [self._claim(name, record) for record in ended])
        return lost

    def _record(self, fault: Fault) -> "OpenAlert":
        from syncer.ledger.sent import OpenAlert

        return OpenAlert(fault.key, fault.summary, self.opened.now)

    def _claim(self, name: str, record: "OpenAlert") -> bool:
        try:
            return self.sent is None or self.sent.claim_alert(self.opened.config.workspace.id, name, record)
        except LedgerError:
            return True

    def _forget(self, name: str, faults: Sequence[Fault]) -> None:
        if self.sent is not None:
            with suppress(LedgerError):
                self.sent.give_back_alerts(self.opened.config.workspace.id, name, [fault.key for fault in faults])

    def _ended(self, name: str, standing: Sequence[str]) -> "list[OpenAlert]":
        try:
            return self.sent.end_alerts(self.opened.config.workspace.id, name, standing) if self.sent else []
        except LedgerError:
            return []

    def _deliver(self, name: str, recipient: Recipient, message: Message, undo: Callable[[], object]) -> list[Lost]:
        failure = send(message, recipient, self.opened.context.policy)
        if failure is not None and not failure.uncertain:
            undo()
        return [Lost(name, failure)] if failure else []
