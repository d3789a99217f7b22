"""The help of commands, in the language of who reads it."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

from syncer.words import SPOKEN, mark, translated

_OF_TYPER = (
    mark("Usage: "),
    mark("Options:"),
    mark("Arguments:"),
    mark("Commands:"),
    mark("[default: "),
    mark("[env var:"),
    mark("[required]"),
    mark("Show this message and exit."),
)


class ToldCommand(TyperCommand):
    """A command whose help is translated."""

    def get_help(self, ctx: Any) -> str:
        """The help as it is shown."""
        _tell(self)
        return _told(super().get_help(ctx))


class ToldGroup(TyperGroup):
    """Commands whose overview is translated."""

    def get_help(self, ctx: Any) -> str:
        """The help as it is shown."""
        _tell(self)
        for command in self.commands.values():
            _tell(command)
        return _told(super().get_help(ctx))


def _tell(command: Any) -> None:
    """Put translations in the place of its texts."""
    if SPOKEN.get() == "en":
        return
    command.help = translated(SPOKEN.get(), command.help or "")
    command.short_help = command.help.partition("\n")[0]
    command.epilog = translated(SPOKEN.get(), command.epilog or "")
    for param in command.params:
        param.help = translated(SPOKEN.get(), getattr(param, "help", None) or "")


def _told(text: str) -> str:
    for word in _OF_TYPER:
        text = text.replace(word, translated(SPOKEN.get(), word))
    return text
