"""`notify`: send the weekly digest and reminders; alerts after a sync."""

from collections.abc import Sequence
from datetime import timedelta
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
    from syncer.notify.reminders import Reminder
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
    *,
    config: ConfigPath = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show the messages without sending them.")] = False,
    remind: Annotated[bool, typer.Option("--remind", help="Send only the reminders, not the digest.")] = False,
    _quiet: QuietOption = False,
) -> int:
    """Send the weekly digest, and remind owners whose check-in is due."""
    from syncer.run.workspace import open_workspace

    opened = open_workspace(config)
    seen = assess_workspace(opened)
    if not preview:
        _require_recipients(opened, remind=remind)
    failed = 0 if remind else _digest(opened, seen, preview=preview)
    failed += _remind(opened, seen, preview=preview, asked=remind)
    return 1 if failed else 0


def _require_recipients(opened: "Opened", *, remind: bool) -> None:
    from syncer.notify.deliver import recipients_of
    from syncer.notify.reminders import reminds

    if not reminds(opened.config) and (remind or not recipients_of(opened, "digest")):
        doing = "sending reminders" if remind else "sending the digest"
        saw = "the config maps no owner to an address" if remind else "the config has no recipient"
        advice = (
            "List owners and their addresses as `owners` of a recipient under `notify`, or look with --preview."
            if remind
            else "Describe a room or an address under `notify`, or look at it with --preview."
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


def _remind(opened: "Opened", seen: "Assessment", *, preview: bool, asked: bool) -> int:
    from syncer.notify.reminders import remind, reminders_of, reminds

    if not reminds(opened.config) and not asked:
        return 0
    with opened.ledger(readonly=True) as ledger:
        reminders = reminders_of(seen, ledger.sent.reminded(opened.config.workspace.id))
    language = opened.language
    if preview:
        _show(opened, reminders)
        return 0
    done = remind(opened, reminders)
    if done.sent:
        say(translate(language, "Reminded {names}.", names=join(language, done.sent)))
    if done.skipped:
        names = join(language, done.skipped)
        say(translate(language, "Reminded within the last 7 days already: {names}.", names=names))
    if not reminders:
        say(_nothing_due(opened))
    _name_unreachable(opened, reminders)
    return _report_lost(opened, done.lost, "reminder")


def _nothing_due(opened: "Opened") -> str:
    if opened.config.workspace.check_in is None:
        return translate(
            opened.language, "No check-ins are asked for: `check_in` in the config says how often they are due."
        )
    return translate(opened.language, "No check-in is due.")


def _show(opened: "Opened", reminders: "Sequence[Reminder]") -> None:
    """Show every reminder, and why one would not be sent."""
    language = opened.language
    for one in reminders:
        if not one.owner:
            continue
        name = one.recipient or translate(language, "no address")
        head = translate(language, "Reminder to {owner} ({name})", owner=one.owner, name=name)
        if one.last is not None and opened.now.date() - one.last < WEEK:
            head += translate(
                language, ", not sent before {day}: reminded on {last}", day=one.last + WEEK, last=one.last
            )
        say(f"\n--- {head}\n{one.message.text}")
    if not reminders:
        say("\n" + _nothing_due(opened))
    _name_unreachable(opened, reminders)


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
        say(translate(language, "No reminder was sent for {ids}: no owner is stated.", ids=ids), err=True)


def send_alerts(opened: "Opened", faults: "Sequence[Fault]", *, finished: bool) -> None:
    """Send alerts about the faults of a sync that are new, and about those that ended if it `finished`."""
    if opened.config.workspace.notify:
        from syncer.notify.alerts import send_alerts as send
        from syncer.sheet.open_sheet import sheet_name

        title = opened.config.workspace.title or sheet_name(opened.config)
        _report_lost(opened, send(opened, title, faults, finished=finished), "alert")


def _report_lost(opened: "Opened", lost: "Sequence[Lost]", kind: str) -> int:
    """Print each failed delivery to stderr; return their number."""
    for one in lost:
        text = _LOST["uncertain" if kind == "reminder" and one.failure.uncertain else kind]
        why = localize(opened.language, one.failure.why)
        say(translate(opened.language, text, name=one.recipient, owner=one.owner, why=why), err=True)
    return len(lost)
