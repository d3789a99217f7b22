"""`init`, `check`, `sources`: create and check a workspace, and list readable tables."""

import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BrokenTypeError, OkrsyncError
from config.message import Message
from config.suggest import did_you_mean
from syncer.commands.command_line import ConfigPath, DataFormat, DataOutput, QuietOption
from syncer.commands.screen import activity, echo_result, say, write_out
from syncer.i18n import CURRENT_LANGUAGE, translatable, translate
from syncer.present.error_text import error_text

if TYPE_CHECKING:
    from config.languages import Language as LanguageCode
    from config.loading.loader import Config
    from syncer.make_sheet.proposal import Proposal
    from syncer.run.read_and_assess import Tried
    from syncer.run.workspace import Opened

EXIT_INCOMPLETE, EXIT_WAITING = 4, 5


class Language(StrEnum):
    """Language of headers, statuses and messages."""

    EN = "en"
    ZH_TW = "zh-TW"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init", epilog="Example: okrsync init my-okrs --template sales --language zh-TW")(init)
    app.command("check", epilog="Example: okrsync check --online")(check)
    app.command("sources", epilog="Example: okrsync sources jira.issues")(sources)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if missing.")] = Path(),
    *,
    template: Annotated[str, typer.Option(help="starter, sales, marketing, customer_service ...")] = "starter",
    language: Annotated[
        Language | None, typer.Option(help="en or zh-TW; left out: en, or that of the headers of --from-sheet.")
    ] = None,
    cycle: Annotated[str, typer.Option(help="2026-Q4 ...; left out: the quarter of today.")] = "",
    timezone: Annotated[str, typer.Option(help="Where days begin.")] = "Asia/Taipei",
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
            "--sheet", help="Only the sheet of the config: made new, or given the ids, columns and lookups it lacks."
        ),
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="With --sheet: the config; left out: the one in the folder.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write without asking: the draft, and what a sheet lacks.")
    ] = False,
    replace_typed: Annotated[
        bool,
        typer.Option("--replace-typed", help="Put lookups over typed values too; these are saved to a CSV first."),
    ] = False,
) -> int:
    """Write a config from a template or a sheet you have, and its OKR sheet. Nothing that exists is overwritten."""
    from config.loading.loader import find_config
    from config.loading.workspace_files import shown
    from syncer.commands.from_sheet import CONFIG, Wanted, draft_from_sheet
    from syncer.make_sheet.new_sheet import make_local_sheet
    from syncer.run.workspace import load_in_its_language

    if language:
        CURRENT_LANGUAGE.set(language.value)
    path = folder / CONFIG
    if sheet:
        path = find_config(config or (None if folder == Path() else path))
    elif config is not None:
        raise typer.BadParameter(Message("-c goes with --sheet"))
    else:
        _require_valid(cycle, timezone)
        cycle = cycle or this_quarter()
    if from_sheet:
        wanted = Wanted(folder, from_sheet, cycle, timezone, language.value if language else None)
        if not draft_from_sheet(wanted, yes=yes):
            return EXIT_WAITING
    elif not sheet:
        _write_template(folder, template, (language or Language.EN).value, cycle=cycle, timezone=timezone)
    loaded = load_in_its_language(path)
    sheet_path = loaded.base_dir / (loaded.workspace.okr_sheet.file or "")
    if from_sheet:
        _fit_or_make(loaded, yes=yes, replace_typed=replace_typed)
    elif loaded.workspace.okr_sheet.file and not (sheet and sheet_path.exists()):
        say(shown(make_local_sheet(loaded)))
    elif sheet and not _fit_or_make(loaded, yes=yes, replace_typed=replace_typed):
        return EXIT_WAITING
    say(translate(loaded.workspace.language, "Next: okrsync dry-run") + _where(path))
    return 0


def _write_template(folder: Path, template: str, language: "LanguageCode", *, cycle: str, timezone: str) -> None:
    """Write the config and the data of a template. Raises OkrsyncError."""
    from config.scaffold import render, templates

    if template not in templates():
        raise OkrsyncError(
            Message("choosing the template '{template}'", template=template),
            Message("there is none of that name{meant}", meant=did_you_mean(template, templates())),
            advice=Message("Choose one of {templates}.", templates=templates()),
        )
    _write_new(folder, render(template, language, folder=folder.resolve().name, cycle=cycle, timezone=timezone))


def _fit_or_make(loaded: "Config", *, yes: bool, replace_typed: bool) -> bool:
    """Add missing ids, columns and lookups to an existing sheet after confirmation, or fill an empty Google tab.

    Returns False when the user did not confirm. Raises SheetError.
    """
    from connectors.registry import Context
    from syncer.make_sheet.adopt import write_proposal
    from syncer.make_sheet.new_google_sheet import make_google_sheet
    from syncer.make_sheet.new_sheet import make_local_sheet
    from syncer.make_sheet.proposal import propose, whole_image
    from syncer.make_sheet.proposal_text import proposal_text
    from syncer.sheet.layout import no_known_headers
    from syncer.sheet.open_sheet import open_writer

    language = loaded.workspace.language
    writer = open_writer(loaded, Context(base_dir=loaded.base_dir))
    try:
        proposal = propose(loaded, whole_image(loaded, writer.read()))
        proposal = proposal if replace_typed else proposal.keeping()
        if proposal.complete:
            say(translate(language, "The OKR sheet has its ids, columns and lookups: nothing to add."))
            return True
        if proposal.empty and proposal.unread:
            raise no_known_headers(proposal.unread[0], loaded.workspace.okr_sheet)
        if proposal.empty:
            made = make_local_sheet(loaded) if loaded.workspace.okr_sheet.file else make_google_sheet(loaded, writer)
            say(str(made))
            return True
        say(proposal_text(proposal, language))
        if not yes and not (sys.stdin.isatty() and typer.confirm(translate(language, "Write it?"))):
            say(translate(language, "Nothing was written. `okrsync init --sheet --yes` writes it without asking."))
            return False
        if proposal.replaced:
            say(_saved(loaded, proposal))
        write_proposal(loaded, writer, proposal)
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


def this_quarter() -> str:
    """Return the quarter people live in, wherever they are."""
    today = date.today()  # noqa: DTZ011 - theirs, not that of the config's time zone
    return f"{today.year}-Q{(today.month + 2) // 3}"


def _require_valid(cycle: str, timezone: str) -> None:
    """Check a cycle (may be empty) and a time zone. Raises OkrsyncError for an invalid one."""
    from config.cycles import parse_cycle
    from config.fields import parse_zone

    try:
        parse_zone(timezone)
        if cycle:
            parse_cycle(cycle)
    except ValueError as exc:
        advice = "Give --cycle and --timezone as in: okrsync init my-okrs --cycle 2026-Q4 --timezone Asia/Taipei"
        raise OkrsyncError("writing a new workspace", str(exc), effect="Nothing was written.", advice=advice) from exc


def _where(path: Path) -> str:
    return "" if path == Path("okrsync.yaml") else f" -c {path}"


def _write_new(folder: Path, files: dict[str, str]) -> None:
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise OkrsyncError(
            Message("writing a new workspace to {folder}", folder=folder.resolve()),
            Message("{taken} stands there already", taken=taken),
            effect="Nothing was written.",
            advice="Choose another folder: okrsync init my-okrs",
        )
    for name, text in files.items():
        write_out(folder / name, text, private=False, make_folder=True)
        say(str(folder / name))


def check(
    *,
    config: ConfigPath = None,
    format_: DataOutput = DataFormat.TEXT,
    online: Annotated[bool, typer.Option("--online", help="Also try every connection, query, tab and column.")] = False,
    _quiet: QuietOption = False,
) -> int:
    """Check the config; all problems at once, with file and line."""
    from config.secrets import exposed_secrets
    from syncer.present.check import check_json, check_text, exposed_text, online_text
    from syncer.run.workspace import open_workspace

    opened, as_text = open_workspace(config), format_ is DataFormat.TEXT
    exposed = exposed_secrets(opened.config.workspace, opened.config.base_dir)
    if as_text:
        say(check_text(opened.config), nl=False)
    for place, file in exposed:
        say(exposed_text(place, file, opened.language), err=True)
    seen = _try_all(opened) if online else None
    if seen and as_text:
        say(online_text(seen), nl=False)
    if seen and seen.sheet_error:
        raise seen.sheet_error
    if not as_text:
        echo_result(check_json(opened.config, exposed, seen))
    return EXIT_INCOMPLETE if seen and seen.incomplete else 0


def _try_all(opened: "Opened") -> "Tried":
    """Read all sources and the sheet."""
    from syncer.run.read_and_assess import try_all
    from syncer.sheet.open_sheet import open_reader

    with activity(opened, translatable("checking")):
        return try_all(opened.config, lambda: open_reader(opened.config, opened.context), opened.context, opened.now)


def sources(
    name: Annotated[str, typer.Argument(metavar="[TABLE]", help="Such as jira.issues; left out: all.")] = "",
    *,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Also show its configured columns.")] = None,
    format_: DataOutput = DataFormat.TEXT,
) -> int:
    """The tables that can be read, with their columns."""
    from connectors import registry
    from syncer.present.sources import Readable, sources_json, sources_text

    connections = {}
    if config is not None:
        from syncer.run.workspace import open_workspace

        connections = dict(open_workspace(config, secrets=False).config.workspace.connections)
    kinds: dict[str, Readable] = {}
    broken: dict[str, BrokenTypeError] = {}
    for kind in registry.types():
        try:
            kinds[kind] = Readable(registry.type_of(kind), registry.tables(kind))
        except BrokenTypeError as error:
            broken[kind] = error
    for key, connection in connections.items():
        kinds[key] = Readable(registry.type_of(connection.type), registry.tables(connection.type, connection))
    if name.partition(".")[0] in broken:
        raise broken[name.partition(".")[0]]
    names = [f"{kind}.{table}" for kind, readable in kinds.items() for table in readable.tables]
    if name and name not in names and name not in kinds:
        raise OkrsyncError(
            Message("describing '{name}'", name=name),
            Message("no such table{meant}", meant=did_you_mean(name, names)),
            advice="`okrsync sources` lists them.",
        )
    shown = {} if name else broken
    as_json = format_ is DataFormat.JSON
    echo_result(sources_json(kinds, name, shown.values()) if as_json else sources_text(kinds, name))
    for one in shown.values():
        say(f"\n{error_text(one, CURRENT_LANGUAGE.get())}", err=True)
    return 1 if shown else 0
