"""Command-line parsing, shared options and translated `--help` for Typer commands."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from config.message import Message
from syncer.commands.screen import PLAIN, QUIET, await_json, say
from syncer.i18n import CURRENT_LANGUAGE, localize, translatable

if TYPE_CHECKING:
    from syncer.run.pipeline import RunReport


class Format(StrEnum):
    """Output format of a result."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class DataFormat(StrEnum):
    """Output format of a result that has no markdown form."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """When a run that ends exits 4: whenever it is not complete (`unknown`), or where something failed (`error`)."""

    UNKNOWN = "unknown"
    ERROR = "error"

    def counts(self, report: "RunReport") -> bool:
        """Return whether a run that is over exits 4."""
        return report.failed if self is FailOn.ERROR else not report.complete


ConfigPath = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="OKRSYNC_CONFIG", help="Config file (default: ./okrsync.yaml)."),
]
OutputFormat = Annotated[Format, typer.Option("--format", callback=await_json, help="Output format.")]
DataOutput = Annotated[DataFormat, typer.Option("--format", callback=await_json, help="Output format.")]
OutPath = Annotated[Path | None, typer.Option("--out", help="Write the output to this file.")]
FailOnOption = Annotated[
    FailOn,
    typer.Option(
        "--fail-on",
        help="When to exit with code 4. unknown: key results are unknown or in conflict; error: a source failed.",
    ),
]
LegendOption = Annotated[
    bool, typer.Option("--legend", help="Explain the marks of the plan (always on in a terminal).")
]
MovedOption = Annotated[bool, typer.Option("--moved", help="Accept another sheet, file or ledger than before.")]
RequestsOption = Annotated[bool, typer.Option("--requests", help="List the API requests planned and made.")]


def _hush(value: bool) -> bool:  # noqa: FBT001 - as Typer calls it
    QUIET.set(value)
    return value


def _plain(value: bool) -> bool:  # noqa: FBT001 - as Typer calls it
    PLAIN.set(value)
    return value


PlainOption = Annotated[
    bool, typer.Option("--plain", callback=_plain, help="Print plain text in a terminal, as to a file or pipe.")
]
"""For a parameter named `_plain`, which is unused: the option's callback sets `PLAIN`."""
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", callback=_hush, help="Hide progress.")]
"""For a parameter named `_quiet`, which is unused: the option's callback sets `QUIET`."""


_TYPES = {
    "<str>": "<text>",
    "<int range>": "<number>",
    "<float range>": "<number>",
    "<list[Path]>": "<path>",
    "<list[str]>": "<text>",
    "<%Y-%m-%d>": "<YYYY-MM-DD>",
}
"""What help says instead of Python's names of types."""

_DOUBLED = re.compile(r"\[(\[\w+\](?:\.\.\.)?)\](?:\.\.\.)?|\{(\w+(?:\.\.\.)?)\}(?:\.\.\.)?")
"""Brackets that Typer puts around an argument whose name says already whether it can be omitted."""

_OF_TYPER = (
    translatable("[OPTIONS]"),
    translatable("COMMAND [ARGS]..."),
    translatable("<path>"),
    translatable("<text>"),
    translatable("<number>"),
    translatable("Usage: "),
    translatable("Options:"),
    translatable("Arguments:"),
    translatable("Commands:"),
    translatable("[default: "),
    translatable("[env var:"),
    translatable("[required]"),
    translatable("Show this message and exit."),
)


class TranslatedCommand(TyperCommand):
    """A command whose help is translated."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line in the current language."""
        return _usage(super().collect_usage_pieces(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """Return `--help`, which prints as other output is printed."""
        return _with_our_output(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """Return the help in the current language."""
        _translate_help(self)
        _name_types(self, ctx)
        return _translate_typer_words(super().get_help(ctx))


class TranslatedGroup(TyperGroup):
    """A command group whose help is translated, with the list of its commands."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line in the current language."""
        return _usage(super().collect_usage_pieces(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """Return `--help`, which prints as other output is printed."""
        return _with_our_output(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """Return the help in the current language."""
        _translate_help(self)
        for command in self.commands.values():
            _translate_help(command)
        return _translate_typer_words(super().get_help(ctx))


def _with_our_output(option: Any) -> Any:
    if option is not None:
        option.callback = _say_help
    return option


def _say_help(ctx: Any, _option: Any, value: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if value and not ctx.resilient_parsing:
        say(ctx.get_help())
        ctx.exit()


def _translate_help(command: Any) -> None:
    """Replace the help texts of a command and its parameters with translations."""
    if CURRENT_LANGUAGE.get() == "en":
        return
    command.help = localize(CURRENT_LANGUAGE.get(), command.help or "")
    command.short_help = command.help.partition("\n")[0]
    command.epilog = localize(CURRENT_LANGUAGE.get(), command.epilog or "")
    for param in command.params:
        param.help = localize(CURRENT_LANGUAGE.get(), getattr(param, "help", None) or "")


def _usage(pieces: list[str]) -> list[str]:
    """Translate the parts of a usage line and remove doubled brackets."""
    plain = [_DOUBLED.sub(lambda found: found[1] or found[2], piece) for piece in pieces]
    return [localize(CURRENT_LANGUAGE.get(), piece) for piece in plain]


def _name_types(command: Any, ctx: Any) -> None:
    """Name the types of a command's options for people, before their columns are aligned."""
    for param in command.params:
        named = param.display_type(ctx) if hasattr(param, "display_type") else ""
        if param.metavar is None and param.param_type_name == "option" and named in _TYPES:
            param.metavar = _TYPES[named]


def _translate_typer_words(text: str) -> str:
    for name, better in _TYPES.items():
        text = text.replace(name, better.ljust(len(name)))
    for word in _OF_TYPER:
        text = text.replace(word, localize(CURRENT_LANGUAGE.get(), word))
    return text


CONFIG, CONFIGS = "config", "configs"


class WorkspaceCommand(TranslatedCommand):
    """A command that takes one config."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; refuse more than one config, of which the parser would silently take the last.

        Raises typer.BadParameter.
        """
        values, _, order = self.make_parser(ctx).parse_args(list(args))
        given = [param.name for param in order]
        if given.count(CONFIG) > 1 or (CONFIG in given and values.get(CONFIGS)):
            raise typer.BadParameter(_advice(ctx, several=CONFIGS in values), ctx=ctx, param_hint="'--config' / '-c'")
        return super().parse_args(ctx, args)


def _advice(ctx: Any, *, several: bool) -> str:
    if several:
        return Message("-c takes one config; write several as: okrsync {command} a.yaml b.yaml", command=ctx.info_name)
    return Message("one config only; run `okrsync {command}` once for each workspace", command=ctx.info_name)
