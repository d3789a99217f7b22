"""`backfill`: compute past days again; `end_of_day` for all commands that take a past day."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

import typer

from config.errors import OkrsyncError
from config.message import Message
from syncer.commands.command_line import ConfigPath, QuietOption
from syncer.commands.screen import activity
from syncer.i18n import translatable


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backfill", epilog="Example: okrsync backfill KR1 --from 2026-10-01")(backfill)


def end_of_day(day: date, now: datetime) -> datetime:
    """Return the last millisecond of a day in the time zone of `now`; for today, `now`.

    Raises OkrsyncError for a future day.
    """
    if day > now.date():
        raise OkrsyncError(
            Message("looking at {day}", day=day),
            Message("it is still to come: today is {date}", date=now.date()),
            advice="Name a day of the past.",
        )
    end = datetime.combine(day, time(23, 59, 59, 999_000), now.tzinfo)
    return min(end, now)


def backfill(
    key: Annotated[str, typer.Argument(metavar="KR", help="A key result of the config.")],
    *,
    from_: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; left out: yesterday.")
    ] = None,
    config: ConfigPath = None,
    _quiet: QuietOption = False,
) -> int:
    """Compute past days of a key result again, by queries that hold {as_of}, and record them as such."""
    from syncer.present.history_text import backfill_text
    from syncer.run.backfill import Span, require_past
    from syncer.run.backfill import backfill as fill
    from syncer.run.workspace import open_workspace
    from syncer.sheet.open_sheet import open_reader

    opened = open_workspace(config)
    require_past(opened.config, key)
    last = end_of_day(to.date() if to else opened.now.date() - timedelta(days=1), opened.now)
    first = end_of_day(from_.date(), opened.now)
    reader = open_reader(opened.config, opened.context)
    try:
        reading = activity(opened, translatable("reading"))
        with opened.alone(), opened.ledger(readonly=False) as ledger, reading:
            done = fill(opened.config, reader, opened.context, ledger, key, Span(first, last, opened.now))
    finally:
        reader.close()
    typer.echo(backfill_text(done, opened.language), nl=False)
    return 0 if done.complete else 4
