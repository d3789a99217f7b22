"""`init`: a workspace from a template or from a sheet that people keep, or only the sheet of a config."""

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from config.errors import OkrsyncError
from config.message import Message
from config.suggest import did_you_mean
from syncer.commands.screen import say, write_out
from syncer.i18n import CURRENT_LANGUAGE, translate

if TYPE_CHECKING:
    from config.loading.loader import Config
    from connectors.microsoft.okr_sheet import OnlineWriter
    from syncer.commands.from_sheet import Wanted
    from syncer.make_sheet.proposal import Proposal

EXIT_WAITING = 5
TEMPLATE, TIMEZONE = "starter", "Asia/Taipei"


class Language(StrEnum):
    """Language of headers, statuses and messages."""

    EN = "en"
    ZH_TW = "zh-TW"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init", epilog="Example: okrsync init my-okrs --template sales --language zh-TW")(init)


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; created if missing.")] = Path(),
    *,
    template: Annotated[str, typer.Option(help="sales, marketing, customer_service ... (default: starter).")] = "",
    language: Annotated[
        Language | None, typer.Option(help="Language (default: en, or that of the sheet's headers).")
    ] = None,
    cycle: Annotated[str, typer.Option(help="A cycle such as 2026-Q4 (default: this quarter).")] = "",
    timezone: Annotated[str, typer.Option(help="Time zone for dates (default: Asia/Taipei).")] = "",
    from_sheet: Annotated[
        str,
        typer.Option(
            "--from-sheet",
            metavar="SHEET",
            help="Draft the config from a sheet you have: a Google Sheets address, or an .xlsx or .csv file.",
        ),
    ] = "",
    sheet: Annotated[
        bool,
        typer.Option(
            "--sheet", help="Only make the config's sheet, or add the ids, columns and lookups that it lacks."
        ),
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="With --sheet: config file (default: the one in the folder).")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write the draft, and add missing ids and columns, without prompting.")
    ] = False,
    replace_typed: Annotated[
        bool,
        typer.Option("--replace-typed", help="Also replace typed values by lookups, after saving them to a CSV."),
    ] = False,
) -> int:
    """Write a config from a template or a sheet you have, and its OKR sheet. Existing files are not overwritten."""
    if sheet:
        made = {"--template": template, "--language": language, "--cycle": cycle, "--timezone": timezone}
        _refuse({"--from-sheet": from_sheet, **made}, way="--sheet")
        return _init_sheet(folder, config, yes=yes, replace_typed=replace_typed)
    if config is not None:
        raise typer.BadParameter(Message("-c needs --sheet"))
    if language:
        CURRENT_LANGUAGE.set(language.value)
    cycle, timezone = _checked(cycle, timezone)
    if from_sheet:
        from syncer.commands.from_sheet import Wanted

        _refuse({"--template": template}, way="--from-sheet")
        wanted = Wanted(folder, from_sheet, cycle, timezone, language.value if language else None)
        return _init_from_sheet(wanted, yes=yes, replace_typed=replace_typed)
    if replace_typed:
        raise typer.BadParameter(Message("--replace-typed needs --sheet or --from-sheet"))
    return _init_from_template(folder, template or TEMPLATE, language or Language.EN, cycle=cycle, timezone=timezone)


def _refuse(options: Mapping[str, object], *, way: str) -> None:
    """Refuse the options that were given although `way` has no use for them. Raises typer.BadParameter."""
    for option, value in options.items():
        if value:
            raise typer.BadParameter(Message("{option} cannot be used with {way}", option=option, way=way))


def _init_from_template(folder: Path, template: str, language: Language, *, cycle: str, timezone: str) -> int:
    """Write the config and the data of a template, and make its sheet. Raises OkrsyncError."""
    from config.loading.workspace_files import DEFAULT, shown
    from config.scaffold import render, templates
    from syncer.make_sheet.new_sheet import make_local_sheet
    from syncer.run.workspace import load_in_its_language

    if template not in templates():
        raise OkrsyncError(
            Message("choosing the template '{template}'", template=template),
            Message("there is no template of that name{meant}", meant=did_you_mean(template, templates())),
            advice=Message("Choose one of {templates}.", templates=templates()),
        )
    _write_new(folder, render(template, language.value, folder=folder.resolve().name, cycle=cycle, timezone=timezone))
    loaded = load_in_its_language(folder / DEFAULT)
    say(shown(make_local_sheet(loaded)))
    return _say_next(loaded, folder / DEFAULT)


def _init_from_sheet(wanted: "Wanted", *, yes: bool, replace_typed: bool) -> int:
    """Draft a config from a sheet, and add what the sheet lacks. Raises OkrsyncError."""
    from config.loading.workspace_files import DEFAULT
    from syncer.commands.from_sheet import draft_from_sheet
    from syncer.run.workspace import load_in_its_language

    if not draft_from_sheet(wanted, yes=yes):
        return EXIT_WAITING
    loaded = load_in_its_language(wanted.folder / DEFAULT)
    _fit_or_make(loaded, yes=yes, replace_typed=replace_typed)
    return _say_next(loaded, wanted.folder / DEFAULT)


def _init_sheet(folder: Path, config: Path | None, *, yes: bool, replace_typed: bool) -> int:
    """Make the sheet of a config, or add what it lacks. Raises OkrsyncError."""
    from config.loading.loader import find_config
    from config.loading.workspace_files import DEFAULT, shown
    from syncer.make_sheet.new_sheet import make_local_sheet
    from syncer.run.workspace import load_in_its_language

    path = find_config(config or (None if folder == Path() else folder / DEFAULT))
    loaded = load_in_its_language(path)
    file = loaded.workspace.okr_sheet.file
    if file and not (loaded.base_dir / file).exists():
        say(shown(make_local_sheet(loaded)))
    elif not _fit_or_make(loaded, yes=yes, replace_typed=replace_typed):
        return EXIT_WAITING
    return _say_next(loaded, path)


def _say_next(loaded: "Config", path: Path) -> int:
    from config.loading.workspace_files import DEFAULT

    where = "" if path == Path(DEFAULT) else f" -c {path}"
    say(translate(loaded.workspace.language, "Next: okrsync dry-run") + where)
    return 0


def _fit_or_make(loaded: "Config", *, yes: bool, replace_typed: bool) -> bool:
    """Add missing ids, columns and lookups to an existing sheet after confirmation, or fill an empty Google tab.

    Returns False when the user did not confirm. Raises SheetError.
    """
    from connectors.registry import Context
    from syncer.make_sheet.adopt import write_proposal
    from syncer.make_sheet.missing_tabs import new_tabs
    from syncer.make_sheet.new_google_sheet import make_google_sheet
    from syncer.make_sheet.new_sheet import fill_online_workbook, make_local_sheet
    from syncer.make_sheet.proposal import propose, whole_image
    from syncer.make_sheet.proposal_text import new_sheet_lines, proposal_text
    from syncer.sheet.layout import no_known_headers
    from syncer.sheet.open_sheet import open_writer

    language = loaded.workspace.language
    sheet = loaded.workspace.okr_sheet
    is_google = sheet.has_own_tab
    writer = open_writer(loaded, Context(base_dir=loaded.base_dir))
    try:
        image = writer.read()
        proposal = propose(loaded, whole_image(loaded, image, writer))
        proposal = proposal if replace_typed else proposal.keeping()
        new_sheet = new_tabs(loaded, image) if is_google else None
        if proposal.complete:
            say(translate(language, "The OKR sheet has its ids, columns and lookups: nothing to add."))
            return True
        if proposal.unread:
            raise no_known_headers(proposal.unread[0], loaded.workspace.okr_sheet)
        if proposal.empty:
            if sheet.link:
                say(fill_online_workbook(loaded, cast("OnlineWriter", writer)))
            else:
                say(str(make_google_sheet(loaded, writer) if is_google else make_local_sheet(loaded)))
            return True
        if new_sheet:
            say(translate(language, "Tabs that would be made:"))
            say("\n".join(f"  {line}" for line in new_sheet_lines(new_sheet, language)))
        say(proposal_text(proposal, language))
        if not yes and not (sys.stdin.isatty() and typer.confirm(translate(language, "Write it?"))):
            say(translate(language, "Nothing was written. `okrsync init --sheet --yes` writes it without asking."))
            return False
        if proposal.replaced:
            say(_saved(loaded, proposal))
        write_proposal(loaded, writer, proposal)
        if new_sheet:
            make_google_sheet(loaded, writer)
        say(translate(language, "Written and verified."))
        return True
    finally:
        writer.close()


def _saved(loaded: "Config", proposal: "Proposal") -> str:
    """Save the values that lookups replace to a private CSV; return a message with its path."""
    from syncer.make_sheet.proposal_text import replaced_csv

    path = loaded.base_dir / f"okrsync-replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}.csv"
    write_out(path, replaced_csv(proposal), private=True)
    language = loaded.workspace.language
    return translate(language, "Saved what lookups replace: {path}", path=path)


def _this_quarter() -> str:
    """Return the quarter people live in, wherever they are."""
    today = date.today()  # noqa: DTZ011 - theirs, not that of the config's time zone
    return f"{today.year}-Q{(today.month + 2) // 3}"


def _checked(cycle: str, timezone: str) -> tuple[str, str]:
    """Check a cycle and a time zone, and fill in those left out. Raises OkrsyncError for an invalid one."""
    from config.cycles import parse_cycle
    from config.fields import parse_zone

    cycle, timezone = cycle or _this_quarter(), timezone or TIMEZONE
    try:
        parse_zone(timezone)
        parse_cycle(cycle)
    except ValueError as exc:
        advice = "Give --cycle and --timezone as in: okrsync init my-okrs --cycle 2026-Q4 --timezone Asia/Taipei"
        raise OkrsyncError("writing a new workspace", str(exc), effect="Nothing was written.", advice=advice) from exc
    return cycle, timezone


def _write_new(folder: Path, files: dict[str, str]) -> None:
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise OkrsyncError(
            Message("writing a new workspace to {folder}", folder=folder.resolve()),
            Message("already there: {taken}", taken=taken),
            effect="Nothing was written.",
            advice="Choose another folder: okrsync init my-okrs",
        )
    for name, text in files.items():
        write_out(folder / name, text, private=False, make_folder=True)
        say(str(folder / name))
