"""Reminders to owners whose check-in is due or whose number went stale, at most once in seven days each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from config.loading.loader import Config
from config.notify import Recipient, owner_key
from connectors.messages import Message
from connectors.notify import send
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.method.status import Status
from syncer.notify.deliver import Lost
from syncer.present.messages import reminder
from syncer.run.workspace import Opened


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder to one owner.

    Attributes:
        owner: the name as the key results state it; empty for those without an owner.
        states: the owner's key results that wait for a check-in, in config order.
        recipient: the name of the recipient in the config that states the owner's address; empty if none does.
        last: the day of the last reminder; None before any.
    """

    owner: str
    states: tuple[KeyResultState, ...]
    message: Message
    recipient: str = ""
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Reminded:
    """What became of the reminders: owners reminded, those who were within the last days, and what was lost."""

    sent: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)


def reminds(config: Config) -> bool:
    """Whether the config states the address of any owner."""
    return any(recipient.people for recipient in config.workspace.notify.values())


def reminders_of(seen: Assessment, last: Mapping[str, date]) -> list[Reminder]:
    """Group the key results that wait for a check-in by owner, in config order; cycles that are not open are left out.

    `last` are the days of earlier reminders by `owner_key`.
    """
    found: dict[str, list[KeyResultState]] = {}
    for state in seen.key_results:
        waits = state.due_since is not None or state.effective is Status.STALE
        if waits and not state.dropped and state.definition.cycle.phase in ("running", "closing"):
            found.setdefault(owner_key(state.definition.owner), []).append(state)
    made = []
    for key, states in found.items():
        owner = " ".join(states[0].definition.owner.split())
        message = reminder(seen, owner, states)
        made.append(Reminder(owner, tuple(states), message, _recipient_of(seen.config, owner), last.get(key)))
    return made


def _recipient_of(config: Config, owner: str) -> str:
    stated = config.workspace.notify.items()
    return next((name for name, recipient in stated if owner and recipient.name_of(owner)), "")


def remind(opened: Opened, reminders: list[Reminder]) -> Reminded:
    """Send the reminders of owners with an address; each is claimed in the ledger first. Raises LedgerError."""
    done, workspace = Reminded(), opened.config.workspace
    wanted = [one for one in reminders if one.recipient]
    if not wanted:
        return done
    with opened.ledger(readonly=False) as ledger:
        for one in wanted:
            key = owner_key(one.owner)
            if not ledger.sent.claim_reminder(workspace.id, key, opened.now.date()):
                done.skipped.append(one.owner)
                continue
            recipient: Recipient = workspace.notify[one.recipient]
            failure = send(one.message, recipient, opened.context.policy, recipient.name_of(one.owner))
            if failure is None:
                done.sent.append(one.owner)
                continue
            if not failure.uncertain:
                ledger.sent.give_back_reminder(workspace.id, key)
            done.lost.append(Lost(one.recipient, failure, one.owner))
    return done
