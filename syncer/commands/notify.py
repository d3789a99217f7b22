"""`notify`: send the weekly digest and reminders; alerts after a sync."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import OkrsyncError
from syncer.commands.command_line import ConfigPath, QuietOption
from syncer.commands.look import assess_workspace
from syncer.commands.screen import say
from syncer.i18n import join, localize, translatable, translate

if TYPE_CHECKING:
    from syncer.compute.assess import Assessment
    from syncer.notify.deliver import Lost
    from syncer.notify.reminders import Remindable, Reminder
    from syncer.present.faults import Fault
    from syncer.run.workspace import Opened

WEEK = timedelta(days=7)

_LOST = {
    "digest": translatable("notify '{name}': the digest was not delivered ({why}). The sheet is not affected."),
    "alert": translatable("notify '{name}': the alert was not delivered ({why}). The sheet is not affected."),
    "reminder": translatable("notify '{name}': the reminder to {owner} was not delivered ({why})."),
    "uncertain": translatable(
        "notify '{name}': whether the reminder to {owner} arrived is not known ({why}). None is sent again this week."
    ),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("notify", epilog="Example: okrsync notify --preview")(notify)


def notify(
    configs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CONFIG]...", help="Config files; an owner gets one reminder over all workspaces."),
    ] = None,
    *,
    config: ConfigPath = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show the messages without sending them.")] = False,
    remind: Annotated[bool, typer.Option("--remind", help="Send only the reminders, not the digest.")] = False,
    _quiet: QuietOption = False,
) -> int:
    """Send the weekly digest, and remind owners whose check-in is due."""
    from syncer.notify.reminders import Remindable, reminders_of, reminds
    from syncer.run.workspace import open_workspace

    workspaces, failed = [], 0
    paths: list[Path | None] = [*configs] if configs else [config]
    for path in paths:
        opened = open_workspace(path)
        seen = assess_workspace(opened)
        if not preview:
            _require_recipients(opened, remind=remind)
        failed += 0 if remind else _digest(opened, seen, preview=preview)
        if reminds(opened.config) or remind:
            with opened.ledger(readonly=True) as ledger:
                last = ledger.sent.reminded(opened.config.workspace.id)
            workspaces.append(Remindable(opened, reminders_of(seen, last)))
    failed += _remind(workspaces, preview=preview) if workspaces else 0
    return 1 if failed else 0


def _require_recipients(opened: "Opened", *, remind: bool) -> None:
    from syncer.notify.deliver import recipients_of
    from syncer.notify.reminders import reminds

    if not reminds(opened.config) and (remind or not recipients_of(opened, "digest")):
        doing = "sending reminders" if remind else "sending the digest"
        saw = "the config maps no owner to an address" if remind else "the config has no recipient"
        advice = (
            "List owners and their addresses as `owners` of a recipient under `notify`, or use --preview to "
            "see the messages."
            if remind
            else "Add a room or an address under `notify`, or use --preview to see the message."
        )
        raise OkrsyncError(doing, saw, advice=advice)


def _digest(opened: "Opened", seen: "Assessment", *, preview: bool) -> int:
    from syncer.notify.deliver import send_digest
    from syncer.present.messages import digest
    from syncer.run.same_sheet import scope_of

    with opened.ledger(readonly=True) as ledger:
        before = ledger.values_at(scope_of(opened.config), (opened.now - WEEK).date())
    message = digest(seen, before)
    if preview:
        say(message.text)
        return 0
    sent, lost = send_digest(opened, message)
    if sent:
        say(translate(opened.language, "The digest was sent to {names}.", names=join(opened.language, sent)))
    return _report_lost(opened, lost, "digest")


def _remind(workspaces: "Sequence[Remindable]", *, preview: bool) -> int:
    from syncer.notify.reminders import remind

    first = workspaces[0].opened
    if preview:
        _show(workspaces)
        return 0
    done, language = remind(workspaces), first.language
    if done.sent:
        say(translate(language, "Reminded {names}.", names=join(language, done.sent)))
    if done.skipped:
        names = join(language, done.skipped)
        say(translate(language, "Reminded within the last 7 days already: {names}.", names=names))
    if not any(one.reminders for one in workspaces):
        say(_nothing_due(first))
    for one in workspaces:
        _name_unreachable(one.opened, one.reminders)
    return _report_lost(first, done.lost, "reminder")


def _nothing_due(opened: "Opened") -> str:
    if opened.config.workspace.check_in is None:
        return translate(
            opened.language, "No check-ins are configured: set how often they are due with `check_in` in the config."
        )
    return translate(opened.language, "No check-in is due.")


def _show(workspaces: "Sequence[Remindable]") -> None:
    """Show every reminder, and why one would not be sent."""
    from syncer.notify.reminders import message_of, together

    for group in together(workspaces):
        opened, first = group[0]
        language = opened.language
        head = translate(language, "Reminder to {owner} ({name})", owner=first.owner, name=first.recipient)
        recent = [each.last for _, each in group if each.last and opened.now.date() - each.last < WEEK]
        if len(recent) == len(group):
            last = min(recent)
            head += translate(language, ", not sent before {day}: reminded on {last}", day=last + WEEK, last=last)
        say(f"\n--- {head}\n{message_of(group).text}")
    for one in workspaces:
        language = one.opened.language
        for each in one.reminders:
            if each.owner and not each.recipient:
                name = translate(language, "no address")
                head = translate(language, "Reminder to {owner} ({name})", owner=each.owner, name=name)
                say(f"\n--- {head}\n{each.message.text}")
        _name_unreachable(one.opened, one.reminders)
    if not any(one.reminders for one in workspaces):
        say("\n" + _nothing_due(workspaces[0].opened))


def _name_unreachable(opened: "Opened", reminders: "Sequence[Reminder]") -> None:
    """Name the owners without an address, and the key results without an owner, once."""
    language = opened.language
    if unknown := [one.owner for one in reminders if one.owner and not one.recipient]:
        names = join(language, unknown)
        say(
            translate(language, "Not reminded, because `notify` has no address for them: {names}", names=names),
            err=True,
        )
    if orphans := [state.definition.id for one in reminders if not one.owner for state in one.states]:
        ids = join(language, orphans)
        say(translate(language, "No reminder was sent for {ids}: they have no owner.", ids=ids), err=True)


Synced = tuple["Opened", "Sequence[Fault]", bool]
"""A workspace, the faults of its sync, and whether the sync finished."""


def send_alerts(synced: Sequence[Synced]) -> None:
    """Send alerts about the faults of syncs that are new, and about those that ended in a sync that finished."""
    notifying = [one for one in synced if one[0].config.workspace.notify]
    if not notifying:
        return
    from syncer.notify.alerts import SyncedWorkspace
    from syncer.notify.alerts import send_alerts as send
    from syncer.sheet.open_sheet import sheet_name

    runs = [
        SyncedWorkspace(opened, opened.config.workspace.title or sheet_name(opened.config), faults, finished)
        for opened, faults, finished in notifying
    ]
    _report_lost(runs[0].opened, send(runs), "alert")


def _report_lost(opened: "Opened", lost: "Sequence[Lost]", kind: str) -> int:
    """Print each failed delivery to stderr; return their number."""
    for one in lost:
        text = _LOST["uncertain" if kind == "reminder" and one.failure.uncertain else kind]
        why = localize(opened.language, one.failure.why)
        say(translate(opened.language, text, name=one.recipient, owner=one.owner, why=why), err=True)
    return len(lost)
