"""Alerts of syncs that failed: one per fault and recipient over the workspaces of a run, and one when it has ended."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import LedgerError
from config.notify import Recipient
from connectors.messages import Message
from connectors.notify import send
from syncer.notify.deliver import Lost, recipients_of
from syncer.present.faults import Fault
from syncer.present.messages import alert, resolved, resolved_together, shared_alert
from syncer.run.workspace import Opened

if TYPE_CHECKING:
    from syncer.ledger.sent import OpenAlert, SentMessages


@dataclass(frozen=True, slots=True)
class SyncedWorkspace:
    """A workspace of a run and its faults; whether a fault has ended is known only of a sync that `finished`."""

    opened: Opened
    title: str
    faults: Sequence[Fault]
    finished: bool


def send_alerts(runs: Sequence[SyncedWorkspace]) -> list[Lost]:
    """Alert each recipient of the faults that it was not alerted of yet, and of those that ended.

    A recipient that several workspaces state gets one message about a fault that they share. Without a ledger that can
    be written, every run alerts of its faults. Return what was not delivered.
    """
    with ExitStack() as stack:
        groups: list[tuple[Recipient, list[_Box]]] = []
        for run in runs:
            recipients = recipients_of(run.opened, "alert") if run.faults or run.finished else []
            sent = None
            if recipients:
                with suppress(LedgerError):
                    sent = stack.enter_context(run.opened.ledger(readonly=False)).sent
            for name, recipient in recipients:
                boxes = next((boxes for other, boxes in groups if other == recipient), None)
                if boxes is None:
                    groups.append((recipient, boxes := []))
                boxes.append(_Box(run, name, sent))
        return [lost for recipient, boxes in groups for lost in _Sender(recipient, boxes).send()]


@dataclass(frozen=True, slots=True)
class _Box:
    """The alerts of one workspace to one of its recipients, as recorded in `sent`; None without a ledger."""

    run: SyncedWorkspace
    name: str
    sent: "SentMessages | None"

    def claim(self, fault: Fault) -> bool:
        """Record that a fault is alerted of; False where it was already."""
        from syncer.ledger.sent import OpenAlert

        return self.restore(OpenAlert(fault.key, fault.summary, self.run.opened.now))

    def restore(self, record: "OpenAlert") -> bool:
        """Record an open alert; False where it is recorded already."""
        try:
            return self.sent is None or self.sent.claim_alert(self.run.opened.config.workspace.id, self.name, record)
        except LedgerError:
            return True

    def give_back(self, fault: Fault) -> None:
        """Forget an alert that was not delivered."""
        if self.sent is not None:
            with suppress(LedgerError):
                self.sent.give_back_alerts(self.run.opened.config.workspace.id, self.name, [fault.key])

    def ended(self) -> "list[OpenAlert]":
        """Forget and return the open alerts whose faults have ended."""
        if not self.run.finished or self.sent is None:
            return []
        try:
            keys = [fault.key for fault in self.run.faults]
            return self.sent.end_alerts(self.run.opened.config.workspace.id, self.name, keys)
        except LedgerError:
            return []


@dataclass(frozen=True, slots=True)
class _Sender:
    """Sends the alerts of a run's workspaces to one recipient."""

    recipient: Recipient
    boxes: Sequence[_Box]

    def send(self) -> Iterator[Lost]:
        """Send what is new and what has ended, and yield what was not delivered."""
        new = [(box, fault) for box in self.boxes for fault in box.run.faults if box.claim(fault)]
        shared: dict[str, list[tuple[_Box, Fault]]] = {}
        for box, fault in new:
            shared.setdefault(fault.cause, []).append((box, fault))
        together = {cause: found for cause, found in shared.items() if cause and len({id(box) for box, _ in found}) > 1}
        for found in together.values():
            titles = list(dict.fromkeys(box.run.title for box, _ in found))
            yield from self._deliver(shared_alert(titles, found[0][1], self._language), self._undo(found))
        for box in self.boxes:
            own = [fault for one, fault in new if one is box and fault.cause not in together]
            if own:
                message = alert(box.run.title, own, box.run.opened.language)
                yield from self._deliver(message, self._undo([(box, fault) for fault in own]))
        yield from self._resolve([(box, records) for box in self.boxes if (records := box.ended())])

    def _resolve(self, ended: "Sequence[tuple[_Box, Sequence[OpenAlert]]]") -> Iterator[Lost]:
        if not ended:
            return
        texts = {
            box.run.title: [(record.text, record.since.astimezone(box.run.opened.now.tzinfo)) for record in records]
            for box, records in ended
        }
        if len(texts) == 1:
            ((title, faults),) = texts.items()
            message = resolved(title, faults, self._language)
        else:
            message = resolved_together(texts, self._language)
        yield from self._deliver(message, lambda: [box.restore(one) for box, records in ended for one in records])

    @property
    def _language(self) -> str:
        return self.boxes[0].run.opened.language

    def _undo(self, found: Sequence[tuple[_Box, Fault]]) -> Callable[[], object]:
        def undo() -> None:
            for box, fault in found:
                box.give_back(fault)

        return undo

    def _deliver(self, message: Message, undo: Callable[[], object]) -> Iterator[Lost]:
        failure = send(message, self.recipient, self.boxes[0].run.opened.context.policy)
        if failure is not None:
            if not failure.uncertain:
                undo()
            yield Lost(self.boxes[0].name, failure)
