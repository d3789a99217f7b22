"""`init --from-sheet`: a config drafted from a sheet that people keep."""

import os
import sys
from pathlib import Path

import typer

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.identity import NAMELESS, new_workspace_id
from config.languages import Language
from config.loading.workspace_files import DEFAULT
from config.message import Message
from config.yaml_scalar import yaml_scalar
from syncer.commands.screen import say, write_out
from syncer.i18n import CURRENT_LANGUAGE, translate
from syncer.sheet.place import KEY_VARIABLE, SheetPlace, parse_place, read_place


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says about the draft; `language` None: that of the headers."""

    folder: Path
    sheet: str
    cycle: str
    timezone: str
    language: Language | None


def draft_from_sheet(wanted: Wanted, *, yes: bool) -> bool:
    """Draft a config, show it, and write it after confirmation; return whether it was written.

    Raises OkrsyncError: the config exists, or the sheet cannot be read or holds no OKRs.
    """
    from connectors.http import ask_loopback_directly
    from connectors.registry import Context
    from syncer.draft.read import draft_config
    from syncer.present.draft_text import draft_text
    from syncer.present.draft_yaml import DraftSettings, draft_yaml

    path = wanted.folder / DEFAULT
    if path.exists():
        raise OkrsyncError(
            Message("drafting {path}", path=path),
            Message("already there: {taken}", taken=[DEFAULT]),
            effect="Nothing was written.",
            advice="Choose another folder: okrsync init my-okrs --from-sheet SHEET",
        )
    place = parse_place(wanted.sheet)
    ask_loopback_directly()
    image = read_place(place, Context(base_dir=wanted.folder))
    draft = draft_config(image, wanted.language)
    if draft is None:
        raise _no_okrs(wanted.sheet, list(image.tabs))
    CURRENT_LANGUAGE.set(draft.language)
    settings = DraftSettings(
        _workspace(wanted.folder),
        wanted.cycle,
        wanted.timezone,
        _connection(place),
        _sheet(place, wanted.folder),
        image.title,
    )
    text = draft_yaml(draft, settings)
    say(draft_text(draft, text, str(path)))
    if not yes and not (sys.stdin.isatty() and typer.confirm(translate(draft.language, "Write it?"))):
        say(translate(draft.language, "Nothing was written. With --yes it is written without asking."))
        return False
    write_out(path, text, private=False, make_folder=True)
    say(translate(draft.language, "Written: {path}", path=path))
    return True


def _no_okrs(sheet: str, tabs: list[str]) -> OkrsyncError:
    return OkrsyncError(
        Message("drafting a config from {sheet}", sheet=sheet),
        Message("no tab has a row of headers such as Objective, Key result, Owner and Target ({tabs})", tabs=tabs),
        effect="Nothing was written.",
        advice="Put such headers, in English or 繁體中文, in one of the first 30 rows.",
    )


def _connection(place: SheetPlace) -> list[str]:
    if place.file is not None:
        return []
    lines = [f"{place.connection_name}:", *(f"  {name}: {value}" for name, value in place.connection().items())]
    if not place.link and "service_account" not in place.connection():
        lines.append(f"  # service_account: ${KEY_VARIABLE}")
    return lines


def _workspace(folder: Path) -> list[str]:
    name = folder.resolve().name
    return [f"id: {new_workspace_id(name)}", f"name: {yaml_scalar(name or NAMELESS)}"]


def _sheet(place: SheetPlace, folder: Path) -> list[str]:
    if place.link:
        return [f"connection: {place.connection_name}", f"link: {yaml_scalar(place.link)}"]
    if place.file is None:
        return [f"connection: {place.connection_name}", f"spreadsheet: {yaml_scalar(place.spreadsheet)}"]
    return [f"file: {yaml_scalar(Path(os.path.relpath(place.file.resolve(), folder.resolve())).as_posix())}"]
