"""`notify`: send the weekly digest; alerts after a failed sync."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import OkrsyncError
from syncer.commands.command_line import ConfigPath, QuietOption
from syncer.commands.look import assess_workspace
from syncer.commands.screen import say
from syncer.i18n import localize, translatable, translate

if TYPE_CHECKING:
    from connectors.notify import Message
    from syncer.run.workspace import Opened

WEEK = timedelta(days=7)

_LOST = {
    "digest": translatable("notify '{name}': the digest was not delivered ({why}). The sheet is not affected."),
    "alert": translatable("notify '{name}': the alert was not delivered ({why}). The sheet is not affected."),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("notify", epilog="Example: okrsync notify --preview")(notify)


def notify(
    *,
    config: ConfigPath = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show the message; send nothing.")] = False,
    _quiet: QuietOption = False,
) -> int:
    """Send the digest: what moved, what is at risk, who is asked for a word."""
    from syncer.present.messages import digest
    from syncer.run.same_sheet import scope_of
    from syncer.run.workspace import open_workspace

    opened = open_workspace(config)
    seen = assess_workspace(opened)
    with opened.ledger(readonly=True) as ledger:
        before = ledger.values_at(scope_of(opened.config), (opened.now - WEEK).date())
    message = digest(seen, before)
    if preview:
        say(message.text)
        return 0
    if not opened.config.workspace.notify:
        raise OkrsyncError(
            "sending the digest",
            "the config names nobody to send it to",
            advice="Describe a room or an address under `notify`, or look at it with --preview.",
        )
    return 1 if send_all(opened, message, "digest") else 0


def alert_about(opened: "Opened", reasons: Sequence[str]) -> None:
    """Send an alert about a failed sync to all recipients with `alert` in `when`; nothing without reasons."""
    if reasons and opened.config.workspace.notify:
        from syncer.present.messages import alert
        from syncer.sheet.open_sheet import sheet_name

        message = alert(
            opened.config.workspace.title or sheet_name(opened.config), list(dict.fromkeys(reasons)), opened.language
        )
        send_all(opened, message, "alert")


def send_all(opened: "Opened", message: "Message", kind: str) -> int:
    """Send a message to all recipients with `kind` (digest or alert) in `when`; return the number of failed deliveries.

    Each failed delivery is logged to stderr.
    """
    from connectors.notify import send

    failed = 0
    for name, recipient in opened.config.workspace.notify.items():
        if kind in recipient.when and (why := send(message, recipient, opened.context.policy)):
            failed += 1
            say(translate(opened.language, _LOST[kind], name=name, why=localize(opened.language, why)), err=True)
    return failed
