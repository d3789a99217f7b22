"""Reminders to owners whose check-in is due or whose number went stale, at most once in seven days each."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import field
from datetime import date

from config.dataclass import dataclass
from config.loading.loader import Config
from config.notify import owner_key
from connectors.messages import Message
from connectors.notify import send
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.method.status import Status
from syncer.notify.deliver import Lost
from syncer.present.messages import reminder, reminder_together
from syncer.run.workspace import Opened


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder to one owner.

    Attributes:
        owner: the name as the key results state it; empty for those without an owner.
        states: the owner's key results that wait for a check-in, in config order.
        recipient: the name of the recipient in the config that states the owner's address; empty if none does.
        last: the day of the last reminder; None before any.
        title: the workspace's.
    """

    owner: str
    states: tuple[KeyResultState, ...]
    message: Message
    recipient: str = ""
    last: date | None = None
    title: str = ""


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
        recipient = _recipient_of(seen.config, owner)
        made.append(Reminder(owner, tuple(states), message, recipient, last.get(key), seen.title))
    return made


def _recipient_of(config: Config, owner: str) -> str:
    stated = config.workspace.notify.items()
    return next((name for name, recipient in stated if owner and recipient.name_of(owner)), "")


@dataclass(frozen=True, slots=True)
class Remindable:
    """The reminders of one workspace."""

    opened: Opened
    reminders: Sequence[Reminder]


Together = list[tuple[Opened, Reminder]]
"""Reminders to one owner at one address, of one or more workspaces."""


def together(workspaces: Sequence[Remindable]) -> list[Together]:
    """Group reminders by owner and address, in order; those without an address are left out."""
    groups: dict[tuple[str, ...], Together] = {}
    for one in workspaces:
        for each in one.reminders:
            if each.recipient:
                recipient = one.opened.config.workspace.notify[each.recipient]
                address = str(recipient.people[recipient.name_of(each.owner)])
                groups.setdefault((owner_key(each.owner), recipient.type, address), []).append((one.opened, each))
    return list(groups.values())


def message_of(group: Together) -> Message:
    """Return the message to one owner about the workspaces of a group."""
    if len(group) == 1:
        return group[0][1].message
    messages: dict[str, Message] = {}
    for opened, each in group:
        title = each.title if each.title not in messages else f"{each.title} ({opened.config.workspace.id})"
        messages[title] = each.message
    return reminder_together(messages, group[0][0].language)


def remind(workspaces: Sequence[Remindable]) -> Reminded:
    """Send the reminders of owners with an address, one message for each over all workspaces.

    Each is claimed in its workspace's ledger first. Raises LedgerError.
    """
    done = Reminded()
    with ExitStack() as stack:
        ledgers = {
            id(one.opened): stack.enter_context(one.opened.ledger(readonly=False)).sent
            for one in workspaces
            if any(each.recipient for each in one.reminders)
        }
        for group in together(workspaces):
            claimed = [
                (opened, each)
                for opened, each in group
                if ledgers[id(opened)].claim_reminder(
                    opened.config.workspace.id, owner_key(each.owner), opened.now.date()
                )
            ]
            opened, first = group[0]
            if not claimed:
                done.skipped.append(first.owner)
                continue
            recipient = opened.config.workspace.notify[first.recipient]
            failure = send(message_of(claimed), recipient, opened.context.policy, recipient.name_of(first.owner))
            if failure is None:
                done.sent.append(first.owner)
                continue
            if not failure.uncertain:
                for each_opened, each in claimed:
                    ledgers[id(each_opened)].give_back_reminder(each_opened.config.workspace.id, owner_key(each.owner))
            done.lost.append(Lost(first.recipient, failure, first.owner))
    return done
