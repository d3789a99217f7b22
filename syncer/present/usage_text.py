"""Translate usage errors of Typer, whose messages are recognised by regular expressions."""

import re
from collections.abc import Mapping

import typer

from syncer.i18n import localize, translatable, translate

_INVALID = re.compile(r"Invalid value(?: for (?P<hint>.+?))?: (?:Value error, )?(?P<rest>.+)", re.DOTALL)
_FORMS: Mapping[str, str] = {
    r"No such option: (?P<name>\S+)": translatable("there is no option {name}"),
    r"No such option: (?P<name>\S+) \(Possible options: (?P<known>.+)\)": translatable(
        "there is no option {name}; there are {known}"
    ),
    r"No such command '(?P<name>.+)'\.": translatable("there is no command {name}"),
    r"Missing command\.": translatable("a command is missing"),
    r"Missing argument '(?P<name>.+?)'\.\s*": translatable("{name} is missing"),
    r"Missing option '(?P<name>.+?)'\.\s*": translatable("{name} is missing"),
    r"Missing argument '(?P<name>.+?)'\. Choose from:\s+(?P<known>.+)": translatable(
        "{name} is missing: one of {known}"
    ),
    r"Got unexpected extra argument\(s\) \((?P<text>.+)\)": translatable("this is too much: {text}"),
    r"Option '(?P<name>.+)' requires an argument\.": translatable("{name} needs a value"),
    r"Option '(?P<name>.+)' does not take a value\.": translatable("{name} takes no value"),
    r"'(?P<text>.*)' is not one of (?P<known>.+)\.": translatable("{text} is none of {known}"),
    r"'(?P<text>.*)' does not match the formats? '%Y-%m-%d'\.": translatable(
        "{text} is no date; write it as 2026-11-16"
    ),
    r"\w+ '(?P<path>.*)' does not exist\.": translatable("there is no {path}"),
}


def usage_text(error: typer.TyperException, language: str) -> str:
    """Format a usage error in a language: the command's usage, and what is wrong."""
    lines = []
    if (context := getattr(error, "ctx", None)) is not None:
        usage = context.get_usage().removeprefix("Usage: ")
        lines = [
            translate(language, "Usage: {usage}", usage=usage),
            translate(language, "Try '{command} -h' for help.", command=context.command_path),
            "",
        ]
    return "\n".join([*lines, translate(language, "Error: {message}", message=_message(error, language))])


def _message(error: typer.TyperException, language: str) -> str:
    text = error.format_message()
    invalid = _INVALID.fullmatch(text)
    if invalid is None:
        return _translate_usage(text, language)
    own = localize(language, error.message)
    what = own if own != error.message else _translate_usage(invalid["rest"], language)
    if invalid["hint"] is None:
        return what
    return translate(language, "{hint} is not right: {what}", hint=invalid["hint"].replace("'", ""), what=what)


def _translate_usage(text: str, language: str) -> str:
    for form, message in _FORMS.items():
        if found := re.fullmatch(form, text, re.DOTALL):
            values = {name: " ".join((value or "").split()) for name, value in found.groupdict().items()}
            return translate(language, message, **values)
    return text
