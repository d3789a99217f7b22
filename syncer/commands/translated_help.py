"""Translated `--help` for Typer commands."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

from syncer.i18n import CURRENT_LANGUAGE, localize, translatable

_OF_TYPER = (
    translatable("Usage: "),
    translatable("Options:"),
    translatable("Arguments:"),
    translatable("Commands:"),
    translatable("[default: "),
    translatable("[env var:"),
    translatable("[required]"),
    translatable("Show this message and exit."),
)


class ToldCommand(TyperCommand):
    """A command whose help is translated."""

    def get_help(self, ctx: Any) -> str:
        """Return the help in the current language."""
        _tell(self)
        return _translate_typer_words(super().get_help(ctx))


class ToldGroup(TyperGroup):
    """A command group whose help is translated, with the list of its commands."""

    def get_help(self, ctx: Any) -> str:
        """Return the help in the current language."""
        _tell(self)
        for command in self.commands.values():
            _tell(command)
        return _translate_typer_words(super().get_help(ctx))


def _tell(command: Any) -> None:
    """Replace the help texts of a command and its parameters with translations."""
    if CURRENT_LANGUAGE.get() == "en":
        return
    command.help = localize(CURRENT_LANGUAGE.get(), command.help or "")
    command.short_help = command.help.partition("\n")[0]
    command.epilog = localize(CURRENT_LANGUAGE.get(), command.epilog or "")
    for param in command.params:
        param.help = localize(CURRENT_LANGUAGE.get(), getattr(param, "help", None) or "")


def _translate_typer_words(text: str) -> str:
    for word in _OF_TYPER:
        text = text.replace(word, localize(CURRENT_LANGUAGE.get(), word))
    return text
